using NasGitOps.LabTests.Btrfs;
using Xunit.Abstractions;

namespace NasGitOps.LabTests.Faults;

/// <summary>SIGKILL right after a step was begun, one of every kind that the run has; then one pass must bring everything to its end.</summary>
[Trait("Category", "Integration")]
public sealed class KillsOnBtrfs(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly BtrfsHost host = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => host.DisposeAsync().AsTask();

    [BtrfsFact]
    public async Task Killed_in_a_step_of_every_kind_the_next_pass_converges_and_no_data_is_lost()
    {
        await host.MustApply(host.PoolManifest(), host.Dataset("data"));
        await host.Must($"cp -r /etc/ssl {host.Root}/data/ 2>/dev/null; echo precious >{host.Root}/data/f; btrfs subvolume create {host.Top}/foreign && echo theirs >{host.Top}/foreign/f");
        var data = await Data();
        var before = Journal().Count() - 1;
        await host.MustApply(Round(0));
        var steps = SampledKills.Begun(Journal().Skip(before));
        var sample = SampledKills.OfToday();
        var hit = new List<string>();
        await host.Commit(Round(4));
        foreach (var kind in steps.Select(SampledKills.KindOf).Distinct())
        {
            var from = Journal().Count() - 1;
            var nth = sample.Between(1, 2);
            await using var pass = RunningAgent.Start(host.At("agent.yaml"), "apply");
            while (pass.IsAlive && SampledKills.Begun(Journal().Skip(from)).Count(s => SampledKills.KindOf(s) == kind) < nth)
            {
            }

            if (!pass.IsAlive) continue;
            await pass.Kill();
            hit.Add($"{nth}. {kind}");
            Assert.Equal(data, await Data());
        }

        output.WriteLine($"{sample.Told}; kinds of steps: {string.Join(", ", steps.Select(SampledKills.KindOf).Distinct())}; killed in: {string.Join(", ", hit)}");
        var next = await host.Pass();

        Assert.True(next.Ok, $"{sample.Told}; killed in {string.Join(", ", hit)}\n{next}");
        Assert.True(hit.Count >= 4, $"only {string.Join(", ", hit)} were hit");
        for (var round = 0; round <= 4; round++)
        {
            Assert.Equal("off 0750 7", await host.Must($"findmnt -n -o OPTIONS {host.Root}/r{round}/in | grep -q noexec && echo off $(stat -c '0%a' {host.Root}/r{round}) $(stat -c %u {host.Root}/r{round}/box)"));
        }

        Assert.Equal(data, await Data());
        Assert.True((await host.Nasgitops("journal", "verify")).Ok);
        await host.MustBeSettled();
    }

    /// <summary>Each round makes things of its own, so that there is something to be killed in.</summary>
    private string[] Round(int round) =>
    [
        host.PoolManifest(), host.Dataset("data"),
        .. Enumerable.Range(0, round + 1).SelectMany(r => new[]
        {
            host.Dataset($"r{r}", "{quota: 64MiB, permissions: {mode: \"0750\"}, directories: [{path: box, owner: \"7\"}]}"),
            host.Dataset($"r{r}/in", "{properties: {exec: \"off\", compression: zstd}}"),
        }),
    ];

    /// <summary>Without a process, and without a lock that the pass would wait for.</summary>
    private IEnumerable<string> Journal()
    {
        using var stream = new FileStream(host.At("state/journal.jsonl"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return new StreamReader(stream).ReadToEnd().Split('\n');
    }

    private Task<string> Data() => host.Must($"cd {host.Root}/data && find . -type f -exec sha256sum {{}} + | sort; cat {host.Top}/foreign/f");
}

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
        var before = (await host.Journal()).Length;
        await host.MustApply(Round(0));
        var steps = SampledKills.Begun((await host.Journal()).Skip(before));
        var sample = SampledKills.OfToday();
        var numbers = sample.OneOfEachKind(steps);
        output.WriteLine($"{sample.Told}: {string.Join("; ", numbers.Select(n => $"{n}: {steps[n - 1]}"))}");

        for (var round = 1; round <= numbers.Count; round++)
        {
            await host.Commit(Round(round));
            before = (await host.Journal()).Length;
            var number = numbers[round - 1];
            await using (var pass = RunningAgent.Start(host.At("agent.yaml"), "apply"))
            {
                while (pass.IsAlive && SampledKills.Begun((await host.Journal()).Skip(before)).Count < number)
                {
                }

                await pass.DisposeAsync();
            }

            var next = await host.Pass();

            Assert.True(next.Ok, $"after a kill at step {number} of round {round} ({sample.Told})\n{next}");
            Assert.Equal("off 0750 7", await host.Must($"findmnt -n -o OPTIONS {host.Root}/r{round}/in | grep -q noexec && echo off $(stat -c '0%a' {host.Root}/r{round}) $(stat -c %u {host.Root}/r{round}/box)"));
            Assert.Equal(data, await Data());
        }

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

    private Task<string> Data() => host.Must($"cd {host.Root}/data && find . -type f -exec sha256sum {{}} + | sort; cat {host.Top}/foreign/f");
}

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
        var kinds = SampledKills.Begun((await host.Journal()).Skip(before)).Select(SampledKills.KindOf).Distinct().ToList();
        var sample = SampledKills.OfToday();
        var hit = new List<string>();
        var rounds = 0;
        while (hit.Count < kinds.Count && rounds < 5 * kinds.Count)
        {
            await host.Commit(Round(++rounds)); // always something of every kind left to do
            var from = (await host.Journal()).Length;
            await using var pass = RunningAgent.Start(host.At("agent.yaml"), "apply");
            string? next = null;
            while (pass.IsAlive && next is null) next = SampledKills.Begun((await host.Journal()).Skip(from)).Select(SampledKills.KindOf).FirstOrDefault(k => kinds.Contains(k) && !hit.Contains(k));
            if (next is null) continue; // it was through before this test came to look
            await Task.Delay(sample.Between(0, 20)); // another instant of the step, or of the one behind it
            await pass.Kill();
            hit.Add(next);
            Assert.Equal(data, await Data());
        }

        output.WriteLine($"{sample.Told}; kinds of steps: {string.Join(", ", kinds)}; killed in: {string.Join(", ", hit)}");
        var last = await host.Pass();

        Assert.True(last.Ok, $"{sample.Told}; killed in {string.Join(", ", hit)}\n{last}");
        Assert.Equal(kinds.Order(StringComparer.Ordinal), hit.Order(StringComparer.Ordinal));
        for (var round = 0; round <= rounds; round++)
        {
            var made = await host.Sh($"findmnt -n -o OPTIONS {host.Root}/r{round}/in | grep -q noexec && stat -c %a {host.Root}/r{round} && stat -c %u {host.Root}/r{round}/box");
            Assert.True(made.Output == "750\n7\n", $"round {round} ({sample.Told}; killed in {string.Join(", ", hit)}): {made}\n{await host.Must("findmnt -rn -o TARGET,OPTIONS")}\n{string.Join('\n', await host.Journal())}\n{last}\n{host.Status().Text}");
        }

        Assert.Equal(data, await Data());
        Assert.True((await host.Nasgitops("journal", "verify")).Ok);
        await host.MustBeSettled();
    }

    [BtrfsFact]
    public async Task A_dataset_that_was_mounted_and_whose_snapshots_were_not_yet_is_no_foreign_file_in_its_own_place()
    {
        string[] manifests = [host.PoolManifest(), host.Dataset("a"), host.Dataset("a/b")];
        await host.MustApply(manifests);
        await host.Must($"echo keep >{host.Root}/a/f && umount {host.Root}/a/.snapshots");

        var pass = await host.Pass();

        Assert.True(host.Status().Find("Dataset", $"{host.Pool}/a")?.IsReady, $"{pass}\n{host.Status().Text}");
        Assert.Contains($"{host.Root}/a/.snapshots", (await host.Must("findmnt -rn -o TARGET")).Split('\n'));
        Assert.Equal("keep", await host.Must($"cat {host.Root}/a/f"));
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

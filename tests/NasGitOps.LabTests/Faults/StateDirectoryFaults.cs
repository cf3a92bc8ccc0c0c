using NasGitOps.LabTests.Btrfs;

namespace NasGitOps.LabTests.Faults;

/// <summary>What becomes of the host when the agent's own folder fails it: full, read-only, damaged, or wanted by two.</summary>
[Trait("Category", "Integration")]
public sealed class StateDirectoryFaults : IAsyncLifetime
{
    private readonly BtrfsHost host = new();

    private string Manifests => host.PoolManifest() + host.Dataset("a", "{properties: {compression: zstd}}");

    private string State => host.At("state");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await host.Sh($"umount -l {State}; umount -l {State}");
        await host.DisposeAsync();
    }

    [BtrfsFact]
    public async Task A_full_or_read_only_state_directory_stops_every_change_is_told_and_heals_by_itself()
    {
        await host.Must($"mount -t tmpfs -o size=2M,mode=0700 state {State}");
        await host.Commit(Manifests);
        await using var agent = RunningAgent.Start(host.At("agent.yaml"));
        await agent.Until("the manifests are applied", async () => (await Compression()) == "compression=zstd" && File.Exists(host.At("status.yaml")));

        foreach (var (fault, sign, mend) in new[]
        {
            ($"dd if=/dev/zero of={State}/fill bs=4k status=none 2>/dev/null; test $(stat -f -c %a {State}) = 0", "No space left on device", $"rm {State}/fill"),
            ($"mount --bind {State} {State} && mount -o remount,bind,ro {State}", "Read-only file system", $"umount {State}"),
        })
        {
            await host.Must(fault);
            await host.Must($"btrfs property set {host.Top}/a/@ compression lzo");
            await agent.UntilItSays(sign);
            Assert.Contains(State, agent.Log, StringComparison.Ordinal);
            // Nothing is done that cannot be written down first.
            Assert.Equal("compression=lzo", await Compression());
            Assert.True(agent.IsAlive);
            var apply = await host.Pass();
            Assert.Equal(1, apply.ExitCode);

            await host.Must(mend);
            await agent.Until("drift is corrected again", async () => await Compression() == "compression=zstd");
        }

        Assert.True((await host.Nasgitops("journal", "verify")).Ok, agent.Log);
        Assert.True(host.Status().Find("Dataset", $"{host.Pool}/a")?.IsReady, host.Status().Text);
    }

    [BtrfsFact]
    public async Task On_a_read_only_state_directory_no_agent_starts_and_it_says_which()
    {
        await host.Must($"mount -t tmpfs -o size=2M,mode=0700 state {State} && mount -o remount,ro {State}");
        await host.Commit(Manifests);

        await using var agent = RunningAgent.Start(host.At("agent.yaml"));

        Assert.Equal(1, await agent.Ended());
        Assert.Contains(State, agent.Log, StringComparison.Ordinal);
        Assert.Contains("Read-only file system", agent.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled", agent.Log, StringComparison.Ordinal);
        Assert.Empty(await host.Mounted());
    }

    [BtrfsFact]
    public async Task Of_two_agents_the_second_refuses_names_the_first_and_disturbs_nothing()
    {
        await host.Commit(Manifests);
        await using var first = RunningAgent.Start(host.At("agent.yaml"));
        await first.Until("the manifests are applied", () => Task.FromResult(File.Exists(host.At("status.yaml"))));
        var journal = await host.Journal();

        await using var second = RunningAgent.Start(host.At("agent.yaml"));

        Assert.Equal(1, await second.Ended());
        Assert.Contains($"another agent works on {State} already (pid {first.Id} (agent))", second.Log, StringComparison.Ordinal);
        Assert.True(first.IsAlive);
        Assert.Equal(journal, await host.Journal());
    }

    [BtrfsFact]
    public async Task A_damaged_state_file_and_a_damaged_mirror_are_put_aside_and_made_anew_and_no_data_is_touched()
    {
        await host.MustApply(Manifests);
        await host.Must($"echo keep >{host.Root}/a/f");
        await host.Must($"echo '{{ half of' >{State}/state.json; echo rubbish >{State}/jobs.json; find {State}/mirror.git/objects -type f -exec truncate -s 3 {{}} +");

        // What is read first finds the damage, and the next fetch mends it: two passes at most.
        await host.Pass();
        var pass = await host.Pass();

        Assert.True(pass.Ok, pass.ToString());
        Assert.Equal("keep", await host.Must($"cat {host.Root}/a/f"));
        Assert.Single(Directory.GetFiles(State, "state.json.corrupt-*"));
        Assert.NotEmpty(Directory.GetDirectories(State, "mirror.git.*"));
        Assert.True(host.Status().Find("Dataset", $"{host.Pool}/a")?.IsReady, host.Status().Text);
        await host.MustBeSettled();
    }

    private Task<string> Compression() => host.Sh($"btrfs property get {host.Top}/a/@ compression").ContinueWith(r => r.Result.Text, TaskScheduler.Default);
}

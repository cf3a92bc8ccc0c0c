using System.Diagnostics;
using System.Globalization;
using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Btrfs;

public sealed partial class BtrfsScenario
{
    [BtrfsFact]
    public async Task A_schedule_takes_read_only_snapshots_and_prunes_only_its_own()
    {
        await host.MustApply(
            host.PoolManifest(), host.Dataset("a", "{quota: 64MiB}"), host.Dataset("a/b"),
            $$$"""
            ---
            apiVersion: nasgitops.io/v1
            kind: SnapshotSchedule
            metadata: {name: minutely}
            spec: {datasets: [{{{host.Pool}}}/a], recursive: true, cron: "* * * * *", retention: {keepLast: 1}}

            """);
        var snapshots = $"{host.Top}/a/@snapshots";
        await host.Must($"echo first >{host.Root}/a/f; for n in auto-minutely_GMT-2020.01.01-00.00.00 before-upgrade; do btrfs subvolume snapshot -r {host.Top}/a/@ {snapshots}/$n; done");
        using var agent = StartAgent();
        try
        {
            await WaitFor("two fires, of which one is left", async () => (await host.Journal()).Count(l => l.Contains("subvolume snapshot -r", StringComparison.Ordinal) && l.Contains("a/@snapshots", StringComparison.Ordinal) && l.Contains("intent", StringComparison.Ordinal)) >= 2
                && (await Names()).Count(n => n.StartsWith("auto-minutely_GMT-2", StringComparison.Ordinal)) == 2);
        }
        finally
        {
            agent.Kill();
            await agent.WaitForExitAsync();
        }

        var names = await Names();
        Assert.Contains("before-upgrade", names);
        Assert.Contains("auto-minutely_GMT-2020.01.01-00.00.00", names); // carries no mark of ours
        var ours = Assert.Single(names, n => n.StartsWith("auto-minutely_GMT-", StringComparison.Ordinal) && !n.Contains("2020", StringComparison.Ordinal));
        Assert.Equal("first", await host.Must($"cat {host.Root}/a/.snapshots/{ours}/f"));
        foreach (var place in new[] { $"{host.Root}/a/.snapshots/{ours}", $"{snapshots}/{ours}" })
            Assert.Contains("Read-only file system", (await host.Sh($"touch {place}/x")).Error, StringComparison.Ordinal);
        Assert.Equal("ro=true", await host.Must($"btrfs property get {snapshots}/{ours} ro"));
        Assert.Contains("schedule minutely", (await host.Nasgitops("snapshots", "list", $"{host.Pool}/a")).Output, StringComparison.Ordinal);
        Assert.Empty(await StaleGroups());

        async Task<string[]> Names() => (await host.Must($"ls {snapshots}")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [BtrfsFact]
    public async Task A_clone_is_independent_stays_pinned_and_goes_after_its_time_only_when_nobody_wrote_to_it()
    {
        await host.MustApply(host.PoolManifest(), host.Dataset("a"));
        await host.Must($"echo old >{host.Root}/a/f; btrfs subvolume snapshot -r {host.Top}/a/@ {host.Top}/a/@snapshots/s1; echo new >{host.Root}/a/f");
        string[] Manifests(string expires) =>
        [
            host.PoolManifest(), host.Dataset("a"), host.Clone("clean", $"{{from: {{dataset: {host.Pool}/a, latest: true}}, expiresAfter: {expires}}}"),
            host.Clone("written", $"{{from: {{dataset: {host.Pool}/a, snapshot: s1}}, expiresAfter: {expires}}}"),
        ];
        await host.MustApply(Manifests("1h"));

        Assert.Equal("old\nold", await host.Must($"cat {host.Root}/clean/f {host.Root}/written/f"));
        await host.Must($"btrfs subvolume snapshot -r {host.Top}/a/@ {host.Top}/a/@snapshots/s2; echo mine >{host.Root}/written/f");
        Assert.Equal("new\nold", await host.Must($"cat {host.Root}/a/f {host.Root}/a/.snapshots/s1/f"));
        await host.MustBeSettled();

        // Time is over for both; looking at one does not count as writing.
        await host.Must($"cat {host.Root}/clean/f; while [ $(( $(date +%s) - $(date -d \"$(btrfs subvolume show {host.Top}/written/@ | sed -n 's/.*Creation time:[[:space:]]*//p')\" +%s) )) -le 1 ]; do sleep 0.2; done");
        await host.Apply(Manifests("1s"));

        Assert.False((await host.Sh($"test -e {host.Top}/clean")).Ok, "the clean clone is still there");
        Assert.Equal("mine", await host.Must($"cat {host.Root}/written/f"));
        Assert.True(host.Status().Find("Clone", $"{host.Pool}/clean")?.Says("Expired"), host.Status().Text);
        Assert.True(host.Status().Find("Clone", $"{host.Pool}/written")?.Says("CloneWritten"), host.Status().Text);
        var journal = await host.Journal();
        await host.Pass();
        Assert.Equal(journal, await host.Journal());
        Assert.Equal("new\nold", await host.Must($"cat {host.Root}/a/f {host.Root}/a/.snapshots/s1/f"));
    }

    /// <summary>Quota groups of subvolumes that are no more. The kernel drops a subvolume in the background.</summary>
    private async Task<string[]> StaleGroups()
    {
        await host.Must($"btrfs subvolume sync {host.Top}");
        return (await host.Must($"btrfs qgroup clear-stale {host.Top}; comm -23 <(btrfs qgroup show {host.Top} | sed -n 's|^0/\\([0-9]*\\).*|\\1|p' | grep -vx 5 | sort) <(btrfs subvolume list {host.Top} | awk '{{print $2}}' | sort)")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private Process StartAgent()
    {
        var start = new ProcessStartInfo(Checkout.Binary(), ["agent", "--config", host.At("agent.yaml")]) { RedirectStandardError = true, RedirectStandardOutput = true };
        var agent = Process.Start(start)!;
        agent.OutputDataReceived += (_, _) => { };
        agent.ErrorDataReceived += (_, _) => { };
        agent.BeginOutputReadLine();
        agent.BeginErrorReadLine();
        return agent;
    }

    private static async Task WaitFor(string what, Func<Task<bool>> holds)
    {
        var watch = Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(200), string.Create(CultureInfo.InvariantCulture, $"waited for {watch.Elapsed.TotalSeconds:0} s: {what}"));
            await Task.Delay(300);
        }
    }
}

using System.Globalization;
using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Time;

public sealed partial class TimeScenario
{
    private static string CloneManifest(string from, string expires) => $$"""
        apiVersion: nasgitops.io/v1
        kind: Clone
        metadata: {name: tank/yesterday}
        spec:
          from: {{from}}
          expiresAfter: {{expires}}
        ---
        apiVersion: nasgitops.io/v1
        kind: SmbShare
        metadata: {name: yesterday}
        spec:
          dataset: tank/yesterday
          access: {readWrite: [alice]}

        """;

    [LabFact(5)]
    public async Task A_clone_of_older_data_is_shared_and_read_and_goes_with_its_share_when_its_time_is_over()
    {
        await nas.Apply("Storage alone");
        await nas.Must("echo of yesterday >/tank/media/memory.txt && chown alice:media /tank/media/memory.txt && sync && zfs snapshot tank/media@yesterday && echo of today >/tank/media/memory.txt && zfs snapshot tank/media@today");
        var restored = await nas.Must("nasgitops restore --from tank/media@yesterday --name tank/yesterday --expires-after 2h");
        Assert.Contains("snapshot: \"yesterday\"", restored.Output, StringComparison.Ordinal);

        await nas.Apply("Yesterday comes back", (Extra, CloneManifest("{dataset: tank/media, snapshot: yesterday}", "2h")));

        Assert.Equal("tank/media@yesterday", await nas.Property("tank/yesterday", "origin"));
        Assert.Contains("of yesterday", (await nas.Smb("alice", "yesterday", "get memory.txt -")).Output, StringComparison.Ordinal);
        // Reading alone is no writing: it goes all the same.
        await nas.Apply("It may go now", (Extra, CloneManifest("{dataset: tank/media, snapshot: yesterday}", "1s")));
        await nas.WaitUntil("the clone is gone", "zfs list -H -o name -r tank", text => !text.Contains("tank/yesterday", StringComparison.Ordinal));
        await nas.WaitForStatus("clone and share are Expired, and the host is ready", s =>
            s.Find("Clone", "tank/yesterday")?.Says("Expired") == true && s.Find("SmbShare", "yesterday")?.Says("Expired") == true && s.Conditions.Any(c => c.Type == "Ready" && c.Status == "True"));
        Assert.DoesNotContain("[yesterday]", (await nas.Must("testparm -s 2>/dev/null")).Output, StringComparison.Ordinal);
        Assert.True(await nas.Succeeds("zfs list tank/media@yesterday"));
        await nas.AgentPass();
        Assert.False(await nas.Succeeds("zfs list tank/yesterday"), "an expired clone was made again");
    }

    [LabFact(6)]
    public async Task A_clone_that_somebody_wrote_to_is_kept_and_reported()
    {
        await nas.Apply("Storage alone");
        await nas.Must("zfs list tank/media@today >/dev/null 2>&1 || zfs snapshot tank/media@today");
        await nas.Apply("The latest, to work on", (Extra, CloneManifest("{dataset: tank/media, latest: true}", "1h")));
        await nas.Must("echo new >/tmp/new.txt");
        Assert.True((await nas.Smb("alice", "yesterday", "put /tmp/new.txt new.txt")).Ok);

        await nas.Push("It may go now", (Extra, CloneManifest("{dataset: tank/media, latest: true}", "1s")));

        await nas.WaitForStatus("the written clone is reported", s => s.Find("Clone", "tank/yesterday")?.Says("CloneWritten") == true);
        Assert.Contains("new", (await nas.Smb("alice", "yesterday", "get new.txt -")).Output, StringComparison.Ordinal);
        // Without its manifest it would go into quarantine, which nobody approves here.
        await nas.Push("Storage alone", (Extra, null));
        await nas.WaitForStatus("it waits for an approval", s => s.Find("Clone", "tank/yesterday")?.Says("ApprovalRequired") == true);
        await nas.Must("zfs destroy tank/yesterday; zfs destroy tank/media@today,yesterday 2>/dev/null; true");
        await nas.Apply("Storage alone");
    }

    [LabFact(7)]
    public async Task A_degraded_pool_is_a_condition_within_a_drift_interval_and_a_scrub_shows_its_result()
    {
        await nas.Apply("Storage alone");
        // Without ZED it is seen by polling.
        await nas.Must("systemctl stop zfs-zed && zpool offline tank /dev/disk/by-id/virtio-NAS02");
        await nas.WaitForStatus("the pool is degraded, and the disk is named", s => s.Find("Pool", "tank") is { } p && p.Says("PoolDegraded") && p.ToString().Contains("virtio-NAS02", StringComparison.Ordinal), TimeSpan.FromSeconds(60));
        await nas.Must("zpool online tank /dev/disk/by-id/virtio-NAS02");
        await nas.WaitForStatus("the pool is well again", s => s.Find("Pool", "tank")?.Says("PoolDegraded") == false, TimeSpan.FromSeconds(60));
        await nas.Must("systemctl start zfs-zed");

        var tip = await nas.PushEdit("Scrub every minute", TimeNas.Storage, "kind: Pool\nmetadata: {name: tank}\nspec:\n", "kind: Pool\nmetadata: {name: tank}\nspec:\n  scrub: {cron: \"* * * * *\"}\n");
        await nas.WaitForApplied(tip);
        await nas.WaitForStatus("the scrub's result is in the status", s => s.Text.Contains("scrub repaired", StringComparison.Ordinal), TimeSpan.FromSeconds(200));
        Assert.Contains("task: scrub", (await nas.Status())!.Text, StringComparison.Ordinal);
    }

    [LabFact(8)]
    public async Task A_fire_that_passed_while_the_machine_was_down_is_made_up_for_once()
    {
        var now = DateTime.ParseExact(await nas.Text("date -u +%Y-%m-%dT%H:%M:%S"), "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        var fire = now.AddMinutes(3);
        await nas.Apply("A daily snapshot, soon", (Extra, $$"""
            apiVersion: nasgitops.io/v1
            kind: SnapshotSchedule
            metadata: {name: daily}
            spec:
              datasets: [tank/media]
              recursive: true
              cron: "{{fire.Minute}} {{fire.Hour}} * * *"
              retention: {keepDaily: 3}

            """));

        await nas.RebootAfter(new DateTimeOffset(fire.Year, fire.Month, fire.Day, fire.Hour, fire.Minute, 5, TimeSpan.Zero));

        await nas.WaitUntil("the missed fire is made up for", "zfs list -H -t snapshot -o name tank/media", text => text.Contains("@auto-daily_GMT-", StringComparison.Ordinal), AFireAndMore);
        await nas.AgentPass();
        Assert.Single(await nas.Snapshots("tank/media"), n => n.StartsWith("auto-daily", StringComparison.Ordinal));
        Assert.Contains("it is made up for now", (await nas.Must("journalctl -b -u nasgitops -o cat --no-pager")).Output, StringComparison.Ordinal);
    }

    [LabFact(9)]
    public async Task With_the_hook_of_ZED_a_degraded_pool_does_not_wait_for_the_drift_interval()
    {
        await nas.Apply("Storage alone");
        await nas.Must("sed -i 's/driftInterval: 20s/driftInterval: 12h/' /etc/nasgitops/agent.yaml && systemctl restart nasgitops");
        await nas.WaitForStatus("the pool is well", s => s.Find("Pool", "tank")?.Says("PoolDegraded") == false);

        await nas.Must("zpool offline tank /dev/disk/by-id/virtio-NAS02");
        await nas.WaitForStatus("the pool is degraded", s => s.Find("Pool", "tank")?.Says("PoolDegraded") == true);
        await nas.Must("zpool online tank /dev/disk/by-id/virtio-NAS02");
        await nas.WaitForStatus("the pool is well again", s => s.Find("Pool", "tank")?.Says("PoolDegraded") == false);
        await nas.Must("sed -i 's/driftInterval: 12h/driftInterval: 20s/' /etc/nasgitops/agent.yaml && systemctl restart nasgitops");
    }

    [LabFact(10)]
    public async Task Deleted_files_lie_in_the_bin_of_their_user_and_are_purged_after_their_time()
    {
        await nas.Apply("Storage alone");
        await nas.Must("echo bin >/tmp/bin.txt");
        Assert.True((await nas.Smb("alice", "media", "put /tmp/bin.txt gone.txt; del gone.txt")).Ok);
        Assert.True(await nas.Succeeds("test -f /tank/media/.recycle/alice/gone.txt"));
        Assert.Equal("700", (await nas.Text("stat -c %a /tank/media/.recycle/alice"))[^3..]);

        // The purge runs at minute 23 of every hour; the clock is set to just before, more than the bin keeps.
        await nas.Must("date -s \"$(date -u -d \"$(date -u +'%Y-%m-%d %H'):22:50 UTC + 1 hour\" +'%Y-%m-%d %H:%M:%S UTC')\"");

        await nas.WaitUntil("the bin is purged", "find /tank/media/.recycle -type f", text => text.Length == 0, AFireAndMore);
    }
}

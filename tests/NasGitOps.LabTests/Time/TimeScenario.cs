using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Time;

/// <summary>What happens between commits: snapshots, retention, old versions, clones, scrubs, on real OpenZFS and Samba.</summary>
[Collection(TimeNasCollection.Name)]
[Trait("Category", "Lab")]
[TestCaseOrderer(ByOrder.Type, ByOrder.Assembly)]
public sealed partial class TimeScenario(TimeNas nas)
{
    private const string Extra = "common/extra.yaml";
    private static readonly TimeSpan AFireAndMore = TimeSpan.FromSeconds(150);

    private const string EveryMinute = """
        apiVersion: nasgitops.io/v1
        kind: SnapshotSchedule
        metadata: {name: minutely}
        spec:
          datasets: [tank/media, tank/backups]
          recursive: true
          exclude: [tank/media/scratch]
          cron: "* * * * *"
          timeZone: Europe/Berlin
          retention: {keepLast: 3}
          hooks: {pre: before, post: broken}

        """;

    [LabFact(1)]
    public async Task A_fire_takes_all_datasets_of_a_pool_in_one_transaction_with_marks_of_their_own()
    {
        await nas.Apply("Snapshots every minute", (Extra, EveryMinute));
        await nas.WaitUntil("a fire made a snapshot", "zfs list -H -t snapshot -o name -r tank", text => text.Contains("@auto-minutely", StringComparison.Ordinal), AFireAndMore);

        var made = (await nas.Must("zfs list -Hp -t snapshot -o name,createtxg -r tank")).Lines.Select(l => l.Split('\t')).Select(c => (Dataset: c[0].Split('@')[0], Name: c[0].Split('@')[1], Txg: c[1])).ToList();
        var first = made.GroupBy(s => s.Name).First(g => g.Count() > 1 || g.Key.Length > 0);
        Assert.Matches(@"^auto-minutely_GMT-\d{4}\.\d\d\.\d\d-\d\d\.\d\d\.00$", first.Key);
        Assert.Equal(["tank/backups", "tank/media", "tank/media/nested"], first.Select(s => s.Dataset).Order());
        Assert.Single(first.Select(s => s.Txg).Distinct());
        Assert.Equal("minutely\tlocal", await nas.Text($"zfs get -H -o value,source nasgitops:schedule tank/media/nested@{first.Key}"));
        Assert.True(await nas.Succeeds("test -e /root/hook-ran"), "the hook before did not run");
        await nas.WaitForStatus("the failing hook is named, and only degrades the schedule", s => s.Find("SnapshotSchedule", "minutely") is { IsReady: true } r && r.Says("SnapshotFailed") && r.ToString().Contains("/usr/bin/false", StringComparison.Ordinal));
    }

    [LabFact(2)]
    public async Task Retention_prunes_what_the_schedule_made_and_nothing_else()
    {
        await nas.Apply("Snapshots every minute", (Extra, EveryMinute));
        await nas.Must("""
            set -e
            old() { echo "tank/media@auto-minutely_GMT-2026.01.0$1-00.00.00"; }
            for day in 1 2 3 4; do zfs snapshot -o nasgitops:schedule=minutely $(old $day); done
            zfs hold keep $(old 2)
            zfs clone $(old 3) tank/byhand
            zfs snapshot $(old 5)
            zfs snapshot tank/media@before-upgrade
            zfs snapshot -o nasgitops:schedule=minutely tank/media/scratch@auto-minutely_GMT-2026.01.01-00.00.00
            """);
        await nas.WaitUntil(
            "what is due is pruned",
            async () =>
            {
                var there = await nas.Snapshots("tank/media");
                return there.Any(n => n.Contains("01.01-", StringComparison.Ordinal) || n.Contains("01.04-", StringComparison.Ordinal)) ? string.Join('\n', there) : null;
            },
            AFireAndMore);

        var left = await nas.Snapshots("tank/media");
        Assert.Contains("auto-minutely_GMT-2026.01.02-00.00.00", left); // held
        Assert.Contains("auto-minutely_GMT-2026.01.03-00.00.00", left); // has a clone
        Assert.Contains("auto-minutely_GMT-2026.01.05-00.00.00", left); // carries no mark of ours
        Assert.Contains("before-upgrade", left);
        Assert.Single(await nas.Snapshots("tank/media/scratch")); // the schedule is not about it
        var status = await nas.WaitForStatus("retention tells what it did", s => s.Text.Contains("stay because of holds or clones", StringComparison.Ordinal), AFireAndMore);
        Assert.Contains("task: retention", status.Text, StringComparison.Ordinal);
        await nas.Must("zfs destroy tank/byhand; zfs release keep tank/media@auto-minutely_GMT-2026.01.02-00.00.00; zfs destroy tank/media@auto-minutely_GMT-2026.01.05-00.00.00; zfs destroy tank/media@before-upgrade; zfs destroy tank/media/scratch@%");
        await nas.WaitUntil(
            "with hold and clone gone three are left",
            async () => (await nas.Snapshots("tank/media")) is { Length: 3 } ? null : string.Join('\n', await nas.Snapshots("tank/media")),
            AFireAndMore);
    }

    [LabFact(3)]
    public async Task An_old_version_is_fetched_through_SMB_also_below_a_nested_dataset_and_from_several_schedules()
    {
        const string another = """
            apiVersion: nasgitops.io/v1
            kind: SnapshotSchedule
            metadata: {name: yearly}
            spec:
              datasets: [tank/media]
              recursive: true
              cron: "0 0 1 1 *"
              retention: {keepYearly: 3}

            """;
        await nas.Apply("Old versions", (Extra, another));
        await nas.Must("echo first >/tmp/v1; echo second >/tmp/v2");
        Assert.True((await nas.Smb("alice", "media", "put /tmp/v1 doc.txt; cd nested; put /tmp/v1 deep.txt")).Ok);
        await nas.Must("zfs snapshot -r -o nasgitops:schedule=yearly tank/media@auto-yearly_GMT-2026.01.01-00.00.00 && zfs snapshot -r tank/media@auto-weekly_GMT-2026.02.02-02.02.02");
        Assert.True((await nas.Smb("alice", "media", "put /tmp/v2 doc.txt; cd nested; put /tmp/v2 deep.txt")).Ok);

        foreach (var (file, folder) in new[] { ("doc.txt", ""), ("deep.txt", "nested\\") })
        {
            var info = await nas.Smb("alice", "media", $"allinfo {folder}{file}");
            foreach (var token in new[] { "@GMT-2026.01.01-00.00.00", "@GMT-2026.02.02-02.02.02" })
            {
                Assert.Contains(token, info.Output, StringComparison.Ordinal);
                var fetched = await nas.Smb("alice", "media", $"get {token}\\{folder}{file} -");
                Assert.Contains("first", fetched.Output, StringComparison.Ordinal);
            }

            Assert.Contains("second", (await nas.Smb("alice", "media", $"get {folder}{file} -")).Output, StringComparison.Ordinal);
        }

        var listed = await nas.Must("nasgitops snapshots list tank/media -o json");
        Assert.Contains("\"schedule\": \"yearly\"", listed.Output, StringComparison.Ordinal);
        var preview = await nas.Must("nasgitops retention preview yearly --now 2026-12-31T00:00:00Z -o json");
        Assert.Contains("tank/media/nested@auto-yearly_GMT-2026.01.01-00.00.00", preview.Output, StringComparison.Ordinal);
        await nas.Must("zfs destroy -r tank/media@auto-weekly_GMT-2026.02.02-02.02.02; zfs destroy -r tank/media@auto-yearly_GMT-2026.01.01-00.00.00");
    }

    [LabFact(4)]
    public async Task The_Time_Machine_share_speaks_Apples_extensions_and_is_announced_with_its_records()
    {
        await nas.Apply("Storage alone");

        // smbtorture compares the capabilities with those of Samba's own test server; that they come at all is what a Mac looks for.
        var torture = await nas.Run("smbtorture //127.0.0.1/backups -U 'alice%Alice-Winter-19' 'vfs.fruit.SMB2/CREATE context AAPL' 2>&1");
        Assert.Contains("Comparing returned AAPL capabilities", torture.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("missing", torture.Output, StringComparison.OrdinalIgnoreCase);
        await nas.WaitUntil("the disk is announced", "timeout 20 avahi-browse -rpt _adisk._tcp", text => text.Contains("dk0=adVN=backups", StringComparison.Ordinal));
        var disk = await nas.Text("timeout 20 avahi-browse -rpt _adisk._tcp");
        Assert.Matches("\"dk0=adVN=backups,adVF=0x82,adVU=[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\"", disk);
        Assert.Contains("\"sys=waMa=0,adVF=0x100\"", disk, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^=;[^;]*;IPv4;.*;9;", disk);
        Assert.Matches(@"(?m)^=;[^;]*;IPv4;.*Time\\032Machine;.*;445;", await nas.Text("timeout 20 avahi-browse -rpt _smb._tcp"));
        Assert.Contains("model=TimeCapsule8,119", await nas.Text("timeout 20 avahi-browse -rpt _device-info._tcp"), StringComparison.Ordinal);

        // The limit is real: the dataset's refquota stops a writer.
        await nas.Must("head -c 300M /dev/urandom >/tmp/large");
        Assert.Contains("NT_STATUS_DISK_FULL", (await nas.Smb("alice", "backups", "put /tmp/large large")).ToString(), StringComparison.Ordinal);
        await nas.Must("rm -f /tmp/large /tank/backups/large");
    }
}

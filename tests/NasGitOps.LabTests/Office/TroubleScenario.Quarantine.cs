using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Office;

public sealed partial class TroubleScenario
{
    private const string Box = """
        apiVersion: nasgitops.io/v1
        kind: Dataset
        metadata: {name: tank/box}
        spec: {deletionPolicy: quarantine, reservation: 8MiB, permissions: {owner: alice}, encryption: {key: {secretRef: accounting-key}}}
        ---
        apiVersion: nasgitops.io/v1
        kind: Dataset
        metadata: {name: tank/box/inner}
        spec: {deletionPolicy: quarantine}
        ---
        apiVersion: nasgitops.io/v1
        kind: SmbShare
        metadata: {name: box}
        spec: {dataset: tank/box, access: {readWrite: [alice]}}
        ---
        apiVersion: nasgitops.io/v1
        kind: NfsExport
        metadata: {name: box}
        spec: {dataset: tank/box, clients: [{host: 10.0.0.0/16, access: rw}]}

        """;

    [LabFact(62)]
    public async Task A_deleted_tree_goes_into_quarantine_when_approved_and_comes_back_as_it_was()
    {
        await nas.EnsureOfficeApplied();
        await nas.Push("A box", (Extra, Box));
        await nas.WaitForApplied(await nas.Tip());
        await nas.Must("echo treasure >/tank/box/inner/f.txt && chown -R alice /tank/box && chmod 644 /tank/box/inner/f.txt");

        await nas.Push("No box", (Extra, null));
        await nas.WaitForStatus("it waits for an approval", s => s.Find("Dataset", "tank/box")?.Says("ApprovalRequired") == true);
        Assert.Equal("treasure", await nas.Text("cat /tank/box/inner/f.txt"));
        await Approve();
        await nas.WaitForStatus("both lie in quarantine", s => s.Find("Dataset", "tank/box")?.Says("Quarantined") == true && s.Find("Dataset", "tank/box/inner")?.Says("Quarantined") == true);

        Assert.Equal("no on noauto 0\nno on noauto 0", await nas.Text("for d in tank/box tank/box/inner; do zfs get -Hp -o value mounted,readonly,canmount,reservation $d | paste -sd' '; done"));
        Assert.Equal("2", await nas.Text("zfs holds -rH tank/box@nasgitops-quarantine | wc -l"));
        Assert.DoesNotContain("/tank/box", await nas.Text("exportfs -s"), StringComparison.Ordinal);
        Assert.False((await nas.Smb("alice", "box", "ls")).Ok);
        Assert.False(await nas.Succeeds("zfs destroy -r tank/box"));
        Assert.Contains("put its manifest back", await nas.Text("nasgitops status"), StringComparison.Ordinal);

        await nas.Push("The box after all", (Extra, Box));
        await nas.WaitForApplied(await nas.Tip());

        Assert.Equal("yes off on 8388608", await nas.Text("zfs get -Hp -o value mounted,readonly,canmount,reservation tank/box | paste -sd' '"));
        Assert.Equal("", await nas.Text("zfs list -H -t snapshot -o name -r tank/box"));
        var read = await nas.Smb("alice", "box", "cd inner; get f.txt -");
        Assert.Contains("treasure", read.Output, StringComparison.Ordinal);
        Assert.Contains("/tank/box", await nas.Text("exportfs -s"), StringComparison.Ordinal);
        await RestoreOffice("Dataset/tank/box/inner", "Dataset/tank/box");
    }

    [LabFact(63)]
    public async Task Past_its_time_it_is_destroyed_but_not_on_the_word_of_a_clock_that_nobody_keeps_right()
    {
        await nas.EnsureOfficeApplied();
        await nas.Push("Soon gone", (Extra, DatasetManifest("tank/brief", "{deletionPolicy: quarantine, quarantine: {keepFor: 5s}}")));
        await nas.WaitForApplied(await nas.Tip());
        await nas.Must("echo x >/tank/brief/f && zfs snapshot tank/brief@by-hand");
        await Clock(synchronised: false);
        await nas.Push("Gone", (Extra, null));
        await nas.WaitForStatus("it waits for an approval", s => s.Find("Dataset", "tank/brief")?.Says("ApprovalRequired") == true);
        await Approve();

        await nas.WaitForStatus("its time is over, and the clock is not trusted", s => s.Find("Dataset", "tank/brief")?.Says("ClockNotTrusted") == true);
        Assert.True(await nas.Succeeds("zfs list -H tank/brief@by-hand"));

        await Clock(synchronised: true);
        await nas.WaitUntil("it is destroyed with its snapshots", "zfs list -H -t all -o name -r tank", text => !text.Contains("tank/brief", StringComparison.Ordinal));
        Assert.Contains(await nas.Journal(), l => l.Contains("zfs destroy tank/brief\"", StringComparison.Ordinal));
        await RestoreOffice();
    }

    private async Task Approve()
    {
        var trailer = await nas.Text("nasgitops approve 2>/dev/null");
        Assert.StartsWith("NasGitOps-Approve: ", trailer, StringComparison.Ordinal);
        await nas.Must($"cd {ManagedNas.WorkTree} && git commit -q --allow-empty -F - && git push -q origin HEAD:main", $"Approved\n\n{trailer}\n");
    }

    /// <summary>Tells the kernel what NTP would. Source: adjtimex(2); status, maximum and estimated error.</summary>
    private Task Clock(bool synchronised) => nas.Must(
        $"perl -e 'my $t = pack(\"L x4 q q q q l x208\", 0x1c, 0, 0, 0, 0, {(synchronised ? 0 : 0x40)}); syscall(159, $t) >= 0 or die $!'");
}

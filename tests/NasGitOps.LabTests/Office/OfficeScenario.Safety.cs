using System.Text.RegularExpressions;
using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Office;

public sealed partial class OfficeScenario
{
    [LabFact(50)]
    public async Task A_dataset_destroyed_by_hand_is_DatasetMissing_and_nothing_is_made_anew()
    {
        await nas.EnsureOfficeApplied();
        await nas.Push("Something to lose", (Extra, DatasetManifest("tank/lost")));
        await nas.WaitForApplied(await nas.Tip());
        var journal = await nas.Journal();

        await nas.Must("zfs destroy tank/lost");
        await nas.WaitForStatus("the dataset is missing", s => s.Find("Dataset", "tank/lost")?.Says("DatasetMissing") == true);
        await nas.AgentPass();

        Assert.False(await nas.Succeeds("zfs list -H tank/lost"));
        Assert.DoesNotContain((await nas.Journal()).Except(journal), Creates);

        await RestoreOffice("Dataset/tank/lost");
    }

    [LabFact(51)]
    public async Task A_pool_that_is_gone_is_PoolMissing_and_nothing_is_made_anew()
    {
        await nas.EnsureOfficeApplied();
        await nas.Push("Room to scratch", (Extra, ScratchPool + DatasetManifest("scratch/data")));
        await nas.WaitForApplied(await nas.Tip());
        await nas.Must("echo keep >/scratch/data/keep.txt");
        var guid = await nas.Text("zpool get -Hp -o value guid scratch");
        var journal = await nas.Journal();

        // As when its cable falls out over night: exported, and the disk is not there any more.
        await nas.Must("zpool export scratch");
        var slot = await nas.Unplug(ScratchDisk);
        try
        {
            await nas.WaitForStatus("the pool is missing", s => s.Find("Pool", "scratch")?.Says("PoolMissing") == true);
            await nas.AgentPass();
            Assert.False(await nas.Succeeds("zpool list -H scratch"));
            Assert.DoesNotContain((await nas.Journal()).Except(journal), Creates);
            Assert.False(await nas.Succeeds("test -e /scratch/data/keep.txt || zfs list -H scratch/data"));
        }
        finally
        {
            await nas.PlugIn(slot);
        }

        // Back again, it is not imported behind the back of whoever exported it; a person does that, and all is well.
        await nas.AgentPass();
        Assert.False(await nas.Succeeds("zpool list -H scratch"));
        await nas.Must("zpool import -d /dev/disk/by-id scratch");
        await nas.WaitForApplied(await nas.Tip());
        Assert.Equal(guid, await nas.Text("zpool get -Hp -o value guid scratch"));
        Assert.Equal("keep", await nas.Text("cat /scratch/data/keep.txt"));

        await RestoreWithoutScratch();
    }

    [LabFact(52)]
    public async Task A_disk_that_carries_anything_is_refused()
    {
        await nas.EnsureOfficeApplied();
        await nas.Must("printf 'no signature, yet somebody’s data' | dd of=/dev/disk/by-id/virtio-NAS04 bs=4k seek=3 conv=notrunc,fsync status=none");
        var before = await nas.Text("sha256sum </dev/disk/by-id/virtio-NAS04");

        await nas.Push("The wrong disk", (Extra, """
            apiVersion: nasgitops.io/v1
            kind: Pool
            metadata: {name: wrong}
            spec:
              backend: zfs
              vdevs: [{type: stripe, disks: [/dev/disk/by-id/virtio-NAS04]}]
              mountpoint: /wrong

            """));
        var tip = await nas.Tip();
        await nas.WaitForStatus("the pool is refused, with the reason", s => s.LastAttemptedCommit == tip && s.Find("Pool", "wrong") is { IsReady: false });
        await nas.AgentPass();

        Assert.False(await nas.Succeeds("zpool list -H wrong"));
        Assert.Equal(before, await nas.Text("sha256sum </dev/disk/by-id/virtio-NAS04"));
        Assert.True((await nas.Status())?.Find("Dataset", "tank/projects")?.IsReady);
        await nas.EnsureOfficeApplied();
    }

    [LabFact(60)]
    public async Task Children_and_snapshots_made_by_hand_below_a_managed_dataset_stay_foreign()
    {
        await nas.EnsureOfficeApplied();
        const string Read = "zfs get -Hp -o name,property,value,source recordsize,compression,quota,mountpoint,canmount,guid tank/projects/byhand; zfs get -Hp -o name,property,value guid tank/projects@byhand";
        await nas.Must("zfs create -o recordsize=8K tank/projects/byhand && echo mine >/tank/projects/byhand/mine.txt && zfs snapshot tank/projects@byhand");
        var before = await nas.Text(Read);
        var journal = await nas.Journal();

        await nas.AgentPass();

        Assert.Equal(before, await nas.Text(Read));
        Assert.Equal("mine", await nas.Text("cat /tank/projects/byhand/mine.txt"));
        Assert.Equal("", await nas.Text("zfs get -H -s local -o property all tank/projects/byhand | grep ^nasgitops: || true"));
        Assert.Equal(journal, await nas.Journal());
        Assert.Null((await nas.Status())?.Find("Dataset", "tank/projects/byhand"));

        await nas.Must("zfs destroy tank/projects/byhand && zfs destroy tank/projects@byhand");
    }

    [LabFact(70)]
    public async Task After_a_reboot_keys_mounts_exports_and_shares_are_back_with_no_manual_help()
    {
        await nas.EnsureOfficeApplied();
        await nas.Must("echo before >/tank/accounting/reboot.txt && chown alice:accounting /tank/accounting/reboot.txt && echo before >/tank/projects/incoming/reboot.txt && chmod 644 /tank/projects/incoming/reboot.txt && sync");
        var boot = await nas.Text("cat /proc/sys/kernel/random/boot_id");

        await nas.Reboot();

        Assert.NotEqual(boot, await nas.Text("cat /proc/sys/kernel/random/boot_id"));
        await nas.WaitUntil("the key is loaded and the dataset mounted", "zfs get -Hp -o value keystatus,mounted tank/accounting", text => text == "available\nyes", TimeSpan.FromSeconds(240));
        await nas.WaitUntil("both exports are back", "exportfs -s", text => text.Contains("/tank/projects", StringComparison.Ordinal) && text.Contains("/srv/software", StringComparison.Ordinal));
        await nas.WaitUntil(
            "the encrypted share is back",
            async () => (await nas.Smb("alice", "accounting", "get reboot.txt /tmp/reboot.back")) is { Ok: false } failed ? failed.ToString() : null);
        Assert.Equal("before", await nas.Text("cat /tmp/reboot.back"));
        var byNfs = await nas.ThroughNfs("/tank/projects", "runuser -u alice -- cat /mnt/lab/incoming/reboot.txt");
        Assert.True(byNfs.Ok, byNfs.ToString());
        await nas.WaitForApplied(await nas.Tip());
    }

    [LabFact(71)]
    public async Task A_pass_after_the_agent_was_killed_converges_with_no_manual_help()
    {
        await nas.EnsureOfficeApplied();
        await nas.Must("systemctl kill -s KILL nasgitops && zfs set recordsize=16K tank/projects");

        await nas.WaitUntil("systemd has started it again and drift is corrected", "zfs get -Hp -o value recordsize tank/projects", value => value == "1048576");
        await nas.WaitForApplied(await nas.Tip());
    }

    [LabFact(80)]
    public async Task Foreign_datasets_exports_and_Samba_shares_and_globals_stay_byte_for_byte()
    {
        await nas.EnsureOfficeApplied();
        const string File = "/etc/exports.d/other.exports";
        await nas.WriteFile(File, "/attic 10.8.0.0/16(ro,sync,no_subtree_check)\n");
        await nas.Must("exportfs -ra");
        var before = await nas.Text($"sha256sum {File}; stat -c '%i %Y' {File}");

        // Everything that installs and removes files: a new export and share come and go, and one drifts.
        await nas.Push("Guests", (Extra, """
            apiVersion: nasgitops.io/v1
            kind: SmbShare
            metadata: {name: guests}
            spec: {dataset: tank/projects/archive, access: {readOnly: ["@office"]}}
            ---
            apiVersion: nasgitops.io/v1
            kind: NfsExport
            metadata: {name: guests}
            spec: {dataset: tank/projects/archive, clients: [{host: 10.6.0.0/16, access: ro}]}

            """));
        await nas.WaitForApplied(await nas.Tip());
        await nas.Must("exportfs -u 10.0.0.0/16:/tank/projects");
        await nas.WaitUntil("it is exported again", "exportfs -s", text => text.Contains("/tank/projects", StringComparison.Ordinal));
        await nas.EnsureOfficeApplied();

        Assert.Equal(before, await nas.Text($"sha256sum {File}; stat -c '%i %Y' {File}"));
        await nas.Foreign.MustBeUntouched(nas);
        var exported = await nas.Text("exportfs -s");
        Assert.Matches(@"(?m)^/attic/old\s+10\.9\.0\.0/16\(", exported);
        Assert.Matches(@"(?m)^/attic\s+10\.8\.0\.0/16\(", exported);
        var effective = await nas.Text("testparm -s 2>/dev/null");
        Assert.Contains("server string = An old NAS", effective[..effective.IndexOf("[attic]", StringComparison.Ordinal)], StringComparison.Ordinal);
        var legacy = await nas.Run("smbclient //127.0.0.1/attic -U 'legacy%Legacy-Spring-08' -c 'get letter.txt /tmp/letter.back'");
        Assert.True(legacy.Ok, legacy.ToString());
        await nas.Must($"rm {File} && exportfs -ra");
    }

    [LabFact(90)]
    public async Task The_agent_stops_in_order_and_leaves_everything_served()
    {
        await nas.EnsureOfficeApplied();

        await nas.Must("systemctl stop nasgitops", limit: TimeSpan.FromMinutes(3));

        Assert.Equal("success", await nas.Text("systemctl show -P Result nasgitops"));
        Assert.True((await nas.Smb("alice", "projects", "ls")).Ok);
        Assert.Contains("/tank/projects", await nas.Text("exportfs -s"), StringComparison.Ordinal);
        var apply = await nas.Run("nasgitops apply", limit: TimeSpan.FromMinutes(3));
        Assert.True(apply.Ok, apply.ToString());
        await nas.EnsureAgent();
    }

    [LabFact(95)]
    public async Task The_demo_takes_ZFS_where_its_module_is_loaded_and_leaves_nothing_behind()
    {
        const string Traces = "zpool list -H -o name; findmnt -rn -o TARGET | grep demo; getent passwd ada; pgrep -a smbd | grep demo; ls -d /var/tmp/nasgitops-demo* /run/nasgitops-demo 2>/dev/null; true";
        await nas.EnsureOfficeApplied();
        var before = await nas.Text(Traces);
        await nas.Must("mkdir -p /root/checkout/examples-repo");
        await nas.Copy(Checkout.At("scripts"), "/root/checkout/scripts");
        await nas.Copy(Checkout.At("examples-repo", "shelf"), "/root/checkout/examples-repo/shelf");

        var demo = await nas.Run("NASGITOPS_BINARY=/opt/nasgitops/nasgitops bash /root/checkout/scripts/demo.sh", limit: TimeSpan.FromMinutes(8));

        Assert.True(demo.Ok, demo.ToString());
        Assert.Contains("zfs snapshot shelf/photos@demo_GMT-", demo.Output, StringComparison.Ordinal);
        Assert.Contains("| the lake at dawn", demo.Output, StringComparison.Ordinal);
        Assert.Equal(before, await nas.Text(Traces));
    }

    private static bool Creates(string journalLine) => Regex.IsMatch(journalLine, @"\b(zfs|zpool)\W+create\b");
}

using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Btrfs;

/// <summary>The scenarios of the ZFS lab that concern services, on btrfs: kernel NFS, Samba, systemd, a reboot.</summary>
[Collection(BtrfsNasCollection.Name)]
[Trait("Category", "Lab")]
[TestCaseOrderer(ByOrder.Type, ByOrder.Assembly)]
public sealed class BtrfsNasScenario(BtrfsNas nas)
{
    [LabFact(1)]
    public async Task A_push_makes_a_mirrored_pool_with_datasets_exports_and_shares_and_a_second_pass_changes_nothing()
    {
        var status = await nas.EnsureApplied();

        Assert.Contains("RAID1", await nas.Text($"btrfs filesystem usage {BtrfsNas.Top}"), StringComparison.Ordinal);
        Assert.Equal("ada:household 2770", await nas.Text("stat -c '%U:%G %a' /shelf/photos"));
        Assert.True(await nas.Succeeds("mountpoint -q /srv/software && mountpoint -q /shelf/photos/raw"));
        var exported = await nas.Text("exportfs -s");
        Assert.Matches(@"(?m)^/shelf/photos\s+10\.0\.0\.0/16\(.*\bcrossmnt\b.*\brw\b", exported);
        Assert.Contains("shadow:snapdir = .snapshots", await nas.Text("testparm -s 2>/dev/null"), StringComparison.Ordinal);
        Assert.True(status.Find("Pool", "shelf")?.IsReady, status.Text);

        await nas.AgentPass();
        var journal = await nas.Journal();
        await nas.AgentPass();
        Assert.Equal(journal, await nas.Journal());
        var plan = await nas.Run("nasgitops plan --exit-code");
        Assert.True(plan.Ok, plan.ToString());
        var metrics = await nas.Run("curl -sf http://127.0.0.1:9753/metrics | tee /tmp/metrics | promtool check metrics");
        Assert.True(metrics.Ok && metrics.Output.Length + metrics.Error.Length == 0, metrics.ToString());
        Assert.Contains("nasgitops_pool_free_bytes{pool=\"shelf\"}", await nas.Text("cat /tmp/metrics"), StringComparison.Ordinal);
    }

    [LabFact(2)]
    public async Task Data_goes_through_NFS_and_SMB_also_in_nested_datasets_and_the_quota_holds_there()
    {
        await nas.EnsureApplied();

        var written = await nas.ThroughNfs("/shelf/photos", "runuser -u ada -- sh -c 'echo by-nfs >/mnt/lab/n.txt && echo deep >/mnt/lab/raw/d.txt && cat /mnt/lab/n.txt /mnt/lab/raw/d.txt'");
        Assert.True(written.Ok, written.ToString());
        Assert.Equal("by-nfs\ndeep", written.Text);
        Assert.Equal("ada:household", await nas.Text("stat -c %U:%G /shelf/photos/raw/d.txt"));
        var bySmb = await nas.Smb("ada", "photos", "get raw\\d.txt /tmp/deep.back");
        Assert.True(bySmb.Ok, bySmb.ToString());
        Assert.Equal("deep", await nas.Text("cat /tmp/deep.back"));
        var full = await nas.ThroughNfs("/shelf/photos", "runuser -u ada -- dd if=/dev/urandom of=/mnt/lab/big bs=1M count=300 conv=fsync");
        Assert.Contains("quota", full.Error, StringComparison.OrdinalIgnoreCase);
        // What was freed counts again once nfsd has let go of the deleted file, which it keeps open for a while, and that is committed.
        await nas.Must("rm -f /shelf/photos/big");
        await nas.WaitUntil("the quota has room again", $"btrfs filesystem sync {BtrfsNas.Top} && btrfs qgroup show -f --raw /shelf/photos | awk 'END {{ print $2 }}'", used => long.Parse(used, null) < 50 << 20);
    }

    [LabFact(3)]
    public async Task An_old_version_is_fetched_through_SMB_also_below_a_nested_dataset()
    {
        await nas.EnsureApplied();
        await nas.Must("echo first >/tmp/v1; echo second >/tmp/v2");
        await Put("/tmp/v1");
        foreach (var node in new[] { "photos", "photos/raw" })
            await nas.Must($"btrfs subvolume snapshot -r {BtrfsNas.Top}/{node}/@ {BtrfsNas.Top}/{node}/@snapshots/auto-daily_GMT-2026.01.01-00.00.00");
        await Put("/tmp/v2");

        foreach (var file in new[] { "doc.txt", "raw\\deep.txt" })
        {
            Assert.Contains("@GMT-2026.01.01-00.00.00", (await nas.Smb("ada", "photos", $"allinfo {file}")).Output, StringComparison.Ordinal);
            Assert.Contains("first", (await nas.Smb("ada", "photos", $"get @GMT-2026.01.01-00.00.00\\{file} -")).Output, StringComparison.Ordinal);
            Assert.Contains("second", (await nas.Smb("ada", "photos", $"get {file} -")).Output, StringComparison.Ordinal);
        }

        // One command each: smbclient ends as the last of them did.
        async Task Put(string version)
        {
            foreach (var command in new[] { $"put {version} doc.txt", $"cd raw; put {version} deep.txt" })
            {
                var put = await nas.Smb("ada", "photos", command);
                Assert.True(put.Ok, put.ToString());
            }
        }
    }

    [LabFact(4)]
    public async Task Exports_withdrawn_by_hand_are_back_also_those_to_names()
    {
        await nas.EnsureApplied();
        Assert.Contains("lab.example", await nas.Text("exportfs -s | grep ^/srv/software"), StringComparison.Ordinal);
        await nas.Must("exportfs -u lab.example:/srv/software && exportfs -u 10.0.0.0/16:/shelf/photos");

        await nas.WaitUntil("both are exported again", "exportfs -s", text => text.Contains("lab.example", StringComparison.Ordinal) && text.Contains("/shelf/photos", StringComparison.Ordinal));
        await nas.WaitForApplied(await nas.Tip());
    }

    [LabFact(5)]
    public async Task A_rename_under_an_NFS_mount_keeps_data_and_snapshots()
    {
        await nas.EnsureApplied();
        const string Extra = "common/extra.yaml";
        const string Draft = "apiVersion: nasgitops.io/v1\nkind: Dataset\nmetadata: {name: shelf/draft}\nspec: {permissions: {owner: ada}}\n---\napiVersion: nasgitops.io/v1\nkind: NfsExport\nmetadata: {name: draft}\nspec: {dataset: shelf/draft, clients: [{host: 10.0.0.0/16, access: rw}]}\n";
        await nas.Push("A draft", (Extra, Draft));
        await nas.WaitForApplied(await nas.Tip());
        await nas.Must($"echo thesis >/shelf/draft/t.txt && btrfs subvolume snapshot -r {BtrfsNas.Top}/draft/@ {BtrfsNas.Top}/draft/@snapshots/monday");
        await nas.Must($"mkdir -p /mnt/open && mount -t nfs4 {ManagedNas.Address}:/shelf/draft /mnt/open && cat /mnt/open/t.txt");

        await nas.Push("The draft is final", (Extra, Draft.Replace("shelf/draft}\nspec: {", "shelf/final}\nspec: {movedFrom: shelf/draft, ", StringComparison.Ordinal).Replace("dataset: shelf/draft", "dataset: shelf/final", StringComparison.Ordinal)));
        await nas.WaitForApplied(await nas.Tip());

        Assert.Equal("thesis\nthesis", await nas.Text("cat /shelf/final/t.txt /shelf/final/.snapshots/monday/t.txt"));
        Assert.False(await nas.Succeeds("mountpoint -q /shelf/draft"));
        await nas.Run("umount -l /mnt/open");
    }

    [LabFact(6)]
    public async Task After_a_reboot_pool_mounts_exports_and_shares_are_back_with_no_manual_help()
    {
        await nas.EnsureApplied();
        await nas.Must("echo before >/shelf/photos/reboot.txt && chown ada:household /shelf/photos/reboot.txt && echo setup >/srv/software/setup.txt && sync");

        await nas.Reboot();

        await nas.WaitUntil("the exports are back", "exportfs -s", text => text.Contains("/shelf/photos", StringComparison.Ordinal) && text.Contains("/srv/software", StringComparison.Ordinal) && text.Contains("lab.example", StringComparison.Ordinal), TimeSpan.FromSeconds(240));
        await nas.WaitUntil("the share is back", async () => (await nas.Smb("ada", "photos", "get reboot.txt /tmp/reboot.back")) is { Ok: false } failed ? failed.ToString() : null);
        Assert.Equal("before", await nas.Text("cat /tmp/reboot.back"));
        var byNfs = await nas.ThroughNfs("/srv/software", "cat /mnt/lab/setup.txt");
        Assert.Equal("setup", byNfs.Text);
        Assert.True(await nas.Succeeds($"mountpoint -q {BtrfsNas.Top} && mountpoint -q /shelf/photos/raw/.snapshots"));
        await nas.WaitForApplied(await nas.Tip());
    }

    [LabFact(7)]
    public async Task A_disk_pulled_from_the_mirror_and_a_read_only_file_system_are_degraded_and_data_stays_served()
    {
        await nas.EnsureApplied();
        await nas.Must("echo served >/shelf/photos/served.txt && chown ada /shelf/photos/served.txt && sync");
        await nas.Must($"mount -o remount,ro {BtrfsNas.Top}");
        await nas.WaitForStatus("the pool is degraded", s => s.Find("Pool", "shelf")?.Says("PoolReadonly") == true);
        Assert.True((await nas.Smb("ada", "photos", "get served.txt -")).Ok);
        await nas.Must($"mount -o remount,rw {BtrfsNas.Top}");
        await nas.WaitForApplied(await nas.Tip());

        var slot = await nas.Unplug("/dev/disk/by-id/virtio-NAS02");
        try
        {
            await nas.WaitForStatus("the pool is degraded", s => s.Find("Pool", "shelf") is { } pool && (pool.Says("PoolDegraded") || pool.Says("DiskErrors")));
            Assert.Contains("served", (await nas.Smb("ada", "photos", "get served.txt -")).Output, StringComparison.Ordinal);
            Assert.True(await nas.Succeeds("systemctl is-active -q nasgitops"));
        }
        finally
        {
            await nas.PlugIn(slot);
        }
    }
}

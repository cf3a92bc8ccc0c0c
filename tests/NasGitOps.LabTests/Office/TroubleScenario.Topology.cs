using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Office;

public sealed partial class TroubleScenario
{
    private const string Pause = "/sys/module/zfs/parameters/zfs_scan_suspend_progress";
    private static readonly string[] Spare = ["/dev/disk/by-id/virtio-NAS05", "/dev/disk/by-id/virtio-NAS06", "/dev/disk/by-id/virtio-NAS07"];

    [LabFact(53)]
    public async Task A_pulled_disk_is_replaced_by_a_commit_and_what_ZFS_cannot_do_is_blocked_with_its_reason()
    {
        await nas.EnsureOfficeApplied();
        await nas.Push("A pool to work on", (Extra, Shift("mirror", "64MiB", Spare[0], Spare[1])));
        await nas.WaitForApplied(await nas.Tip());
        await nas.Must("dd if=/dev/urandom of=/shift/data/film bs=1M count=48 status=none && sync");
        var film = await nas.Text("sha256sum </shift/data/film");

        // A disk is pulled, and a new one is named in its place.
        var slot = await nas.Unplug(Spare[1]);
        try
        {
            await nas.WaitForStatus("the pool is degraded", s => s.Find("Pool", "shift")?.Says("PoolDegraded") == true, TimeSpan.FromSeconds(120));
            await nas.Must($"echo 1 >{Pause}");
            await nas.Push("A new disk", (Extra, Shift("mirror", "64MiB", Spare[0], Spare[2])));
            var resilvering = await nas.WaitForStatus("the pool resilvers, and how far it is", s => s.Find("Pool", "shift")?.Conditions.Any(c => c is { Type: "Reconciling", Reason: "Resilvering" } && c.Message.Contains("% done", StringComparison.Ordinal)) == true);
            Assert.Contains($"{Spare[1]} → {Spare[2]}", resilvering.Find("Pool", "shift")!.ToString(), StringComparison.Ordinal);
            Assert.Contains("% done", await nas.Text("nasgitops status"), StringComparison.Ordinal);
        }
        finally
        {
            await nas.Must($"echo 0 >{Pause}");
            await nas.PlugIn(slot);
        }

        await nas.WaitUntil("the new disk has taken over", "zpool status -P shift", text => text.Contains("NAS07", StringComparison.Ordinal) && !text.Contains("NAS06", StringComparison.Ordinal) && text.Contains("state: ONLINE", StringComparison.Ordinal), TimeSpan.FromSeconds(120));
        await nas.WaitForApplied(await nas.Tip());
        await nas.WaitForStatus("nothing is said of it any more", s => s.Find("Pool", "shift") is { IsReady: true } pool && !pool.Says("Resilvering") && !pool.Says("PoolDegraded"));
        Assert.Equal(film, await nas.Text("sha256sum </shift/data/film"));

        // The old disk still carries what it held: it is not taken until somebody has wiped it; then it becomes the third side.
        var before = await nas.Text($"sha256sum <{Spare[1]}");
        await nas.Push("A third side", (Extra, Shift("mirror", "128MiB", [Spare[0], Spare[2], Spare[1]])));
        await nas.WaitForStatus("the used disk is refused", s => s.Find("Pool", "shift")?.Says("DiskNotBlank") == true);
        Assert.Equal(before, await nas.Text($"sha256sum <{Spare[1]}"));
        await Wipe(Spare[1]);
        await nas.AgentPass();
        await nas.WaitUntil("it is attached", "zpool status -P shift", text => text.Contains("NAS06", StringComparison.Ordinal) && text.Contains("scan: resilvered", StringComparison.Ordinal), TimeSpan.FromSeconds(120));
        await nas.WaitForApplied(await nas.Tip());

        // A volume grows, with what is kept free for it.
        Assert.Equal("134217728", await nas.Property("shift/disk", "volsize"));
        Assert.True(ulong.Parse(await nas.Property("shift/disk", "refreservation"), null) >= 134217728);

        // No mirror becomes a raidz, and no volume shrinks.
        var layout = await nas.Text("zpool status -P shift | grep virtio");
        await nas.Push("Impossible", (Extra, Shift("raidz1", "32MiB", [Spare[0], Spare[2], Spare[1]])));
        var blocked = await nas.WaitForStatus("both are blocked", s => s.Find("Pool", "shift")?.Says("RaidzConversion") == true && s.Find("Dataset", "shift/disk")?.Says("VolumeShrink") == true);
        Assert.Contains("write mirror in the manifest", blocked.Find("Pool", "shift")!.ToString(), StringComparison.Ordinal);
        Assert.Equal(layout, await nas.Text("zpool status -P shift | grep virtio"));
        Assert.Equal("134217728", await nas.Property("shift/disk", "volsize"));
        Assert.Equal(film, await nas.Text("sha256sum </shift/data/film"));

        await nas.EnsureOfficeApplied();
        await nas.Must("zpool destroy shift");
        foreach (var disk in Spare) await Wipe(disk);
        await RestoreOffice("Dataset/shift/data", "Dataset/shift/disk", "Pool/shift");
    }

    private static string Shift(string type, string volume, params string[] disks) => $$"""
        apiVersion: nasgitops.io/v1
        kind: Pool
        metadata: {name: shift}
        spec:
          vdevs: [{type: {{type}}, disks: [{{string.Join(", ", disks)}}]}]
          mountpoint: /shift
        ---

        """ + DatasetManifest("shift/data") + "---\n" + DatasetManifest("shift/disk", $"{{type: volume, volumeSize: {volume}}}");
}

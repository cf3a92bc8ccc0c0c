namespace NasGitOps.LabTests.Btrfs;

public sealed partial class BtrfsScenario
{
    [BtrfsFact]
    public async Task After_a_start_of_the_host_one_pass_brings_everything_back()
    {
        string[] manifests = [host.PoolManifest("", "disk.img", "second.img"), host.Dataset("a", $"{{mountpoint: {host.Root}-a, quota: 64MiB, properties: {{exec: \"off\"}}}}"), host.Dataset("a/b"), host.Dataset("c", "{drift: report}")];
        host.Image("second.img", 1024);
        await host.MustApply(manifests);
        await host.Must($"echo before >{host.Root}-a/b/f");
        var mounted = await host.Mounted();

        await host.Reboot();
        var pass = await host.Pass();

        Assert.True(pass.Ok, pass.ToString());
        Assert.Equal(mounted, await host.Mounted());
        Assert.Equal("before", await host.Must($"cat {host.Root}-a/b/f"));
        Assert.Contains("noexec", await host.Must($"findmnt -n -o OPTIONS {host.Root}-a"), StringComparison.Ordinal);
        await host.MustBeSettled();
    }

    [BtrfsFact]
    public async Task A_pool_whose_image_is_gone_is_PoolMissing_and_nothing_is_made_anew()
    {
        string[] manifests = [host.PoolManifest(), host.Dataset("a")];
        await host.MustApply(manifests);
        await host.Must($"echo keep >{host.Root}/a/f");
        await host.Reboot();
        await host.Must("mv disk.img elsewhere.img");
        host.Image("disk.img", 1024);

        await host.Pass();
        Assert.True(host.Status().Find("Pool", host.Pool)?.Says("PoolMissing"), host.Status().Text);
        Assert.Empty(await host.Mounted());
        Assert.Equal("0", await host.Must("tr -d '\\0' <disk.img | wc -c"));

        // Nor is another file system of that name taken for it.
        await host.Must($"mkfs.btrfs -q -L {host.Pool} disk.img");
        await host.Pass();
        Assert.True(host.Status().Find("Pool", host.Pool)?.Says("PoolReplaced"), host.Status().Text);
        Assert.Empty(await host.Mounted());

        await host.Must("mv elsewhere.img disk.img");
        Assert.True((await host.Pass()).Ok);
        Assert.Equal("keep", await host.Must($"cat {host.Root}/a/f"));
    }

    [BtrfsFact]
    public async Task A_dataset_deleted_by_hand_is_DatasetMissing_and_nothing_is_made_anew()
    {
        await host.MustApply(host.PoolManifest(), host.Dataset("a"), host.Dataset("b"));
        await host.Must($"umount {host.Root}/a/.snapshots {host.Root}/a && btrfs subvolume delete {host.Top}/a/@");

        await host.Pass();

        Assert.True(host.Status().Find("Dataset", $"{host.Pool}/a")?.Says("DatasetMissing"), host.Status().Text);
        Assert.True(host.Status().Find("Dataset", $"{host.Pool}/b")?.IsReady, host.Status().Text);
        Assert.False((await host.Sh($"test -e {host.Top}/a/@")).Ok);
    }

    [BtrfsFact]
    public async Task A_deleted_manifest_leaves_an_orphan_with_all_its_data()
    {
        await host.MustApply(host.PoolManifest(), host.Dataset("a"), host.Dataset("b"));
        await host.Must($"echo stand 7 >{host.Root}/a/f");

        await host.MustApply(host.PoolManifest(), host.Dataset("b"));
        Assert.True(host.Status().Find("Dataset", $"{host.Pool}/a")?.Says("Orphaned"), host.Status().Text);
        await host.MustApply(host.PoolManifest(), host.Dataset("a"), host.Dataset("b"));

        Assert.Equal("stand 7", await host.Must($"cat {host.Root}/a/f"));
        await host.MustBeSettled();
    }

    [BtrfsFact]
    public async Task A_disk_that_carries_anything_is_refused()
    {
        await host.Must("printf 'somebody’s data' | dd of=disk.img bs=4k seek=3 conv=notrunc status=none");
        var before = await host.Must("sha256sum disk.img");

        await host.Apply(host.PoolManifest());

        Assert.True(host.Status().Find("Pool", host.Pool)?.Says("DiskNotBlank"), host.Status().Text);
        Assert.Equal(before, await host.Must("sha256sum disk.img"));
    }

    [BtrfsFact]
    public async Task A_file_system_that_somebody_made_is_imported_with_its_data_and_its_subvolumes_stay_as_they_are()
    {
        await host.Must($"mkfs.btrfs -q -L {host.Pool} disk.img && mkdir m && mount -o loop disk.img m && btrfs subvolume create m/mine && echo mine >m/mine/f && mkdir m/plain && echo plain >m/plain/f && umount m");

        await host.MustApply(host.PoolManifest(), host.Dataset("a"));

        Assert.Equal("mine\nplain", await host.Must($"cat {host.Top}/mine/f {host.Top}/plain/f"));
        Assert.True((await host.Sh($"mountpoint -q {host.Root}/a")).Ok);
        Assert.DoesNotContain("mkfs", string.Concat(await host.Journal()), StringComparison.Ordinal);
        await host.MustBeSettled();
    }

    [BtrfsFact]
    public async Task A_mount_point_that_is_a_link_is_refused_and_nothing_is_mounted_behind_it()
    {
        await host.MustApply(host.PoolManifest(), host.Dataset("a"));
        await host.Must($"mkdir {host.Root}/a/target; ln -s target {host.Root}/a/b");

        await host.Apply(host.PoolManifest(), host.Dataset("a"), host.Dataset("a/b"));

        Assert.True(host.Status().Find("Dataset", $"{host.Pool}/a/b")?.Says("MountpointIsLink"), host.Status().Text);
        Assert.DoesNotContain(await host.Mounted(), m => m.EndsWith("/target", StringComparison.Ordinal));
    }

    [BtrfsFact]
    public async Task A_full_pool_is_degraded_and_so_is_what_could_not_be_made_and_both_heal()
    {
        await host.MustApply(host.PoolManifest(), host.Dataset("a"));
        await host.Sh($"dd if=/dev/zero of={host.Root}/a/fill bs=1M status=none; for n in $(seq 1 3000); do dd if=/dev/urandom of={host.Root}/a/s$n bs=2k count=1 status=none || break; done; sync");

        var pass = await host.Pass();

        Assert.True(host.Status().Find("Pool", host.Pool)?.Says("PoolFull"), $"{pass}\n{host.Status().Text}\n{await host.Must($"btrfs filesystem usage -b {host.Top}")}");
        Assert.Contains("type: Degraded\n    status: \"True\"", host.Status().Text.Replace("'True'", "\"True\"", StringComparison.Ordinal), StringComparison.Ordinal);

        await host.Must($"rm -f {host.Root}/a/*; sync; btrfs filesystem sync {host.Top}");
        await host.MustApply(host.PoolManifest(), host.Dataset("a"), host.Dataset("b"));
        Assert.False(host.Status().Find("Pool", host.Pool)?.Says("PoolFull"), host.Status().Text);
        await host.MustBeSettled();
    }

    [BtrfsFact]
    public async Task A_pool_that_became_read_only_is_degraded_and_no_pass_breaks_off()
    {
        string[] manifests = [host.PoolManifest(), host.Dataset("a")];
        await host.MustApply(manifests);
        await host.Must($"mount -o remount,ro {host.Top}");

        var pass = await host.Apply([.. manifests, host.Dataset("b")]);

        Assert.False(pass.Ok);
        Assert.DoesNotContain("Unhandled", pass.Error, StringComparison.Ordinal);
        Assert.True(host.Status().Find("Pool", host.Pool)?.Says("PoolReadonly"), host.Status().Text);
        Assert.True(host.Status().Find("Dataset", $"{host.Pool}/b") is { IsReady: false } b && b.ToString().Contains("Read-only", StringComparison.Ordinal), host.Status().Text);
        Assert.True(host.Status().Find("Dataset", $"{host.Pool}/a")?.IsReady, host.Status().Text);

        await host.Must($"mount -o remount,rw {host.Top}");
        Assert.True((await host.Pass()).Ok);
        await host.MustBeSettled();
    }

    [BtrfsFact]
    public async Task Killed_at_any_instant_the_next_pass_converges()
    {
        string[] manifests = [host.PoolManifest("  properties: {compression: zstd}"), host.Dataset("a", "{quota: 64MiB, permissions: {mode: \"0750\"}}"), host.Dataset("a/b", "{refquota: 32MiB}"), host.Dataset("c", "{properties: {nocow: \"on\"}}")];
        await host.Commit(manifests);
        foreach (var milliseconds in new[] { 700, 900, 1000, 1100, 1200, 1400, 1600, 2000 })
            await host.Sh($"timeout -s KILL {(milliseconds / 1000.0).ToString(System.Globalization.CultureInfo.InvariantCulture)} {Lab.Checkout.Binary()} apply --config {host.At("agent.yaml")}");

        var pass = await host.Pass();

        Assert.True(pass.Ok, pass.ToString());
        Assert.Equal("compression=zstd", await host.Must($"btrfs property get {host.Top}/a/b/@ compression"));
        Assert.Contains("C", (await host.Must($"lsattr -d {host.Top}/c/@")).Split(' ')[0], StringComparison.Ordinal);
        Assert.Equal("750", await host.Must($"stat -c %a {host.Root}/a"));
        await host.MustBeSettled();
    }

    [BtrfsFact]
    public async Task What_btrfs_cannot_do_is_said_at_the_line_of_the_manifest_and_nothing_is_touched()
    {
        var refused = await host.Apply(
            host.PoolManifest(),
            host.Dataset("v", "{\n  type: volume,\n  volumeSize: 16MiB}"),
            host.Dataset("e", "{\n  encryption: {key: {secretRef: k}}}"),
            host.Dataset("r", "{\n  reservation: 1GiB,\n  userQuotas: {root: 1GiB},\n  properties: {recordsize: 1M}}"));

        Assert.False(refused.Ok);
        var said = refused.Output + refused.Error;
        foreach (var field in new[] { "spec.type", "spec.encryption", "spec.reservation", "spec.userQuotas", "spec.properties.recordsize" })
            Assert.Matches($@"all\.yaml:\d+:\d+: error: {field.Replace(".", "\\.", StringComparison.Ordinal)}: ", said);
        Assert.Equal("0", await host.Must("tr -d '\\0' <disk.img | wc -c"));
    }
}

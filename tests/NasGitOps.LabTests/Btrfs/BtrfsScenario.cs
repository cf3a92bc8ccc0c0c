namespace NasGitOps.LabTests.Btrfs;

/// <summary>What the ZFS lab shows, where it applies, on the real btrfs of this machine: storage itself.</summary>
[Trait("Category", "Integration")]
public sealed partial class BtrfsScenario : IAsyncLifetime
{
    private readonly BtrfsHost host = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => host.DisposeAsync().AsTask();

    [BtrfsFact]
    public async Task A_commit_makes_pool_datasets_mounts_and_directories_and_a_second_pass_changes_nothing()
    {
        await host.MustApply(
            host.PoolManifest("  properties: {compression: zstd, atime: \"off\"}\n  options: {quotas: \"on\"}"),
            host.Dataset("media", "{permissions: {group: \"100\", mode: \"2775\"}, directories: [{path: in/deep, owner: \"7\", mode: \"0770\"}]}"),
            host.Dataset("media/raw", "{properties: {compression: \"off\", exec: \"off\"}}"),
            host.Dataset("vm", $"{{mountpoint: {host.Root}-vm, properties: {{nocow: \"on\"}}}}"),
            host.Dataset("hidden", "{properties: {canmount: \"off\"}}"));

        Assert.Equal("0:100 2775", await host.Must($"stat -c '%u:%g %a' {host.Root}/media"));
        Assert.Equal("7 770", await host.Must($"stat -c '%u %a' {host.Root}/media/in/deep"));
        Assert.Equal("compression=zstd", await host.Must($"btrfs property get {host.Root}/media compression"));
        Assert.Equal("", await host.Must($"btrfs property get {host.Root}/media/raw compression"));
        Assert.Contains("noexec", await host.Must($"findmnt -n -o OPTIONS {host.Root}/media/raw"), StringComparison.Ordinal);
        Assert.Contains("noatime", await host.Must($"findmnt -n -o OPTIONS {host.Root}/media/raw"), StringComparison.Ordinal);
        Assert.Contains("C", (await host.Must($"lsattr -d {host.Root}-vm")).Split(' ')[0], StringComparison.Ordinal);
        Assert.DoesNotContain(await host.Mounted(), m => m.EndsWith("/hidden", StringComparison.Ordinal));
        Assert.Equal("700", await host.Must("stat -c %a /run/nasgitops-btrfs"));
        Assert.All(new[] { "media", "media/raw", "vm", "hidden" }, d => Assert.True(host.Status().Find("Dataset", $"{host.Pool}/{d}")?.IsReady, host.Status().Text));
        await host.MustBeSettled();
    }

    [BtrfsFact]
    public async Task Others_may_enter_what_is_made_whatever_the_umask()
    {
        await host.Commit(host.PoolManifest(), host.Dataset("a", "{directories: [{path: in/deep}]}"), host.Dataset("a/b", $"{{mountpoint: {host.Root}-x/y}}"));

        await host.Must($"umask 077; {Lab.Checkout.Binary()} apply --config agent.yaml");

        var modes = await host.Must($"stat -c %a {host.Root} {host.Root}/.snapshots {host.Root}/a {host.Root}/a/.snapshots {host.Root}/a/in {host.Root}/a/in/deep {host.Root}-x {host.Root}-x/y");
        Assert.Equal("755", Assert.Single(modes.Split('\n').Distinct()));
        Assert.Equal("700\n600", await host.Must("stat -c %a /run/nasgitops-btrfs state/journal.jsonl"));
    }

    [BtrfsFact]
    public async Task A_quota_stops_the_writer_and_a_higher_one_lets_him_go_on()
    {
        await host.MustApply(host.PoolManifest(), host.Dataset("a", "{quota: 96MiB}"), host.Dataset("b", "{refquota: 32MiB, quota: 64MiB}"), host.Dataset("free"));

        Assert.Contains("Disk quota exceeded", (await host.Sh($"dd if=/dev/urandom of={host.Root}/b/x bs=1M count=48 conv=fsync")).Error, StringComparison.Ordinal);
        Assert.Contains("Disk quota exceeded", (await host.Sh($"dd if=/dev/urandom of={host.Root}/a/x bs=1M count=128 conv=fsync")).Error, StringComparison.Ordinal);
        Assert.InRange(long.Parse(await host.Must($"du -sm {host.Root}/a | cut -f1"), System.Globalization.CultureInfo.InvariantCulture), 80, 97);
        await host.Write($"{host.Root}/free/x", 128);

        // Snapshots leave the limits in force.
        await host.Must($"rm {host.Root}/a/x; for n in 1 2 3; do btrfs subvolume snapshot -r {host.Top}/a/@ {host.Top}/a/@snapshots/$n; done");
        Assert.Contains("Disk quota exceeded", (await host.Sh($"dd if=/dev/urandom of={host.Root}/a/y bs=1M count=128 conv=fsync")).Error, StringComparison.Ordinal);
        Assert.DoesNotContain("inconsistent", (await host.Sh($"btrfs qgroup show {host.Top}")).Error, StringComparison.Ordinal);

        await host.MustApply(host.PoolManifest(), host.Dataset("a", "{quota: 256MiB}"), host.Dataset("b"), host.Dataset("free"));
        await host.Write($"{host.Root}/a/z", 64);
        await host.Write($"{host.Root}/b/z", 64);
        await host.MustBeSettled();
        Assert.True(host.Status().Find("Dataset", $"{host.Pool}/a")?.IsReady, host.Status().Text);
    }

    [BtrfsFact]
    public async Task A_rename_keeps_data_snapshots_children_and_their_limits()
    {
        await host.MustApply(host.PoolManifest(), host.Dataset("old", "{quota: 64MiB}"), host.Dataset("old/kid"), host.Dataset("box", "{quota: 128MiB}"));
        await host.Must($"echo thesis >{host.Root}/old/t.txt; echo kid >{host.Root}/old/kid/k.txt; btrfs subvolume snapshot -r {host.Top}/old/@ {host.Top}/old/@snapshots/monday; echo later >{host.Root}/old/t.txt");
        var id = await host.Must($"btrfs inspect-internal rootid {host.Top}/old/@");

        await host.MustApply(host.PoolManifest(), host.Dataset("box", "{quota: 128MiB}"), host.Dataset("box/new", $"{{quota: 64MiB, movedFrom: {host.Pool}/old}}"), host.Dataset("box/new/kid"));

        Assert.Equal(id, await host.Must($"btrfs inspect-internal rootid {host.Top}/box/new/@"));
        Assert.Equal("later\nthesis\nkid", await host.Must($"cat {host.Root}/box/new/t.txt {host.Root}/box/new/.snapshots/monday/t.txt {host.Root}/box/new/kid/k.txt"));
        Assert.False((await host.Sh($"test -e {host.Top}/old")).Ok);
        Assert.DoesNotContain(await host.Mounted(), m => m.StartsWith(host.Root + "/old", StringComparison.Ordinal));
        Assert.Contains("Disk quota exceeded", (await host.Sh($"dd if=/dev/urandom of={host.Root}/box/new/x bs=1M count=96 conv=fsync")).Error, StringComparison.Ordinal);
        await host.MustBeSettled();
        Assert.True(host.Status().Find("Dataset", $"{host.Pool}/box/new")?.IsReady, host.Status().Text);
    }

    [BtrfsFact]
    public async Task A_changed_mount_point_moves_what_is_mounted_and_what_lies_below()
    {
        await host.MustApply(host.PoolManifest(), host.Dataset("a"), host.Dataset("a/b"));
        await host.Must($"echo x >{host.Root}/a/b/f");

        await host.MustApply(host.PoolManifest(), host.Dataset("a", $"{{mountpoint: {host.Root}-moved}}"), host.Dataset("a/b"));

        Assert.Equal("x", await host.Must($"cat {host.Root}-moved/b/f"));
        Assert.DoesNotContain(await host.Mounted(), m => m.StartsWith(host.Root + "/a", StringComparison.Ordinal));
        await host.MustBeSettled();

        await host.MustApply(host.PoolManifest(), host.Dataset("a"), host.Dataset("a/b"));
        Assert.Equal("x", await host.Must($"cat {host.Root}/a/b/f"));
        await host.MustBeSettled();
    }

    [BtrfsFact]
    public async Task A_dataset_that_is_mounted_no_more_is_unmounted_also_where_its_parent_moves_in_the_same_commit()
    {
        await host.MustApply(host.PoolManifest(), host.Dataset("a", $"{{mountpoint: {host.Root}-moved}}"), host.Dataset("a/b"), host.Dataset("a/b/c"));

        await host.MustApply(host.PoolManifest(), host.Dataset("a"), host.Dataset("a/b", "{properties: {canmount: \"off\"}}"), host.Dataset("a/b/c"));

        var mounted = (await host.Mounted()).Where(m => !m.EndsWith("/.snapshots", StringComparison.Ordinal) && m != host.Root && m != host.Top);
        Assert.Equal([$"{host.Root}/a", $"{host.Root}/a/b/c"], mounted);
        await host.MustBeSettled();
    }

    [BtrfsFact]
    public async Task Properties_that_somebody_changes_are_put_back_and_those_taken_out_are_given_back()
    {
        await host.MustApply(host.PoolManifest(), host.Dataset("a", "{properties: {compression: zlib, exec: \"off\"}, quota: 64MiB}"));
        await host.Must($"btrfs property set {host.Top}/a/@ compression lzo && mount -o remount,bind,exec {host.Root}/a && btrfs qgroup limit none 0/$(btrfs inspect-internal rootid {host.Top}/a/@) {host.Top}");

        Assert.True((await host.Pass()).Ok);
        Assert.Equal("compression=zlib", await host.Must($"btrfs property get {host.Top}/a/@ compression"));
        Assert.Contains("noexec", await host.Must($"findmnt -n -o OPTIONS {host.Root}/a"), StringComparison.Ordinal);
        await host.MustBeSettled();

        await host.MustApply(host.PoolManifest(), host.Dataset("a"));
        Assert.Equal("", await host.Must($"btrfs property get {host.Top}/a/@ compression"));
        Assert.DoesNotContain("noexec", await host.Must($"findmnt -n -o OPTIONS {host.Root}/a"), StringComparison.Ordinal);
        await host.Write($"{host.Root}/a/x", 96);
        await host.MustBeSettled();
    }

    [BtrfsFact]
    public async Task A_read_only_dataset_refuses_writes_and_takes_them_again()
    {
        await host.MustApply(host.PoolManifest(), host.Dataset("a", "{properties: {readonly: \"on\"}}"));
        Assert.Contains("Read-only file system", (await host.Sh($"touch {host.Root}/a/x")).Error, StringComparison.Ordinal);
        await host.MustBeSettled();
        await host.MustApply(host.PoolManifest(), host.Dataset("a"));
        await host.Must($"touch {host.Root}/a/x");
        await host.MustBeSettled();
    }

    [BtrfsFact]
    public async Task A_pool_grows_with_its_image_and_by_another_device()
    {
        await host.MustApply(host.PoolManifest("  options: {autoexpand: \"on\"}"), host.Dataset("a"));
        host.Image("disk.img", 2048);

        await host.MustApply(host.PoolManifest("  options: {autoexpand: \"on\"}"), host.Dataset("a"));
        Assert.Equal("2147483648", await host.Must($"btrfs filesystem usage -b {host.Top} | awk '/Device size/ {{print $3}}'"));
        await host.MustBeSettled();

        host.Image("second.img", 1024);
        await host.MustApply(host.PoolManifest("  options: {autoexpand: \"on\"}", "disk.img", "second.img"), host.Dataset("a"));
        Assert.Equal("3221225472", await host.Must($"btrfs filesystem usage -b {host.Top} | awk '/Device size/ {{print $3}}'"));
        await host.MustBeSettled();
    }
}

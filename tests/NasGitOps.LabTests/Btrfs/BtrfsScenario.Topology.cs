namespace NasGitOps.LabTests.Btrfs;

public sealed partial class BtrfsScenario
{
    [BtrfsFact]
    public async Task A_disk_is_replaced_in_the_background_and_what_would_take_hours_is_left_to_a_person()
    {
        host.Image("second.img", 1024);
        host.Image("third.img", 1024);
        await host.MustApply(host.PoolManifest("", "disk.img", "second.img"), host.Dataset("a"));
        await host.Write($"{host.Root}/a/film", 60);
        var film = await host.Must($"sha256sum {host.Root}/a/film");

        // A disk that carries something is not taken.
        await host.Must("printf 'somebody’s data' | dd of=third.img bs=4k seek=3 conv=notrunc status=none");
        await host.Apply(host.PoolManifest("", "disk.img", "third.img"), host.Dataset("a"));
        Assert.True(host.Status().Find("Pool", host.Pool)?.Says("DiskNotBlank"), host.Status().Text);
        await host.Must("dd if=/dev/zero of=third.img bs=4k seek=3 count=1 conv=notrunc status=none");

        await host.MustApply(host.PoolManifest("", "disk.img", "third.img"), host.Dataset("a"));
        await WaitFor("the new disk has taken over", async () => (await host.Must($"btrfs filesystem show {host.Top}")).Split("devid").Length == 3 && (await host.Must($"btrfs replace status -1 {host.Top}")).Contains("finished", StringComparison.Ordinal));
        await host.MustBeSettled();
        Assert.Contains("third.img", await host.Must($"losetup -n -O BACK-FILE $(btrfs filesystem show {host.Top} | awk '/devid +2 /{{print $NF}}')"), StringComparison.Ordinal);
        Assert.Equal(film, await host.Must($"sha256sum {host.Root}/a/film"));

        // One disk less moves all of its data.
        await host.Apply(host.PoolManifest("", "disk.img"), host.Dataset("a"));
        var pool = host.Status().Find("Pool", host.Pool)?.ToString() ?? "";
        Assert.Contains("DeviceRemoval", pool, StringComparison.Ordinal);
        Assert.Contains("btrfs device remove", pool, StringComparison.Ordinal);
        Assert.Equal(3, (await host.Must($"btrfs filesystem show {host.Top}")).Split("devid").Length);
    }
}

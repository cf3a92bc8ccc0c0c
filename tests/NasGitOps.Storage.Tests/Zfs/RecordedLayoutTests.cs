using NasGitOps.Core.Observation;
using NasGitOps.Storage.Zfs;

namespace NasGitOps.Storage.Tests.Zfs;

/// <summary>Pools on their way from one layout to another, as OpenZFS 2.3 printed them (scripts/record-zfs.sh).</summary>
public class RecordedLayoutTests
{
    [Theory]
    [InlineData("zpool-status-attaching", "resilver", "0B resilvered, 0.00% done, no estimated completion time")]
    [InlineData("zpool-status-removing", "removal", "3.50K copied out of 13.5M at 1.75K/s, 0.03% done, 2h11m to go")]
    [InlineData("zpool-status-expanding", "expansion", "1 / 90.3M copied at 1/s, 0.00% done, (copy is slow, no estimated time)")]
    [InlineData("zpool-status-expanded", "scrub", "0B repaired, 0.00% done, no estimated completion time")]
    [InlineData("zpool-status-removed", "", "")]
    [InlineData("zpool-status-spare", "", "")]
    [InlineData("zpool-status-pulled", "", "")]
    public void What_runs_is_told_with_how_far_it_is(string recording, string running, string progress)
    {
        var pool = Pool(recording);
        Assert.Equal((running, progress), (pool.Running, pool.Progress));
    }

    [Fact]
    public void The_last_scan_is_told_while_something_else_runs() => Assert.StartsWith("resilvered 30.2M", Pool("zpool-status-expanding").Scan, StringComparison.Ordinal);

    /// <summary>A place that disks share stands in brackets.</summary>
    [Theory]
    [InlineData("zpool-status-replacing-single", "stripe data [b c]")]
    [InlineData("zpool-status-spare", "stripe data [c s], stripe spare s")]
    [InlineData("zpool-status-spare-replacing", "stripe data [c e s], stripe spare s")]
    [InlineData("zpool-status-attaching", "mirror data a b")]
    [InlineData("zpool-status-expanding", "raidz1 data m p o q")]
    public void Disks_that_share_a_place_are_one_disk_of_their_vdev(string recording, string vdevs) => Assert.Equal(vdevs, string.Join(", ", Pool(recording).Vdevs.Select(v =>
        $"{v.Type} {v.Class} {string.Join(' ', v.Places.Select(p => p.Count > 1 ? $"[{string.Join(' ', p.Select(d => d.Path[^1]))}]" : p[0].Path[^1..]))}")));

    [Fact]
    public void A_disk_that_was_pulled_is_no_device_that_another_could_be_taken_for()
    {
        var disks = Pool("zpool-status-pulled").Vdevs[0].Disks;
        Assert.Equal(("REMOVED", "/dev/disk/by-id/virtio-NAS02", "/dev/disk/by-id/virtio-NAS02"), (disks[1].Health, disks[1].Path, disks[1].Device));
        var byKernelName = ZpoolStatusParser.Parse("  pool: tank\nconfig:\n\n\tNAME  STATE\n\ttank  DEGRADED\n\t  mirror-0  DEGRADED\n\t    77  UNAVAIL  0  0  0  was /dev/sdb1\n", new Dictionary<string, string>());
        Assert.Equal(("/dev/sdb", "/dev/sdb (gone)", "77"), (byKernelName[0].Vdevs[0].Disks[0].Path, byKernelName[0].Vdevs[0].Disks[0].Device, byKernelName[0].Vdevs[0].Disks[0].Guid));
    }

    [Theory]
    [InlineData("zpool-status-pulled", "zpool-status-pulled-numbers", "14928009432053580983 12597608433892044975")]
    [InlineData("zpool-status-spare", "zpool-status-spare-numbers", "9300703940567728364 13082093443962165234 13082093443962165234")]
    public void Every_disk_gets_its_number(string named, string numbered, string numbers) =>
        Assert.Equal(numbers, string.Join(' ', ZfsVdevs.WithGuids(State(Pool(named)), Recorded(numbered)).Vdevs.SelectMany(v => v.Disks).Select(d => d.Guid)));

    [Fact]
    public void Numbers_of_another_layout_are_not_taken() =>
        Assert.All(ZfsVdevs.WithGuids(State(Pool("zpool-status-pulled")), Recorded("zpool-status-spare-numbers")).Vdevs.SelectMany(v => v.Disks), d => Assert.Null(d.Guid));

    [Theory]
    [InlineData("zpool-status-spare", "zpool-list-spare", "251658240 0")]
    [InlineData("zpool-status-log", "zpool-list-log", "251658240 251658240 251658240 263716352")]
    [InlineData("zpool-status-expanding", "zpool-list-raidz", "738197504")]
    public void Every_vdev_gets_the_size_that_it_needs(string named, string sized, string sizes) =>
        Assert.Equal(sizes, string.Join(' ', ZfsVdevs.WithSizes(State(Pool(named)), Recorded(sized)).Vdevs.Select(v => v.Size)));

    private static ZpoolStatus Pool(string recording) => Assert.Single(ZpoolStatusParser.Parse(Recorded(recording), new Dictionary<string, string>()));

    private static PoolState State(ZpoolStatus status) => new(status.Pool, "1", "zfs", status.State, status.Scan, 0, 0, 0, new Dictionary<string, PropertyValue>(), status.Vdevs);

    private static string Recorded(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Zfs", "Recorded", $"{name}-2.3.txt"));
}

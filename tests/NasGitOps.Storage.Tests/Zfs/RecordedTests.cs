using NasGitOps.Core.Observation;
using NasGitOps.Storage.Zfs;

namespace NasGitOps.Storage.Tests.Zfs;

/// <summary>Parsers on what real tools printed (scripts/record-zfs.sh).</summary>
public class RecordedTests
{
    private static readonly Dictionary<string, string> NoLinks = [];

    [Theory]
    [InlineData("wide/docs", "quota", "10485760", PropertyValue.Local)]
    [InlineData("wide/docs", "filesystem_limit", "10", PropertyValue.Local)]
    [InlineData("wide/docs", "snapshot_limit", "none", PropertyValue.Default)]
    [InlineData("wide/docs", "acltype", "posix", PropertyValue.Inherited)]
    [InlineData("wide/docs", "xattr", "on", PropertyValue.Inherited)]
    [InlineData("wide/docs", "userquota@1000", "1048576", PropertyValue.Local)]
    [InlineData("wide/docs/deep", "recordsize", "1048576", PropertyValue.Local)]
    [InlineData("wide/docs/deep", "nasgitops:resource", "Pool/wide", PropertyValue.Inherited)]
    [InlineData("wide/disk", "volsize", "16777216", PropertyValue.Local)]
    [InlineData("wide/legacy", "mountpoint", "legacy", PropertyValue.Local)]
    [InlineData("wide/secret", "keystatus", "unavailable", PropertyValue.None)]
    [InlineData("wide/secret/child", "encryptionroot", "wide/secret", PropertyValue.None)]
    [InlineData("wide/clone", "origin", "wide/docs@now", PropertyValue.None)]
    public void A_property_has_its_exact_value_and_where_it_comes_from(string dataset, string property, string value, string source)
    {
        var actual = ZfsGetParser.Parse(Recorded("zfs-get-2.3"))[dataset][property];
        Assert.Equal(new PropertyValue(value, source), actual);
    }

    [Fact]
    public void A_property_without_meaning_for_a_dataset_is_left_out()
    {
        var volume = ZfsGetParser.Parse(Recorded("zfs-get-2.3"))["wide/disk"];
        Assert.False(volume.ContainsKey("mountpoint"));
        Assert.False(volume.ContainsKey("recordsize"));
    }

    /// <summary>OpenZFS 2.1 prints the same columns, knows neither prefetch nor direct, and calls extended attributes in inodes sa. Source: zfsprops(7) of 2.1.</summary>
    [Fact]
    public void Version_2_1_calls_xattr_sa_and_it_is_the_same() =>
        Assert.Equal(new PropertyValue("on", PropertyValue.Local), ZfsGetParser.Parse("tank\txattr\tsa\tlocal\n")["tank"]["xattr"]);

    [Fact]
    public void Every_vdev_has_its_type_class_and_disks()
    {
        var wide = ZpoolStatusParser.Parse(Recorded("zpool-status-2.3"), NoLinks).Single(p => p.Pool == "wide");
        Assert.Equal(
            ["mirror data a b", "mirror data c d", "mirror special e f", "stripe log g", "stripe cache h", "stripe spare i"],
            wide.Vdevs.Select(v => $"{v.Type} {v.Class} {string.Join(' ', v.Disks.Select(d => d.Path[^1]))}"));
    }

    [Theory]
    [InlineData("flat", "stripe data j, stripe data k")]
    [InlineData("rz", "raidz2 data l m n o")]
    public void Pools_of_one_listing_are_kept_apart(string pool, string vdevs)
    {
        var status = ZpoolStatusParser.Parse(Recorded("zpool-status-2.3"), NoLinks).Single(p => p.Pool == pool);
        Assert.Equal(vdevs, string.Join(", ", status.Vdevs.Select(v => $"{v.Type} {v.Class} {string.Join(' ', v.Disks.Select(d => d.Path[^1]))}")));
    }

    [Fact]
    public void A_degraded_pool_names_the_disk_that_is_offline()
    {
        var pool = Assert.Single(ZpoolStatusParser.Parse(Recorded("zpool-status-degraded-2.3"), NoLinks));
        Assert.Equal("DEGRADED", pool.State);
        Assert.Equal("OFFLINE", pool.Vdevs[0].Disks[0].Health);
    }

    [Fact]
    public void While_a_disk_is_replaced_both_are_in_its_mirror()
    {
        var pool = Assert.Single(ZpoolStatusParser.Parse(Recorded("zpool-status-replacing-2.3"), NoLinks));
        Assert.Equal(["a", "b", "p"], pool.Vdevs[0].Disks.Select(d => d.Path[^1..]));
        Assert.StartsWith("resilvered", pool.Scan);
    }

    [Fact]
    public void An_importable_pool_is_read_with_its_missing_disk()
    {
        var pool = Assert.Single(ZpoolStatusParser.Parse(Recorded("zpool-import-2.3"), NoLinks));
        Assert.Equal(("rz", "DEGRADED", 4), (pool.Pool, pool.State, pool.Vdevs[0].Disks.Count));
    }

    [Fact]
    public void Where_there_is_nothing_to_import_there_is_no_pool() => Assert.Empty(ZpoolStatusParser.Parse(Recorded("zpool-import-none-2.3"), NoLinks));

    private static string Recorded(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Zfs", "Recorded", $"{name}.txt"));
}

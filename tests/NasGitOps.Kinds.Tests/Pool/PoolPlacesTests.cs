using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Kinds.Pool;
using NasGitOps.Storage;
using NasGitOps.Storage.Zfs;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.Tests.Pool;

/// <summary>Pools on their way: disks that share a place with their successor, or with a spare.</summary>
public class PoolPlacesTests
{
    private static readonly ZfsBackend Zfs = new();
    private static readonly ResourceId Id = new("Pool", "tank");

    [Fact]
    public void While_a_disk_is_replaced_as_wanted_nothing_is_left_to_do() => Assert.True(Only(Mirror(Leaf("a"), Replaced("b"), Successor("c")), "a", "c").IsNone);

    [Fact]
    public void While_a_disk_is_replaced_that_the_manifest_wants_to_keep_the_way_out_is_said()
    {
        var blocker = Only(Mirror(Leaf("a"), Replaced("b"), Successor("c")), "a", "b").Blocker!;
        Assert.Equal("ReplacementRunning", blocker.Reason);
        Assert.Contains("zpool detach tank /dev/c", blocker.WayOut, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disk_for_which_a_spare_stands_in_is_replaced_by_the_one_that_the_manifest_names()
    {
        var difference = Only(Mirror(Leaf("a"), Failed("b", "spare-1"), Leaf("s", "spare-1")), "a", "n");
        var replace = Assert.IsType<ReplaceDisk>(Assert.Single(difference.Moves));
        Assert.Equal(("/dev/b", "/dev/n"), (replace.Old.Path, replace.Disk));
        Assert.Equal("zpool replace tank 42 /dev/n", Steps(difference));
    }

    [Fact]
    public void While_a_spare_stands_in_for_the_disk_that_is_wanted_nothing_is_done() => Assert.True(Only(Mirror(Leaf("a"), Failed("b", "spare-1"), Leaf("s", "spare-1")), "a", "b").IsNone);

    [Fact]
    public void A_spare_that_the_manifest_names_in_the_place_of_a_disk_stays_there()
    {
        var pool = Mirror(Leaf("a"), Failed("b", "spare-1"), Leaf("s", "spare-1"));
        var differences = Compare(pool, "a", "s");
        Assert.Equal("zpool detach tank 42", Steps(Assert.Single(differences)));
        Assert.Null(Judge(pool, differences[0]).Blocker);
        Assert.False(Judge(pool, differences[0]).NeedsApproval);
        Assert.Equal("Resilvering", Judge(pool with { Running = "resilver" }, differences[0]).Blocker!.Reason);
    }

    [Fact]
    public void A_spare_at_work_is_not_taken_away()
    {
        var pool = Mirror(Leaf("a"), Failed("b", "spare-1"), Leaf("s", "spare-1"));
        var spec = Spec(["a", "b"], spare: false);
        var removal = PoolTopology.Compare(spec, pool, Links, Zfs.Hints).Single(d => d.Wanted is null);
        Assert.Equal("SpareInUse", Judge(pool, removal).Blocker!.Reason);
    }

    [Fact]
    public void A_spare_at_work_is_told_with_the_ways_out()
    {
        var notice = PoolHealth.Notices(Id, Mirror(Leaf("a"), Failed("b", "spare-1"), Leaf("s", "spare-1")), Zfs.Hints).Single(n => n.Reason == "SpareInUse");
        Assert.True(notice.Degraded);
        Assert.Contains("name a new disk in the place of /dev/b", notice.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void How_far_a_resilver_is_is_told_as_progress()
    {
        var pool = Mirror(Leaf("a"), Replaced("b"), Successor("c")) with { Running = "resilver", Progress = "1G resilvered, 43.10% done, 01:02:00 to go" };
        var notice = PoolHealth.Notices(Id, pool, Zfs.Hints).Single(n => n.IsProgress);
        Assert.Equal(("Resilvering", "pool tank is resilvering (/dev/b → /dev/c): 1G resilvered, 43.10% done, 01:02:00 to go"), (notice.Reason, notice.Message));
    }

    [Fact]
    public void The_last_whole_copy_is_never_detached()
    {
        var pool = Mirror(Leaf("a"), Failed("b", null), Failed("c", null));
        Assert.Equal("RedundancyAtRisk", Verdicts(pool, Compare(pool, "b", "c")[0]).First().Blocker!.Reason);
    }

    [Fact]
    public void A_whole_disk_stays_while_others_are_not()
    {
        var pool = Mirror(Leaf("a"), Leaf("b"), Failed("c", null));
        Assert.Equal("RedundancyAtRisk", Judge(pool, Compare(pool, "a", "c")[0]).Blocker!.Reason);
        Assert.Null(Judge(pool, Compare(pool, "a", "b")[0]).Blocker);
    }

    [Fact]
    public void Nothing_is_detached_while_the_pool_resilvers()
    {
        var pool = Mirror(Leaf("a"), Leaf("b"), Leaf("c")) with { Running = "resilver" };
        Assert.Equal("Resilvering", Judge(pool, Compare(pool, "a", "b")[0]).Blocker!.Reason);
    }

    [Theory]
    [InlineData(999, "DiskTooSmall")]
    [InlineData(1000, null)]
    [InlineData(0, null)]
    public void A_disk_that_is_surely_too_small_is_refused_before_anything_is_done(ulong bytes, string? reason)
    {
        var pool = Mirror(Leaf("a"), Leaf("b"));
        pool = pool with { Vdevs = [pool.Vdevs[0] with { Size = 1000 }, pool.Vdevs[1]] };
        Assert.Equal(reason, Zfs.Judge(pool, Compare(pool, "a", "n")[0].Moves[0], new LayoutContext("2.3.9", _ => bytes)).Blocker?.Reason);
    }

    [Theory]
    [InlineData("2.2.8", "", "RaidzExpansion")]
    [InlineData("2.3.1", "", null)]
    [InlineData("2.3.1", "expansion", "ExpansionRunning")]
    public void A_raidz_is_widened_where_OpenZFS_can_and_one_disk_at_a_time(string version, string running, string? reason)
    {
        var raidz = new VdevState("raidz1-0", "raidz1", "data", "ONLINE", [Leaf("a"), Leaf("b"), Leaf("c")]);
        var pool = Mirror() with { Vdevs = [raidz], Running = running };
        Assert.Equal(reason, Zfs.Judge(pool, new AttachDisk(raidz, "/dev/n"), new LayoutContext(version, _ => 0)).Blocker?.Reason);
    }

    private static readonly Dictionary<string, string> Links = [];

    private static LeafState Leaf(string name, string? place = null) => new($"/dev/{name}", $"/dev/{name}", "ONLINE", 0, 0, 0) { Place = place };

    private static LeafState Replaced(string name) => Leaf(name, "replacing-1");

    private static LeafState Successor(string name) => Leaf(name, "replacing-1");

    private static LeafState Failed(string name, string? place) => Leaf(name, place) with { Health = "UNAVAIL", Guid = "42" };

    private static PoolState Mirror(params LeafState[] disks) => new(
        "tank", "1", "zfs", "ONLINE", "", 0, 0, 0, new Dictionary<string, PropertyValue>(),
        [new VdevState("mirror-0", "mirror", "data", "ONLINE", disks), new VdevState("/dev/s", "stripe", "spare", disks.Any(d => d.Path == "/dev/s") ? "INUSE" : "AVAIL", [Leaf("s") with { Health = disks.Any(d => d.Path == "/dev/s") ? "INUSE" : "AVAIL" }])]);

    private static PoolSpec Spec(string[] disks, bool spare) => PoolSpec.Parse("tank", new JObject
    {
        ["vdevs"] = new JArray(
        [
            new JObject { ["type"] = "mirror", ["disks"] = new JArray(disks.Select(d => $"/dev/{d}")) },
            .. spare ? [new JObject { ["class"] = "spare", ["disks"] = new JArray("/dev/s") }] : Array.Empty<JObject>(),
        ]),
    });

    private static IReadOnlyList<VdevDifference> Compare(PoolState pool, params string[] disks) =>
        [.. PoolTopology.Compare(Spec(disks, spare: !disks.Contains("s")), pool, Links, Zfs.Hints).Where(d => !d.IsNone)];

    private static VdevDifference Only(PoolState pool, params string[] disks) => PoolTopology.Compare(Spec(disks, spare: true), pool, Links, Zfs.Hints)[0];

    private static LayoutVerdict Judge(PoolState pool, VdevDifference difference) => Assert.Single(Verdicts(pool, difference));

    private static IEnumerable<LayoutVerdict> Verdicts(PoolState pool, VdevDifference difference) => difference.Moves.Select(m => Zfs.Judge(pool, m, new LayoutContext("2.3.9", _ => 0)));

    private static string Steps(VdevDifference difference) => string.Join("; ", difference.Moves.SelectMany(m => Zfs.ChangeLayout(Mirror(), m, force: false)).Select(s => s.Describe()));
}

using NasGitOps.Core.Observation;
using NasGitOps.Core.Steps;
using NasGitOps.Storage.Btrfs;

namespace NasGitOps.Storage.Tests.Btrfs;

/// <summary>On output as btrfs-progs 6.2 prints it, recorded on Linux 6.18.</summary>
public sealed class BtrfsOutputTests
{
    private const string List =
        "ID 256 gen 7 cgen 7 top level 5 parent_uuid -                                    uuid 1f109910-47a3-2947-a12f-c3901b1842c7 path @\n"
        + "ID 258 gen 9 cgen 8 top level 5 parent_uuid 83c8fa42-5488-fe4d-ad8b-4fe920b8bca1 uuid aa6c0400-20d0-734d-880b-1f50de2f4718 path media/@snapshots/s 1\n"
        + "ID 259 gen 9 cgen 9 top level 5 parent_uuid aa6c0400-20d0-734d-880b-1f50de2f4718 uuid 26606be2-90ba-5e45-91e0-c76dfc4b52db path clone/@\n";

    [Fact]
    public void A_subvolume_has_its_id_generations_parent_and_whole_path()
    {
        var subvolumes = BtrfsOutput.Subvolumes(List);
        Assert.Equal(["256 7 7  @", "258 9 8 83c8fa42-5488-fe4d-ad8b-4fe920b8bca1 media/@snapshots/s 1", "259 9 9 aa6c0400-20d0-734d-880b-1f50de2f4718 clone/@"], subvolumes.Select(s => $"{s.Id} {s.Generation} {s.Created} {s.Parent} {s.Path}"));
        Assert.Throws<FormatException>(() => BtrfsOutput.Subvolumes("ID x gen 7\n"));
    }

    [Fact]
    public void Times_are_read_as_UTC()
    {
        var snapshot = Assert.Single(BtrfsOutput.Subvolumes(
            "ID 258 gen 9 cgen 8 top level 5 otime 2026-11-24 21:37:51 parent_uuid 83c8fa42-5488-fe4d-ad8b-4fe920b8bca1 uuid aa6c0400-20d0-734d-880b-1f50de2f4718 path media/@snapshots/s1\n"));
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 21, 37, 51, TimeSpan.Zero), snapshot.Time);
    }

    [Theory]
    [InlineData("@", "shelf", null)]
    [InlineData("a/b c/@", "shelf/a/b c", null)]
    [InlineData("@snapshots/x", null, "shelf@x")]
    [InlineData("a/@snapshots/x_GMT-1", null, "shelf/a@x_GMT-1")]
    [InlineData("a/@/docker/@", null, null)]
    [InlineData("a/@/@snapshots/x", null, null)]
    [InlineData("a/@new", null, null)]
    [InlineData("home", null, null)]
    [InlineData("a/@snapshots/x/y", null, null)]
    public void What_lies_at_a_path_is_told_from_the_path_alone(string path, string? dataset, string? snapshot)
    {
        Assert.Equal(dataset, BtrfsLayout.DatasetAt("shelf", path));
        Assert.Equal(snapshot, BtrfsLayout.SnapshotAt("shelf", path) is var (of, name) ? $"{of}@{name}" : null);
    }

    [Fact]
    public void A_file_system_has_its_label_and_devices_and_a_missing_one_is_seen()
    {
        var found = BtrfsOutput.Filesystems(
            "Label: 't1'  uuid: 94043c4c-7666-44f8-9eb0-621d98eb28ad\n\tTotal devices 2 FS bytes used 147456\n\tdevid    1 size 629145600 used 138412032 path /dev/loop0\n\tdevid    2 size 0 used 0 path /dev/loop1 MISSING\n\n"
            + "Label: none  uuid: 84043c4c-7666-44f8-9eb0-621d98eb28ad\n\tTotal devices 1 FS bytes used 147456\n\tdevid    1 size 5 used 1 path /dev/sda1\n\n");
        Assert.Equal(("t1", true, "/dev/loop0,"), (found[0].Label, found[0].IsIncomplete, string.Join(',', found[0].Devices.Select(d => d.Path))));
        Assert.Equal(("", false, 5UL), (found[1].Label, found[1].IsIncomplete, found[1].Devices[0].Size));
    }

    [Fact]
    public void Usage_tells_what_can_still_be_written_and_the_profiles()
    {
        var usage = BtrfsOutput.Usage(
            "Overall:\n    Device size:\t\t        1258291200\n    Used:\t\t\t            425984\n    Free (estimated):\t\t         557842432\t(min: 557842432)\n    Free (statfs, df):\t\t         556793856\n\n"
            + "Data,RAID1: Size:67108864, Used:0 (0.00%)\n   /dev/loop0\t  67108864\n\nMetadata,DUP: Size:62914560, Used:196608 (0.31%)\n");
        Assert.Equal(new BtrfsUsage(1258291200, 425984, 556793856, "raid1", "dup"), usage);
        Assert.Throws<FormatException>(() => BtrfsOutput.Usage(""));
    }

    [Fact]
    public void Limits_and_errors_and_scrubs_are_read()
    {
        var groups = BtrfsOutput.Qgroups("Qgroupid    Referenced    Exclusive  Max referenced   Path \n--------    ----------    ---------  --------------   ---- \n0/257         33538048     33538048        33554432   media/@\n0/258            16384        16384            none   x\n");
        Assert.Equal([("0/257", 33538048UL, 33554432UL), ("0/258", 16384UL, 0UL)], groups.Values.Select(g => (g.Id, g.Referenced, g.Limit)));
        var errors = BtrfsOutput.Errors("[/dev/loop0].write_io_errs    1\n[/dev/loop0].read_io_errs     2\n[/dev/loop0].flush_io_errs    3\n[/dev/loop0].corruption_errs  4\n[/dev/loop0].generation_errs  5\n");
        Assert.Equal((2UL, 4UL, 9UL), errors["/dev/loop0"]);
        Assert.Equal(("", 0UL), BtrfsOutput.Scrub("UUID: 1\n\tno stats available\n"));
        Assert.Equal(
            ("scrub finished, started Tue Nov 24 21:43:06 2026, csum=3", 2UL),
            BtrfsOutput.Scrub("Scrub started:    Tue Nov 24 21:43:06 2026\nStatus:           finished\nError summary:    csum=3\n  Corrected:      1\n  Uncorrectable:  2\n"));
    }

    [Fact]
    public void Loop_devices_are_read_also_where_there_is_none()
    {
        Assert.Equal("/a b.img", Loops.Parse("""{"loopdevices": [{"name":"/dev/loop0", "back-file":"/a b.img"}]}""")["/dev/loop0"]);
        Assert.Empty(Loops.Parse(""));
        Assert.Throws<FormatException>(() => Loops.Parse("{"));
    }

    [Theory]
    [InlineData("100", "0", 100, "100", "0")]
    [InlineData("0", "50", 50, "0", "50")]
    [InlineData("100", "50", 50, "100", "50")]
    [InlineData("100", "50", 70, "100", "70")]
    [InlineData("50", "100", 0, "0", "100")]
    [InlineData("0", "0", 30, "0", "30")]
    public void A_limit_that_somebody_changed_shows_in_the_property_that_should_hold(string quota, string refquota, ulong limit, string shownQuota, string shownRefquota) =>
        Assert.Equal((shownQuota, shownRefquota), BtrfsLimits.Read(new Dictionary<string, string> { ["quota"] = quota, ["refquota"] = refquota }, limit));

    [Fact]
    public void A_mount_is_a_datasets_when_it_shows_its_subvolume_of_that_very_file_system()
    {
        var table = MountTable.Parse(
        [
            "40 20 0:38 / /run/nasgitops-btrfs/shelf rw,noatime - btrfs /dev/loop0 rw,subvolid=5",
            @"41 20 0:38 /a\040b/@ /mnt/a\040b rw - btrfs /dev/loop0 rw,subvolid=257",
            "42 20 0:39 /a/@ /mnt/other rw - btrfs /dev/loop1 rw,subvolid=257",
        ]);
        var backend = new BtrfsBackend();
        Assert.True(backend.IsMountOf(table.At("/mnt/a b")!, table, "shelf/a b"));
        Assert.False(backend.IsMountOf(table.At("/mnt/a b")!, table, "shelf/a"));
        Assert.False(backend.IsMountOf(table.At("/mnt/other")!, table, "shelf/a"));
        Assert.Equal("/mnt/a b", table.Around("/mnt/a b/c")!.Point);
    }

    [Fact]
    public void A_snapshot_is_marked_before_it_is_taken_and_forgotten_when_it_is_pruned()
    {
        var store = new BtrfsBackend().Snapshots;
        Assert.Equal(
            [
                "attributes of /run/nasgitops-btrfs/shelf/a/@snapshots: trusted.nasgitops.snapshot.n=hourly",
                "btrfs subvolume snapshot -r /run/nasgitops-btrfs/shelf/a/@ /run/nasgitops-btrfs/shelf/a/@snapshots/n",
            ],
            store.Take(["shelf/a"], "n", "hourly").Select(s => s.Describe()));
        Assert.Equal(
            [
                "btrfs subvolume delete -c /run/nasgitops-btrfs/shelf/a/@snapshots/x /run/nasgitops-btrfs/shelf/a/@snapshots/y",
                "attributes of /run/nasgitops-btrfs/shelf/a/@snapshots: without trusted.nasgitops.snapshot.x, without trusted.nasgitops.snapshot.y",
                "btrfs qgroup clear-stale /run/nasgitops-btrfs/shelf",
            ],
            store.Destroy("shelf/a", ["x", "y"]).Select(s => s.Describe()));
    }
}

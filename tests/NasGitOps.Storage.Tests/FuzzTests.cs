using NasGitOps.Core.Observation;
using NasGitOps.Core.Snapshots;
using NasGitOps.Storage.Btrfs;
using NasGitOps.Storage.Zfs;
using NasGitOps.Testing.Fuzz;

namespace NasGitOps.Storage.Tests;

/// <summary>Whatever a tool prints is read, or refused with a <see cref="FormatException"/>, which makes the resource unknown. Nothing else is thrown.</summary>
public class FuzzTests
{
    private static readonly Dictionary<string, string> Links = new() { ["/dev/disk/by-id/a"] = "/dev/sda" };

    private const string SnapshotList = "tank/a@auto-hourly_2025-01-01_00:00:00\t123\t45\t1760000000\ntank/a/b@x\t18446744073709551615\t46\t1760000001\n";
    private const string Subvolumes = "ID 256 gen 10 cgen 8 top level 5 parent_uuid -                                    uuid 0a1b2c3d-0000-0000-0000-000000000001 path a/@\n"
        + "ID 257 gen 11 cgen 9 top level 5 otime 2025-10-09 12:00:00 parent_uuid 0a1b2c3d-0000-0000-0000-000000000001 uuid 0a1b2c3d-0000-0000-0000-000000000002 path a/@snapshots/x\n";

    [Fact]
    public void What_zfs_get_prints() => Fuzzing.Parser(Recorded("zfs-get-2.3.txt", "zpool-get-2.3.txt"), ZfsGetParser.Parse);

    [Fact]
    public void What_zpool_status_and_import_print() => Fuzzing.Parser(
        Recorded("zpool-status-2.3.txt", "zpool-status-degraded-2.3.txt", "zpool-status-replacing-2.3.txt", "zpool-import-2.3.txt", "zpool-import-none-2.3.txt"),
        text => ZpoolStatusParser.Parse(text, Links).Sum(p => (decimal)p.UnrepairedErrors));

    [Fact]
    public void What_zfs_list_prints_of_snapshots()
    {
        var store = new ZfsBackend().Snapshots;
        Fuzzing.Parser([SnapshotList], text => Read(store.List("tank"), text));
        Fuzzing.Parser([SnapshotList], text => Read(store.ListOf("tank/a"), text));
        Fuzzing.Parser(["tank\tfilesystem\t-\ntank/v\tvolume\tDataset/tank/v\n"], text => Read(store.Datasets("tank"), text));
        Fuzzing.Parser(
            ["tank/a@x\tguid\t123\t-\ntank/a@x\tuserrefs\t1\t-\ntank/a@x\tclones\ttank/c\t-\ntank/a@x\tnasgitops:schedule\thourly\tlocal\n"],
            text => Read(store.Details([new SnapshotState("tank/a", "x", "123", 5)]), text));
    }

    [Fact]
    public void What_btrfs_prints()
    {
        string[] show = ["Label: 'shelf'  uuid: 0a1b2c3d-0000-0000-0000-000000000001\n\tTotal devices 2 FS bytes used 147456\n\tdevid    1 size 1073741824 used 335544320 path /dev/loop0\n\t*** Some devices missing\n"];
        string[] usage = ["Overall:\n    Device size:\t\t1073741824\n    Used:\t\t\t294912\n    Free (estimated):\t\t947912704\t(min: 477478912)\n    Free (statfs, df):\t\t946864128\n\nData,RAID1: Size:8388608, Used:0 (0.00%)\nMetadata,DUP: Size:53673984, Used:131072 (0.24%)\n"];
        Fuzzing.Parser(show, BtrfsOutput.Filesystems);
        Fuzzing.Parser([Subvolumes], BtrfsOutput.Subvolumes);
        Fuzzing.Parser(["Qgroupid    Referenced    Exclusive   Max referenced   Path\n--------    ----------    ---------   --------------   ----\n0/5              16384        16384             none   <toplevel>\n0/256            16384        16384       1073741824   a/@\n"], BtrfsOutput.Qgroups);
        Fuzzing.Parser(usage, BtrfsOutput.Usage);
        Fuzzing.Parser(["[/dev/loop0].write_io_errs    0\n[/dev/loop0].read_io_errs     3\n[/dev/loop0].corruption_errs  18446744073709551615\n"], BtrfsOutput.Errors);
        Fuzzing.Parser(["UUID:             0a1b\nScrub started:    Thu Jan  1 00:00:00 2026\nStatus:           finished\nDuration:         0:00:00\nError summary:    csum=3\n  Corrected:      0\n  Uncorrectable:  3\n"], BtrfsOutput.Scrub);
    }

    [Fact]
    public void A_number_of_errors_that_no_counter_holds_is_no_end() => Assert.Equal(ulong.MaxValue, new ZpoolStatus("tank", "", "scrub repaired 0B with 99999999999999999999999 errors on ", []).UnrepairedErrors);

    [Fact]
    public void A_snapshot_list_with_a_time_that_no_calendar_holds_is_refused() =>
        Assert.Equal(ReadingState.Unknown, Read(new ZfsBackend().Snapshots.ListOf("tank/a"), "tank/a@x\t1\t2\t9223372036854775807\n").State);

    private static Reading<T> Read<T>(Question<T> question, string output)
        where T : class
        => question.Read(new Answers(question.Probes.ToDictionary(p => p.Key, p => (Answer)new RunAnswer(0, output, ""))));

    private static string[] Recorded(params string[] names) => [.. names.Select(n => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Zfs", "Recorded", n)))];
}

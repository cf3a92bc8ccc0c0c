using NasGitOps.Core.Observation;
using NasGitOps.Core.Snapshots;
using NasGitOps.Core.Steps;
using NasGitOps.Storage.Zfs;

namespace NasGitOps.Storage.Tests.Zfs;

/// <summary>On output as OpenZFS 2.3.9 prints it.</summary>
public sealed class ZfsSnapshotsTests
{
    private static readonly ISnapshotStore Store = new ZfsBackend().Snapshots;

    [Fact]
    public void A_listing_tells_dataset_name_guid_and_transaction()
    {
        var snapshots = List("tank/media@auto-other_GMT-2026.11.24-14.52.00\t1234567890123456789\t47\ntank/media/a b@x\t99\t48\n");

        Assert.Equal(("tank/media", "auto-other_GMT-2026.11.24-14.52.00", "1234567890123456789", 47UL), (snapshots[0].Dataset, snapshots[0].Name, snapshots[0].Guid, snapshots[0].CreateTxg));
        Assert.Equal("tank/media/a b@x", snapshots[1].FullName);
        Assert.Empty(List(""));
    }

    [Fact]
    public void A_mark_counts_only_where_it_is_the_snapshots_own()
    {
        var details = Details(
            "t/a@s\tguid\t7\t-\nt/a@s\tuserrefs\t1\t-\nt/a@s\tclones\tt/c1,t/c2\t-\nt/a@s\tnasgitops:schedule\thourly\tlocal\n"
            + "t/a@r\tguid\t8\t-\nt/a@r\tuserrefs\t0\t-\nt/a@r\tclones\t\t-\nt/a@r\tnasgitops:schedule\thourly\tinherited from t/a\n"
            + "t/a@q\tguid\t9\t-\nt/a@q\tuserrefs\t0\t-\nt/a@q\tclones\t\t-\nt/a@q\tnasgitops:schedule\t-\t-\n");

        Assert.Equal(("7", "hourly", 1), (details["t/a@s"].Guid, details["t/a@s"].Schedule, details["t/a@s"].Holds));
        Assert.Equal(["t/c1", "t/c2"], details["t/a@s"].Clones);
        Assert.Null(details["t/a@r"].Schedule);
        Assert.Null(details["t/a@q"].Schedule);
        Assert.Empty(details["t/a@q"].Clones);
    }

    [Theory]
    [InlineData(1, "cannot open 't/a@x': dataset does not exist\n", true)]
    [InlineData(1, "cannot open 't/a@x': dataset does not exist\ncannot open 't/a@y': dataset does not exist\n", true)]
    [InlineData(1, "cannot open 't/a@x': dataset does not exist\ncannot open 't/a@y': I/O error\n", false)]
    [InlineData(1, "", false)]
    [InlineData(137, "cannot open 't/a@x': dataset does not exist\n", false)]
    public void What_is_gone_is_told_apart_from_what_cannot_be_read(int exitCode, string errors, bool isOnlyGone) =>
        Assert.Equal(isOnlyGone ? ReadingState.Known : ReadingState.Unknown, Answered(Store.Details([new SnapshotState("t/a", "x", "", 0)]), new RunAnswer(exitCode, "", errors)).State);

    [Fact]
    public void All_datasets_of_a_fire_are_one_call_and_what_is_pruned_of_a_dataset_is_one_too()
    {
        Assert.Equal("zfs snapshot -o nasgitops:schedule=hourly t/a@n 't/b c@n'", Assert.IsType<Run>(Assert.Single(Store.Take(["t/a", "t/b c"], "n", "hourly"))).Command.ToString());
        Assert.Equal("zfs destroy t/a@x,y", Assert.IsType<Run>(Assert.Single(Store.Destroy("t/a", ["x", "y"]))).Command.ToString());
    }

    [Fact]
    public void Clones_of_ours_are_told_apart_in_the_list_of_datasets() =>
        Assert.Equal([(false, false), (true, false), (false, true)], Datasets("t\tfilesystem\tPool/t\nt/v\tvolume\t-\nt/c\tfilesystem\tClone/t/c\n").Select(t => (t.IsVolume, t.IsClone)));

    [Fact]
    public void Output_of_another_shape_is_an_error_and_never_an_empty_list() =>
        Assert.Equal(ReadingState.Unknown, Answered(Store.List("tank"), new RunAnswer(0, "tank/a@s\t1\n", "")).State);

    private static IReadOnlyList<SnapshotState> List(string output) => Answered(Store.List("tank"), new RunAnswer(0, output, "")).Value!;

    private static IReadOnlyList<SnapshotTarget> Datasets(string output) => Answered(Store.Datasets("t"), new RunAnswer(0, output, "")).Value!;

    private static IReadOnlyDictionary<string, SnapshotDetails> Details(string output) => Answered(Store.Details([new SnapshotState("t/a", "s", "", 0)]), new RunAnswer(0, output, "")).Value!;

    private static Reading<T> Answered<T>(Question<T> question, RunAnswer answer)
        where T : class
        => question.Read(new Answers(question.Probes.ToDictionary(p => p.Key, _ => (Answer)answer)));
}

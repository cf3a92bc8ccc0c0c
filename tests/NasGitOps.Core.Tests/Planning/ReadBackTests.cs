using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;

namespace NasGitOps.Core.Tests.Planning;

public sealed class ReadBackTests
{
    private static readonly ResourceId Share = new("SmbShare", "photos");

    [Fact]
    public void A_change_that_no_plan_speaks_of_any_more_stands() => Assert.Null(ReadBack.Problem(Change(Disposition.Apply), Plan()));

    [Fact]
    public void What_still_differs_does_not_stand_and_is_named() =>
        Assert.Contains("path is /old, not /new", ReadBack.Problem(Change(Disposition.Apply), Plan(Change(Disposition.Apply))), StringComparison.Ordinal);

    [Fact]
    public void What_may_only_be_reported_is_not_taken_for_a_failure() => Assert.Null(ReadBack.Problem(Change(Disposition.Apply), Plan(Change(Disposition.ReportOnly))));

    [Fact]
    public void What_only_the_record_can_show_is_not_missed_on_the_host()
    {
        var left = Change(Disposition.Apply) with { Fields = [new FieldChange("recycleBin.keepFor", null, "30d", "", Cause.Commit) { Recorded = true }] };

        Assert.Null(ReadBack.Problem(Change(Disposition.Apply), Plan(left)));
    }

    [Fact]
    public void What_cannot_be_read_after_the_reload_does_not_stand()
    {
        var blind = Plan() with { Notices = [new Notice(Share, Notice.Unknown, "'testparm -s' ended with exit code 1", Degraded: true)] };

        Assert.Contains("testparm", ReadBack.Problem(Change(Disposition.Apply), blind), StringComparison.Ordinal);
    }

    private static Change Change(Disposition disposition) =>
        new(Share, Stages.Shares, ChangeAction.Update, Cause.Commit, Risk.Safe, disposition, "", "", [new FieldChange("path", "/old", "/new", "", Cause.Commit)], AtStake.Nothing, [], []);

    private static Plan Plan(params Change[] changes) => new("c1", "", "", changes, [], []);
}

using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;

namespace NasGitOps.Core.Tests.Planning;

public sealed class ApprovalGateTests
{
    private static readonly IReadOnlyList<Draft> Three = Gates.Removals("a", "b", "c");

    [Fact]
    public void More_removals_than_the_limit_wait_until_their_digest_is_approved()
    {
        var waiting = Gates.Plan(Gates.Decide(Three));

        Assert.All(waiting.Changes, c => Assert.Equal((Disposition.Waiting, "BlastRadius"), (c.Disposition, c.Reason)));
        Assert.Equal(["a", "b", "c"], Gates.Decide(Three, Given(waiting.ApprovalDigest)).Applied());
    }

    [Fact]
    public void An_approval_lifts_nothing_once_more_waits_than_it_named_and_says_what_it_is()
    {
        var records = Known(Gates.Decide(Three), "c9");

        var result = Gates.Decide(Gates.Removals("a", "b", "c", "d"), records);

        Assert.Empty(result.Applied());
        Assert.All(result.Changes, c => Assert.Equal((Disposition.Waiting, "ApprovalStale"), (c.Disposition, c.Reason)));
        var message = result.Of("a").Message;
        Assert.Matches("^the approval [0-9a-f]{12} \\(commit c9\\) covered remove NfsExport/a, remove NfsExport/b, remove NfsExport/c; now it would also remove NfsExport/d; 4 removals since", message);
    }

    [Fact]
    public void An_approval_of_one_dataset_does_not_lift_the_quarantine_of_another_of_that_name()
    {
        var records = Known(Gates.Decide([Gates.Quarantine("tank/x", "11"), Gates.Quarantine("tank/y", "12")]), "c9");

        var result = Gates.Decide([Gates.Quarantine("tank/x", "21", "30d")], records);

        var held = Assert.Single(result.Changes);
        Assert.Equal((Disposition.NeedsApproval, "ApprovalStale"), (held.Disposition, held.Reason));
        Assert.Contains("covered quarantine Dataset/tank/x with guid 11, quarantine Dataset/tank/y with guid 12", held.Message, StringComparison.Ordinal);
        Assert.Contains("no longer quarantine Dataset/tank/y with guid 12", held.Message, StringComparison.Ordinal);
        Assert.Contains("the guid of Dataset/tank/x changed from 11 to 21", held.Message, StringComparison.Ordinal);
        Assert.Contains("keepFor of Dataset/tank/x would become '30d', not '14d'", held.Message, StringComparison.Ordinal);
        Assert.Contains("this cannot be undone", held.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_digest_that_no_plan_had_is_said_to_be_one()
    {
        var held = Gates.Decide(Three, Given("0123456789abcdef")).Of("a");

        Assert.Equal("ApprovalStale", held.Reason);
        Assert.StartsWith("the approval 0123456789ab (commit c9) does not match: no plan of this host had that digest; 3 removals", held.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_left_of_an_accepted_approval_stays_approved_when_a_pass_fails_or_is_killed_half_way()
    {
        var offered = Gates.Plan(Gates.Decide(Three)).ApprovalDigest;
        var accepted = RecordKeeper.AfterGate(Given(offered), Gates.Plan(Gates.Decide(Three, Given(offered))));

        // One is done, and was counted; its record may have been lost with a kill.
        Assert.Equal(["b", "c"], Gates.Decide(Gates.Removals("b", "c"), accepted with { RemovalsSinceLastApplied = 1 }).Applied());
        Assert.Equal(["b", "c"], Gates.Decide(Gates.Removals("b", "c"), accepted).Applied());
    }

    [Fact]
    public void What_comes_later_waits_beside_what_is_left_of_an_accepted_approval()
    {
        var accepted = Accepted(Three);

        var result = Gates.Decide(Gates.Removals("b", "c", "d"), accepted with { RemovalsSinceLastApplied = 1 });

        Assert.Equal(["b", "c"], result.Applied());
        Assert.Equal("BlastRadius", result.Of("d").Reason);
        Assert.Equal(Digest.OfApproval([result.Of("d")]), Gates.Plan(result).ApprovalDigest);
    }

    [Fact]
    public void A_failed_one_that_would_hit_something_else_by_now_waits_and_says_so()
    {
        var accepted = Accepted([Gates.Quarantine("tank/x", "11"), Gates.Quarantine("tank/y", "12")]);

        var held = Gates.Decide([Gates.Quarantine("tank/x", "21")], accepted).Of("tank/x");

        Assert.Equal((Disposition.NeedsApproval, "ApprovalStale"), (held.Disposition, held.Reason));
        Assert.Contains("the guid of Dataset/tank/x changed from 11 to 21", held.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("tank/y", held.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_became_less_before_the_approval_came_is_still_what_it_named()
    {
        var records = Known(Gates.Decide(Gates.Removals("a", "b", "c", "d")), "c9");

        Assert.Equal(["a", "b", "c"], Gates.Decide(Three, records).Applied());
    }

    [Fact]
    public void What_was_done_needs_an_approval_of_its_own_when_it_is_wanted_again()
    {
        var trailer = Accepted(Three).Approvals[0];
        var after = RecordKeeper.AfterPlan(Accepted(Three), Gates.Plan(Gates.Decide([Gates.Removal("c")], Accepted(Three))), Gates.Input());

        // The trailer is still in the history since the last applied commit.
        var again = after with { Approvals = Approval.Remembered([trailer with { Covers = null }], after.Approvals) };
        Assert.Equal(["c"], Gates.Decide(Three, again).Applied());

        var anew = after with { Approvals = Approval.Remembered([new Approval(Gates.Plan(Gates.Decide(Gates.Removals("a", "b"), again with { RemovalsSinceLastApplied = 2 })).ApprovalDigest, "c10"), trailer with { Covers = null }], after.Approvals) };
        Assert.Equal(["a", "b", "c"], Gates.Decide(Three, anew).Applied());
    }

    [Fact]
    public void An_approval_outlives_that_what_it_covers_cannot_be_read_for_a_while()
    {
        var blind = Gates.Plan(Gates.Decide([])) with { Notices = [new Notice(Three[0].Id, Notice.Unknown, "exportfs failed", Degraded: true)] };

        var after = RecordKeeper.AfterPlan(Accepted(Three), blind, Gates.Input());

        Assert.Equal([Three[0].Id], after.Approvals[0].Covers!.Select(c => c.Id));
    }

    [Fact]
    public void An_approval_that_is_used_up_is_not_spoken_of_while_something_else_waits()
    {
        var used = Accepted(Three) with { Approvals = [Accepted(Three).Approvals[0] with { Covers = [] }], RemovalsSinceLastApplied = 3 };

        Assert.Equal("BlastRadius", Gates.Decide([Gates.Removal("d")], used).Of("d").Reason);
    }

    [Fact]
    public void An_approval_that_a_newer_one_supersedes_is_not_spoken_of()
    {
        var digest = Gates.Plan(Gates.Decide(Three)).ApprovalDigest;
        var held = Gates.Decide(Gates.Removals("a", "b", "d"), Gates.Approved(new Approval("ffff", "c9"), new Approval(digest, "c8"))).Of("a");

        Assert.Contains("ffff", held.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("c8", held.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_newest_offers_are_remembered_and_no_more_than_twenty()
    {
        var records = OwnershipRecords.Empty;
        for (var i = 0; i < 30; i++) records = RecordKeeper.AfterGate(records, Gates.Plan(Gates.Decide([Gates.Quarantine("tank/x", $"{i}")], records)));

        Assert.Equal(20, records.Offers.Count);
        Assert.Equal("29", records.Offers[0].Covers[0].Guids[0]);
    }

    [Fact]
    public void A_rewritten_history_takes_its_approvals_along() =>
        Assert.Equal([new Approval("d2", "c2")], Approval.Remembered([new Approval("d2", "c2"), new Approval("d2", "c2")], [new Approval("d1", "c1")]));

    [Fact]
    public void An_unreadable_host_and_a_reporting_one_are_not_moved_by_an_approval()
    {
        var digest = Gates.Plan(Gates.Decide(Three)).ApprovalDigest;

        Assert.Empty(Gates.Decide(Three, Given(digest), Gates.Policy with { Mode = ReconcileMode.Report }).Applied());
        var input = Gates.Input(Given(digest));
        Assert.Equal("EmptySource", Gate.Decide(Three, input with { Desired = input.Desired with { SourceComplete = false } }).Changes[0].Reason);
    }

    private static OwnershipRecords Given(string digest) => Gates.Approved(new Approval(digest, "c9"));

    /// <summary>The host had this plan, and its digest was approved.</summary>
    private static OwnershipRecords Known(GateResult offered, string commit)
    {
        var plan = Gates.Plan(offered);
        return RecordKeeper.AfterGate(OwnershipRecords.Empty, plan) with { Approvals = [new Approval(plan.ApprovalDigest, commit)] };
    }

    private static OwnershipRecords Accepted(IReadOnlyList<Draft> drafts)
    {
        var known = Known(Gates.Decide(drafts), "c9");
        return RecordKeeper.AfterGate(known, Gates.Plan(Gates.Decide(drafts, known)));
    }
}

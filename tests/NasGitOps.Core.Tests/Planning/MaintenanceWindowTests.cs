using System.Globalization;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;

namespace NasGitOps.Core.Tests.Planning;

public sealed class MaintenanceWindowTests
{
    [Fact]
    public void What_cuts_clients_off_waits_for_a_window_and_says_when_it_opens()
    {
        var held = Gates.Decide([Gates.Update("Dataset", "tank/media")], policy: Gates.AtNight).Of("tank/media");

        Assert.Equal((Disposition.Waiting, "MaintenanceWindow"), (held.Disposition, held.Reason));
        Assert.StartsWith("clients may be cut off, and no maintenance window is open; the next opens at 2026-11-28 02:00 Europe/Berlin; it follows by itself", held.Message, StringComparison.Ordinal);
        Assert.Equal(["tank/media"], Gates.Decide([Gates.Update("Dataset", "tank/media")]).Applied());
    }

    [Theory]
    [InlineData("0 2 * * *", "Europe/Berlin", "3h", "2026-11-27T00:59:59Z", false)]
    [InlineData("0 2 * * *", "Europe/Berlin", "3h", "2026-11-27T01:00:00Z", true)]
    [InlineData("0 2 * * *", "Europe/Berlin", "3h", "2026-11-27T03:59:59Z", true)]
    [InlineData("0 2 * * *", "Europe/Berlin", "3h", "2026-11-27T04:00:00Z", false)]
    // It began the day before.
    [InlineData("0 22 * * 5", "UTC", "2d", "2026-11-29T21:59:59Z", true)]
    [InlineData("0 22 * * 5", "UTC", "2d", "2026-11-29T22:00:00Z", false)]
    // 02:00 does not exist on 29 March: it opens at 03:00, which is 01:00 UTC. On 25 October 02:00 comes twice, and it opens once, for three real hours.
    [InlineData("0 2 * * *", "Europe/Berlin", "3h", "2026-03-29T00:59:59Z", false)]
    [InlineData("0 2 * * *", "Europe/Berlin", "3h", "2026-03-29T01:00:00Z", true)]
    [InlineData("0 2 * * *", "Europe/Berlin", "3h", "2026-03-29T04:00:00Z", false)]
    [InlineData("0 2 * * *", "Europe/Berlin", "3h", "2026-10-25T00:00:00Z", true)]
    [InlineData("0 2 * * *", "Europe/Berlin", "3h", "2026-10-25T02:59:59Z", true)]
    [InlineData("0 2 * * *", "Europe/Berlin", "3h", "2026-10-25T03:00:00Z", false)]
    public void A_window_is_open_from_its_time_on_for_its_duration(string cron, string timeZone, string duration, string now, bool isOpen)
    {
        Assert.True(Duration.TryParse(duration, out var span));

        Assert.Equal(isOpen, new MaintenanceWindow(cron, timeZone, span).IsOpen(DateTimeOffset.Parse(now, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Any_open_window_is_enough_and_of_the_closed_ones_the_next_is_named()
    {
        var policy = Gates.AtNight with { Windows = [.. Gates.AtNight.Windows, new MaintenanceWindow("0 22 * * *", "UTC", TimeSpan.FromHours(1))] };

        Assert.Contains("the next opens at 2026-11-27 22:00 UTC", Gates.Decide([Gates.Removal("a")], policy: policy).Of("a").Message, StringComparison.Ordinal);
        Assert.Equal(["a"], Gates.Decide([Gates.Removal("a")], policy: policy, now: Gates.Noon.AddHours(10)).Applied());
        Assert.Equal(Gates.Noon.AddHours(10), MaintenanceWindows.NextOpening(policy.Windows, Gates.Noon));
        Assert.Null(MaintenanceWindows.NextOpening([], Gates.Noon));
    }

    [Fact]
    public void What_comes_into_being_comes_back_is_harmless_or_was_announced_for_this_time_does_not_wait()
    {
        var share = new ResourceId("SmbShare", "a");
        var ended = Gates.Removal("d");
        Draft[] drafts =
        [
            Gates.Of(share, ChangeAction.Create, Risk.Disruptive, []),
            Gates.Of(share with { Name = "b" }, ChangeAction.Restore, Risk.Disruptive, []),
            Gates.Update("Dataset", "tank/c", Risk.Safe),
            ended with { Change = ended.Change! with { Cause = Cause.Time } },
        ];

        Assert.Equal(["a", "b", "tank/c", "d"], Gates.Decide(drafts, policy: Gates.AtNight).Applied());
    }

    [Fact]
    public void A_removal_that_waits_for_a_window_counts_for_the_blast_radius()
    {
        var result = Gates.Decide(Gates.Removals("a", "b", "c"), policy: Gates.AtNight);

        Assert.All(result.Changes, c => Assert.Equal("BlastRadius", c.Reason));
        Assert.Contains("; also clients may be cut off, and no maintenance window is open", result.Of("a").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_approval_of_what_needs_a_person_does_not_overrule_the_window_for_the_rest_and_an_approval_of_all_does()
    {
        Draft[] drafts = [Gates.Quarantine("tank/x", "11"), Gates.Update("Dataset", "tank/media")];
        var plan = Gates.Plan(Gates.Decide(drafts, policy: Gates.AtNight));

        Assert.NotEqual(plan.ApprovalDigest, plan.ApproveAllDigest);
        Assert.Equal(["tank/x"], Gates.Decide(drafts, Gates.Approved(new Approval(plan.ApprovalDigest, "c9")), Gates.AtNight).Applied());
        Assert.Equal(["tank/x", "tank/media"], Gates.Decide(drafts, Gates.Approved(new Approval(plan.ApproveAllDigest, "c9")), Gates.AtNight).Applied());
    }

    [Fact]
    public void The_digest_of_what_needs_a_person_is_the_same_at_any_time_of_day()
    {
        Draft[] drafts = [Gates.Quarantine("tank/x", "11"), Gates.Update("Dataset", "tank/media")];

        Assert.Equal(Gates.Plan(Gates.Decide(drafts, policy: Gates.AtNight)).ApprovalDigest, Gates.Plan(Gates.Decide(drafts, policy: Gates.AtNight, now: Gates.Noon.AddHours(14))).ApprovalDigest);
    }

    [Fact]
    public void An_approval_of_what_waits_for_a_window_lifts_that_and_not_what_came_later()
    {
        var plan = Gates.Plan(Gates.Decide([Gates.Update("Dataset", "tank/a")], policy: Gates.AtNight));
        var records = RecordKeeper.AfterGate(OwnershipRecords.Empty, plan) with { Approvals = [new Approval(plan.ApproveAllDigest, "c9")] };

        var result = Gates.Decide([Gates.Update("Dataset", "tank/a"), Gates.Update("Dataset", "tank/b")], records, Gates.AtNight);
        Assert.Equal(["tank/a"], result.Applied());

        var other = Gates.Decide([Gates.Update("Dataset", "tank/a", Risk.Disruptive, Gates.Field("mountpoint", "/a", "/b"))], records, Gates.AtNight).Of("tank/a");
        Assert.Equal("MaintenanceWindow", other.Reason);
        Assert.Contains("(commit c9) covered update Dataset/tank/a; mountpoint of Dataset/tank/a would become '/b', which it did not cover", other.Message, StringComparison.Ordinal);
    }
}

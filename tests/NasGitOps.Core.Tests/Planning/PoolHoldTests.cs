using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Status;

namespace NasGitOps.Core.Tests.Planning;

public sealed class PoolHoldTests
{
    private const string Resilvering = "resilver in progress since Fri Nov 27 11:00:00 2026";

    [Theory]
    [InlineData("ONLINE", "", null)]
    [InlineData("ONLINE", "resilvered 1G in 00:00:01 with 0 errors on Fri Nov 20 14:53:54 2026", null)]
    [InlineData("ONLINE", "scrub in progress since Fri Nov 27 11:00:00 2026", null)]
    [InlineData("ONLINE", Resilvering, "PoolBusy")]
    [InlineData("DEGRADED", "resilver (draid1:4d:6c:1s-0) in progress since Fri Nov 27 11:00:00 2026", "PoolBusy")]
    [InlineData("DEGRADED", "", "PoolDegraded")]
    [InlineData("SUSPENDED", "", "PoolDegraded")]
    [InlineData("READONLY", "", "PoolDegraded")]
    public void What_cuts_clients_off_waits_while_its_pool_is_not_whole(string health, string scan, string? reason)
    {
        var change = Decide(Gates.Update("Dataset", "tank/media"), Gates.Pool(health, scan));

        Assert.Equal(reason ?? "", change.Reason);
        Assert.Equal(reason is null ? Disposition.Apply : Disposition.Waiting, change.Disposition);
    }

    [Fact]
    public void What_is_harmless_and_what_concerns_another_pool_or_none_goes_on()
    {
        var degraded = Gates.Pool("DEGRADED");

        Assert.Equal(Disposition.Apply, Decide(Gates.Update("Dataset", "tank/media", Risk.Safe), degraded).Disposition);
        Assert.Equal(Disposition.Apply, Decide(Gates.Update("Dataset", "tankard/media"), degraded, Gates.Pool("ONLINE", name: "tankard")).Disposition);
        Assert.Equal(Disposition.Apply, Decide(Gates.Update("User", "tank"), degraded).Disposition);
    }

    [Fact]
    public void A_share_concerns_the_pool_of_its_dataset_and_a_clone_its_own()
    {
        var share = Gates.Update("SmbShare", "photos") with { Needs = [new ResourceId("User", "alice"), new ResourceId("Dataset", "tank/media")] };

        Assert.Equal("PoolDegraded", Decide(share, Gates.Pool("DEGRADED")).Reason);
        Assert.Equal("PoolDegraded", Decide(Gates.Update("Clone", "tank/clone"), Gates.Pool("DEGRADED")).Reason);
    }

    [Fact]
    public void A_share_without_a_manifest_concerns_the_pool_that_its_record_or_its_path_tells_of()
    {
        var id = new ResourceId("NfsExport", "media");
        var byPath = Gates.Of(id, ChangeAction.Remove, Risk.Disruptive, [], Gates.Field("path", "/srv/media/films", null));
        var byRecord = Gates.Of(id, ChangeAction.Remove, Risk.Disruptive, []);
        var elsewhere = Gates.Of(id, ChangeAction.Remove, Risk.Disruptive, [], Gates.Field("path", "/srv/media2", null));
        var records = OwnershipRecords.Empty with
        {
            Records = new Dictionary<ResourceId, Applied> { [id] = new(id, "c1", new Dictionary<string, string> { ["dataset"] = "tank/gone" }, new Dictionary<string, string>()) },
        };

        Assert.Equal("PoolDegraded", Decide(byPath, Gates.Pool("DEGRADED")).Reason);
        Assert.Equal("PoolDegraded", Gates.Decide([byRecord], records, pools: Gates.Pool("DEGRADED")).Of("media").Reason);
        Assert.Equal(Disposition.Apply, Decide(elsewhere, Gates.Pool("DEGRADED")).Disposition);
    }

    [Fact]
    public void What_mends_a_pool_waits_neither_for_it_nor_for_a_window_but_what_only_grows_it_does()
    {
        var disk = Gates.Field("vdevs[0]", "mirror a b", "mirror a c") with { Mends = true };
        var replace = Gates.Update("Pool", "tank", Risk.Disruptive, disk);
        var more = Gates.Update("Pool", "tank", Risk.Disruptive, disk, Gates.Field("mountpoint", "/tank", "/pool"));

        Assert.Equal(["tank"], Gates.Decide([replace], policy: Gates.AtNight, pools: Gates.Pool("DEGRADED")).Applied());
        Assert.Equal("MaintenanceWindow", Gates.Decide([replace], policy: Gates.AtNight, pools: Gates.Pool("ONLINE")).Of("tank").Reason);
        Assert.Equal("PoolDegraded", Gates.Decide([more], pools: Gates.Pool("DEGRADED")).Of("tank").Reason);
    }

    [Fact]
    public void Several_reasons_are_told_together_the_strongest_first()
    {
        var held = Gates.Decide([Gates.Quarantine("tank/x", "11")], policy: Gates.AtNight, pools: Gates.Pool("DEGRADED")).Of("tank/x");

        Assert.Equal((Disposition.NeedsApproval, "ApprovalRequired"), (held.Disposition, held.Reason));
        Assert.Matches("^this cannot be undone; also pool tank is DEGRADED, .*; also clients may be cut off, .*; look at what is at stake, then approve", held.Message);
    }

    [Fact]
    public void An_approval_lifts_what_waits_for_a_pool()
    {
        var draft = Gates.Update("Dataset", "tank/media");
        var plan = Gates.Plan(Gates.Decide([draft], pools: Gates.Pool("DEGRADED")));

        Assert.Empty(plan.ApprovalDigest);
        Assert.Equal(["tank/media"], Gates.Decide([draft], Gates.Approved(new Approval(plan.ApproveAllDigest, "c9")), pools: Gates.Pool("ONLINE", Resilvering)).Applied());
    }

    [Fact]
    public void The_status_tells_what_ends_by_itself_from_what_needs_a_person()
    {
        var plan = Gates.Plan(Gates.Decide([Gates.Quarantine("tank/x", "11"), Gates.Update("Dataset", "tank/media")], pools: Gates.Pool("DEGRADED")));

        var status = StatusBuilder.Build(null, "nas1", "1", Gates.Noon, new SourceStatus("c2", "c2", "c1", [], null, ""), plan, new Dictionary<ResourceId, Outcome>(), _ => null);

        Assert.Equal(
            ["tank/media Ready False PoolDegraded", "tank/media Reconciling True PoolDegraded", "tank/x Ready False ApprovalRequired", "tank/x Stalled True ApprovalRequired"],
            status.Resources.SelectMany(r => r.Conditions.Select(c => $"{r.Id.Name} {c.Type} {c.Status} {c.Reason}")));
        Assert.EndsWith("prints. Would update properties.readonly: off → on", status.Resources[0].Find(Condition.Ready)!.Message, StringComparison.Ordinal);
    }

    private static Change Decide(Draft draft, params PoolState[] pools) => Assert.Single(Gates.Decide([draft], pools: pools).Changes);
}

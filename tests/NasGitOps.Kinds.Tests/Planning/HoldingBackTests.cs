using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Testing.Laws;
using NasGitOps.Testing.Model;

namespace NasGitOps.Kinds.Tests.Planning;

/// <summary>The gates with the real kinds, on a model host.</summary>
public class HoldingBackTests
{
    private const string Encrypted = """{"encryption":{"key":{"secretRef":"key-1"}},"properties":{"readonly":"READONLY"}}""";

    /// <summary>Its only window is far away.</summary>
    private static readonly Policy Closed = new(MaxRemovals: 100) { Windows = [new MaintenanceWindow("0 0 29 2 *", "UTC", TimeSpan.FromMinutes(1))] };

    [Fact]
    public void Outside_of_a_window_what_is_new_and_what_is_harmless_is_applied_and_the_rest_waits()
    {
        var scene = Scene.With(("tank/a", """{"properties":{"readonly":"off"}}"""));
        scene.Commit("c2", Scene.Datasets(("tank/a", """{"properties":{"readonly":"on"}}"""), ("tank/b", """{"properties":{"readonly":"on"}}""")));

        var world = LawSuite.Pass(scene.World with { Policy = Closed }, scene.Wanted);

        var left = Assert.Single(world.Left!.Changes);
        Assert.Equal(("Dataset/tank/a", "MaintenanceWindow"), (left.Id.ToString(), left.Reason));
        Assert.Equal("on", world.Host.Datasets["tank/b"].Local["readonly"]);
        Assert.Equal("c1", world.Records.LastAppliedCommit);
    }

    [Fact]
    public void A_start_of_the_host_opens_a_locked_dataset_outside_of_a_window_and_nobody_is_cut_off_by_what_waited_for_one()
    {
        var scene = Scene.With(("tank/a", Spec("off")));
        scene.Commit("c2", Scene.Datasets(("tank/a", Spec("on"))));
        var waiting = LawSuite.Pass(scene.World with { Policy = Closed }, scene.Wanted);
        Assert.Equal("off", waiting.Host.Datasets["tank/a"].Local["readonly"]);

        var started = LawSuite.Pass(waiting with { Host = new HandEdit(HostEdit.Reboot, 0).On(waiting.Host) }, scene.Wanted);

        Assert.Empty(started.Left!.Changes);
        Assert.Equal(("/tank/a", "on"), (started.Host.Datasets["tank/a"].MountedAt, started.Host.Datasets["tank/a"].Local["readonly"]));

        static string Spec(string readOnly) => Encrypted.Replace("READONLY", readOnly, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SmbShare", """{"dataset":"tank/a","access":{"readOnly":["root"]}}""")]
    [InlineData("NfsExport", """{"dataset":"tank/a","clients":[{"host":"10.0.0.0/16"}]}""")]
    [InlineData("NfsExport", """{"path":"/tank/a","clients":[{"host":"10.0.0.0/16"}]}""")]
    public void A_share_is_not_taken_away_while_its_pool_is_degraded(string kind, string spec)
    {
        var scene = Scene.With(("tank/a", "{}"));
        var datasets = Scene.Datasets(("tank/a", "{}"));
        scene.Commit("c2", [.. datasets, (kind, "share", spec)]).Apply();
        scene.Commit("c3", datasets);
        var input = ModelPass.Input(BuiltInKinds.All, scene.World, scene.Wanted);

        var held = new Planner(BuiltInKinds.All).Plan(Degraded(input)).Changes.Single(c => c.Id == new ResourceId(kind, "share"));

        Assert.Equal((ChangeAction.Remove, Disposition.Waiting, "PoolDegraded"), (held.Action, held.Disposition, held.Reason));
        Assert.Equal(Disposition.Apply, new Planner(BuiltInKinds.All).Plan(input).Changes.Single(c => c.Id == held.Id).Disposition);
    }

    [Fact]
    public void Disks_of_a_pool_are_what_mends_it()
    {
        var scene = Scene.With();
        scene.Commit("c2", ("Pool", "tank", """{"vdevs":[{"type":"mirror","disks":["/dev/disk/by-id/d0","/dev/disk/by-id/d1","/dev/disk/by-id/d2"]}]}"""));

        var change = new Planner(BuiltInKinds.All).Plan(Degraded(ModelPass.Input(BuiltInKinds.All, scene.World with { Policy = Closed }, scene.Wanted))).Changes.Single();

        Assert.Equal((Risk.Disruptive, Disposition.Apply), (change.Risk, change.Disposition));
        Assert.All(change.Fields, f => Assert.True(f.Mends));
    }

    [Fact]
    public void Approved_removals_go_on_after_one_of_them_failed()
    {
        var scene = Scene.With(("tank/a", "{}"), ("tank/b", "{}"));
        var datasets = Scene.Datasets(("tank/a", "{}"), ("tank/b", "{}"));
        scene.Commit("c2", [.. datasets, ("NfsExport", "a", Export("tank/a")), ("NfsExport", "b", Export("tank/b"))]).Apply();
        scene.Commit("c3", datasets);
        var strict = scene.World with { Policy = new Policy(MaxRemovals: 1) };
        var digest = Plan(strict, scene).ApprovalDigest;
        var approved = strict with { Records = strict.Records with { Approvals = [new Approval(digest, "c3")] } };

        // The removals of both are accepted together; a kill strikes after the first step of the first.
        var killed = LawSuite.Pass(approved, scene.Wanted, 1);
        Assert.Single(killed.Taken);
        Assert.NotEmpty(killed.Records.Approvals[0].Covers!);
        var after = LawSuite.Pass(killed, scene.Wanted);

        Assert.Empty(after.Left!.Changes);
        Assert.Equal("c3", after.Records.LastAppliedCommit);
        Assert.Empty(after.Records.Approvals);

        static string Export(string dataset) => $$"""{"dataset":"{{dataset}}","clients":[{"host":"10.0.0.0/16"}]}""";
    }

    private static Plan Plan(ModelWorld world, Scene scene) => new Planner(BuiltInKinds.All).Plan(ModelPass.Input(BuiltInKinds.All, world, scene.Wanted));

    private static PlanInput Degraded(PlanInput input)
    {
        var pools = input.Observed.Pools.Value!.Items.ToDictionary(p => p.Key, p => p.Value with { Health = "DEGRADED" });
        return input with { Observed = input.Observed with { Pools = Reading<Named<PoolState>>.Known(new Named<PoolState>(pools)) } };
    }
}

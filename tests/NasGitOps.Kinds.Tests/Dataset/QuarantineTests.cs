using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Testing.Laws;
using NasGitOps.Testing.Model;

namespace NasGitOps.Kinds.Tests.Dataset;

public sealed class QuarantineTests
{
    private const string Bin = """{"deletionPolicy":"quarantine"}""";
    private static readonly ResourceId Id = new("Dataset", "tank/a");

    private static (string Kind, string Name, string Spec)[] PoolAlone => Scene.Datasets();

    [Fact]
    public void Going_in_waits_for_an_approval_that_names_guid_bytes_and_snapshots()
    {
        var scene = Scene.With(("tank/a", Bin)).Type("zfs", "snapshot", "tank/a@by-hand");

        var change = scene.Commit("c2", PoolAlone).Change("Dataset", "tank/a");

        Assert.Equal((ChangeAction.Quarantine, Risk.Destructive, Disposition.NeedsApproval), (change.Action, change.Risk, change.Disposition));
        Assert.Equal([scene.World.Host.Datasets["tank/a"].Guid], change.AtStake.Guids);
        Assert.Equal((1048576UL, 1), (change.AtStake.Bytes, change.AtStake.Snapshots));
        Assert.Equal("2w, then destroyed", Assert.Single(change.Fields).After);
    }

    [Fact]
    public void Approved_it_is_unmounted_read_only_and_held_and_keeps_its_name()
    {
        var scene = Away(Scene.With(("tank/a", Bin)), PoolAlone);

        var dataset = scene.World.Host.Datasets["tank/a"];
        Assert.Null(dataset.MountedAt);
        Assert.Equal(("on", "noauto"), (dataset.Local["readonly"], dataset.Local["canmount"]));
        Assert.Contains("tank/a@nasgitops-quarantine", scene.World.Host.Held);
        var notice = Assert.Single(scene.Plan().Notices, n => n.Id == Id);
        Assert.Equal(Notice.Quarantined, notice.Reason);
        Assert.Contains("destroyed after 2025-10-23", notice.Message, StringComparison.Ordinal);
        Assert.Contains("put its manifest back (it stands in commit c1)", notice.Message, StringComparison.Ordinal);
        Assert.Empty(scene.Plan().Changes);
    }

    [Fact]
    public void The_policy_counts_as_it_was_last_applied()
    {
        // The commit that says quarantine was never applied.
        var scene = Scene.With(("tank/a", "{}")).Commit("c2", Scene.Datasets(("tank/a", Bin))).Commit("c3", PoolAlone);

        Assert.Empty(scene.Plan().Changes);
        Assert.Equal("Orphaned", Assert.Single(scene.Plan().Notices, n => n.Id == Id).Reason);
    }

    [Fact]
    public void A_changed_policy_is_applied_by_itself_and_touches_only_the_mark()
    {
        var scene = Scene.With(("tank/a", "{}")).Commit("c2", Scene.Datasets(("tank/a", """{"deletionPolicy":"quarantine","quarantine":{"keepFor":"3d"}}""")));

        Assert.Equal("quarantine 3d", Assert.Single(scene.Change("Dataset", "tank/a").Fields).After);
        var steps = scene.Apply().Steps;

        Assert.All(steps, s => Assert.Matches("^zfs set '?nasgitops:", s));
        Assert.Equal("quarantine 3d", scene.World.Host.Datasets["tank/a"].Local["nasgitops:deletion-policy"]);
        Assert.Empty(scene.Plan().Changes);
    }

    [Fact]
    public void Its_return_sets_again_what_was_set_by_hand_too_and_mounts()
    {
        var scene = Scene.With(("tank/a", Bin)).Type("zfs", "set", "reservation=5000000", "tank/a").Type("zfs", "set", "mountpoint=/mnt/by-hand", "tank/a");
        Away(scene, PoolAlone);
        Assert.Equal("0", scene.World.Host.Datasets["tank/a"].Local["reservation"]);

        var change = scene.Commit("c3", Scene.Datasets(("tank/a", Bin))).Change("Dataset", "tank/a");
        scene.Apply();

        Assert.Equal((ChangeAction.Restore, Disposition.Apply), (change.Action, change.Disposition));
        var back = scene.World.Host.Datasets["tank/a"];
        Assert.Equal(("5000000", "/mnt/by-hand", "/mnt/by-hand"), (back.Local["reservation"], back.Local["mountpoint"], back.MountedAt));
        Assert.DoesNotContain("readonly", back.Local.Keys);
        Assert.Empty(scene.World.Host.Snapshots);
        Assert.Empty(scene.Plan().Changes);
    }

    [Fact]
    public void A_tree_with_a_member_of_somebody_else_stays_where_it_is()
    {
        var scene = Scene.With(("tank/a", Bin)).Type("zfs", "create", "tank/a/foreign").Commit("c2", PoolAlone);

        var change = scene.Change("Dataset", "tank/a");

        Assert.Equal((Disposition.Blocked, "QuarantineBlocked"), (change.Disposition, change.Reason));
        Assert.Contains("tank/a/foreign lies below tank/a and is not managed here", change.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "is an orphan that is kept")]
    [InlineData(null, "is declared")]
    public void A_tree_with_a_member_that_stays_is_blocked(string? policy, string why)
    {
        var scene = Scene.With(("tank/a", Bin), ("tank/a/b", policy ?? Bin));

        scene.Commit("c2", policy is null ? Scene.Datasets(("tank/a/b", Bin)) : PoolAlone);

        Assert.Contains(why, scene.Change("Dataset", "tank/a").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_somebody_else_serves_from_it_keeps_it()
    {
        var scene = Scene.With(("tank/a", Bin)).Edit(h => h with { Files = h.Files.SetItem(NfsModel.Main, "/tank/a/inner 10.0.0.5(ro,sync)\n") }).Commit("c2", PoolAlone);

        var change = scene.Change("Dataset", "tank/a");

        Assert.Equal("QuarantineBlocked", change.Reason);
        Assert.Contains("NfsExport /tank/a/inner (10.0.0.5", change.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_clone_of_somebody_else_keeps_it()
    {
        var scene = Scene.With(("tank/a", Bin)).Type("zfs", "snapshot", "tank/a@s").Type("zfs", "clone", "tank/a@s", "tank/rescue").Commit("c2", PoolAlone);

        Assert.Contains("tank/rescue is a clone of tank/a@s, and is not managed here", scene.Change("Dataset", "tank/a").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Children_go_before_their_parent_and_what_is_to_be_renamed_stays()
    {
        var scene = Scene.With(("tank/a", Bin), ("tank/a/b", Bin)).Commit("c2", PoolAlone);
        Assert.Equal(["tank/a/b", "tank/a"], scene.Plan().Changes.Select(c => c.Id.Name));
        Assert.Contains(new ResourceId("Dataset", "tank/a/b"), scene.Plan().Changes[1].Needs);

        scene.Type("zfs", "create", "tank/new").Commit("c3", Scene.Datasets(("tank/new", """{"movedFrom":"tank/a"}""")));

        Assert.Contains("Dataset/tank/new", scene.Change("Dataset", "tank/a").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_declared_below_one_that_lies_in_quarantine_waits_for_it()
    {
        var scene = Away(Scene.With(("tank/a", Bin)), PoolAlone);

        Assert.Equal("ParentQuarantined", scene.Commit("c3", Scene.Datasets(("tank/a/new", "{}"))).Change("Dataset", "tank/a/new").Reason);
    }

    [Fact]
    public void Past_its_time_it_is_destroyed_without_another_approval_and_its_announcement_names_it()
    {
        var scene = Away(Scene.With(("tank/a", Bin)).Type("zfs", "snapshot", "tank/a@by-hand"), PoolAlone);

        Assert.Empty(Later(scene, 13).Changes);
        var change = Assert.Single(Later(scene, 15).Changes);

        Assert.Equal((ChangeAction.Remove, Cause.Time, Disposition.Apply), (change.Action, change.Cause, change.Disposition));
        Assert.Equal(1, change.AtStake.Snapshots);
        var after = LawSuite.Pass(scene.World with { Later = TimeSpan.FromDays(15) }, scene.Wanted);
        Assert.Empty(after.Faults);
        Assert.DoesNotContain("tank/a", after.Host.Datasets.Keys);
        Assert.Empty(after.Host.Snapshots);
    }

    [Fact]
    public void A_clock_that_is_not_trusted_destroys_nothing()
    {
        var scene = Away(Scene.With(("tank/a", Bin)), PoolAlone);
        var input = ModelPass.Input(BuiltInKinds.All, scene.World with { Later = TimeSpan.FromDays(15) }, scene.Wanted);

        var change = Assert.Single(new Planner(BuiltInKinds.All).Plan(input with { Observed = input.Observed with { ClockProblem = "the clock is not synchronised" } }).Changes);

        Assert.Equal((Disposition.Blocked, "ClockNotTrusted"), (change.Disposition, change.Reason));
    }

    [Theory]
    [InlineData("mount", "tank/a", "is mounted")]
    [InlineData("set readonly=off", "tank/a", "not read-only")]
    public void What_somebody_uses_past_its_time_is_kept(string verb, string dataset, string why)
    {
        var scene = Away(Scene.With(("tank/a", Bin)), PoolAlone).Type("zfs", [.. verb.Split(' '), dataset]);

        var change = Assert.Single(Later(scene, 15).Changes);

        Assert.Equal((Disposition.Blocked, "QuarantineInUse"), (change.Disposition, change.Reason));
        Assert.Contains(why, change.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Looking_at_it_by_hand_meanwhile_is_told_and_left_alone()
    {
        var scene = Away(Scene.With(("tank/a", Bin)), PoolAlone).Type("zfs", "mount", "tank/a");

        Assert.Empty(scene.Plan().Changes);
        Assert.Contains("mounted at /tank/a by hand", Assert.Single(scene.Plan().Notices, n => n.Id == Id).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mark_that_was_copied_to_another_dataset_does_not_count()
    {
        var scene = Away(Scene.With(("tank/a", Bin)), PoolAlone).Edit(h => h.With(h.Datasets["tank/a"] with { Guid = "77" }));

        Assert.Empty(Later(scene, 15).Changes);
    }

    private static Plan Later(Scene scene, int days) => new Planner(BuiltInKinds.All).Plan(ModelPass.Input(BuiltInKinds.All, scene.World with { Later = TimeSpan.FromDays(days) }, scene.Wanted));

    /// <summary>The manifests that are left are approved and applied.</summary>
    private static Scene Away(Scene scene, (string Kind, string Name, string Spec)[] left)
    {
        scene.Commit("c2", left).Approve().Apply();
        Assert.Empty(scene.World.Faults);
        return scene;
    }
}

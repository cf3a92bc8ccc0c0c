using NasGitOps.Core.Manifests;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Testing.Laws;
using NasGitOps.Testing.Model;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.Tests.Clone;

public sealed class CloneTests
{
    private const string Latest = """{"from":{"dataset":"tank/a","latest":true},"expiresAfter":"7d"}""";
    private static readonly ResourceId Id = new("Clone", "tank/copy");
    private static readonly ResourceId Share = new("SmbShare", "copy");

    [Fact]
    public void The_latest_snapshot_is_cloned_once_and_the_clone_does_not_move()
    {
        var scene = Cloned(Latest);
        Assert.Equal("tank/a@s2", scene.World.Host.Datasets["tank/copy"].Origin);

        scene.Edit(h => h with { Snapshots = h.Snapshots.Add("tank/a@s3", ModelHost.Now) });

        Assert.Empty(scene.Plan().Changes);
    }

    [Fact]
    public void Before_takes_the_newest_one_of_that_time()
    {
        var time = ModelHost.Now.AddHours(-3).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        var scene = Cloned("{\"from\":{\"dataset\":\"tank/a\",\"before\":\"" + time + "\"}}");

        Assert.Equal("tank/a@s1", scene.World.Host.Datasets["tank/copy"].Origin);
    }

    [Fact]
    public void Access_times_are_off_so_that_reading_is_not_writing() => Assert.Equal("off", Cloned(Latest).World.Host.Datasets["tank/copy"].Local["atime"]);

    [Fact]
    public void A_snapshot_that_there_is_not_is_blocked_with_the_nearest_name()
    {
        var scene = Source();
        scene.Commit("c2", [.. Base, ("Clone", "tank/copy", """{"from":{"dataset":"tank/a","snapshot":"s22"}}""")]);

        var change = scene.Change("Clone", "tank/copy");
        Assert.Equal("SnapshotMissing", change.Reason);
        Assert.Contains("did you mean 's2'", change.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_snapshot_in_the_manifest_is_blocked_because_a_clone_stays_what_it_was_made_of()
    {
        var scene = Cloned("""{"from":{"dataset":"tank/a","snapshot":"s1"}}""");

        Assert.Equal("ImmutableProperty", scene.Commit("c3", [.. Base, ("Clone", "tank/copy", """{"from":{"dataset":"tank/a","snapshot":"s2"}}""")]).Change("Clone", "tank/copy").Reason);
    }

    [Fact]
    public void A_clone_that_was_destroyed_by_hand_is_not_made_again() =>
        Assert.Equal("CloneMissing", Cloned(Latest).Edit(h => h with { Datasets = h.Datasets.Remove("tank/copy") }).Change("Clone", "tank/copy").Reason);

    [Fact]
    public void When_its_time_is_over_its_shares_go_first_and_then_the_clone_with_cause_time_and_without_approval()
    {
        var plan = Later(Cloned(Latest), days: 8);

        Assert.Equal([Share, Id], plan.Changes.Select(c => c.Id));
        Assert.All(plan.Changes, c => Assert.Equal((ChangeAction.Remove, Cause.Time, Disposition.Apply), (c.Action, c.Cause, c.Disposition)));
        Assert.Contains(plan.Changes[1].Steps, s => s.Describe() == "zfs destroy tank/copy");
        Assert.Equal([Share], plan.Changes[1].Needs);
    }

    [Fact]
    public void More_expiries_than_removals_are_allowed_do_not_wait() =>
        Assert.All(Later(Cloned(Latest), days: 8, new Policy(MaxRemovals: 0)).Changes, c => Assert.Equal(Disposition.Apply, c.Disposition));

    [Fact]
    public void After_its_end_it_is_Expired_and_not_made_again_until_its_manifest_changes()
    {
        var scene = Cloned(Latest);
        var ended = scene.Edit(h => h with { Datasets = h.Datasets.Remove("tank/copy"), Files = h.Files.Remove("/etc/samba/nasgitops.d/copy.conf") });

        var plan = Later(ended, days: 8);
        Assert.DoesNotContain(plan.Changes, c => c.Id == Id || c.Id == Share);
        Assert.Equal([Id, Share], plan.Notices.Where(n => n.Reason == Notice.Expired).Select(n => n.Id));

        ended.Commit("c3", Manifests(Latest.Replace("7d", "30d", StringComparison.Ordinal)));
        Assert.Equal(ChangeAction.Create, Assert.Single(Later(ended, days: 8).Changes, c => c.Id == Id).Action);
    }

    [Fact]
    public void One_that_somebody_wrote_to_is_kept_and_reported()
    {
        var scene = Cloned(Latest);
        var input = Input(scene, 8);
        var written = input with { Observed = input.Observed with { Datasets = input.Observed.Datasets.ToDictionary(d => d.Key, d => d.Value.Select(n => new Core.Observation.Named<Core.Observation.DatasetState>(n.Items.ToDictionary(i => i.Key, i => i.Value with { Changed = true })))) } };

        var plan = new Planner(BuiltInKinds.All).Plan(written);
        Assert.DoesNotContain(plan.Changes, c => c.Id == Id || c.Id == Share);
        Assert.Contains(plan.Notices, n => n is { Reason: "CloneWritten", Degraded: true } && n.Message.Contains("zfs diff tank/a@s2 tank/copy", StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_deadline_removed_is_still_recorded()
    {
        var scene = Cloned(Latest);
        var input = Input(scene, 8);
        var plan = new Planner(BuiltInKinds.All).Plan(input);

        Assert.Contains(Id, RecordKeeper.AfterDone(input.Ownership, plan.Changes.Single(c => c.Id == Id), plan, input).Records.Keys);
    }

    [Fact]
    public void A_clone_whose_time_the_manifest_shortens_ends_as_that_manifest_says_and_is_not_missed_afterwards()
    {
        var scene = Cloned(Latest).Commit("c3", Manifests(Latest.Replace("7d", "1d", StringComparison.Ordinal)));
        var input = Input(scene, 2);
        var plan = new Planner(BuiltInKinds.All).Plan(input);
        var records = plan.Changes.Aggregate(input.Ownership, (current, change) => RecordKeeper.AfterDone(current, change, plan, input));

        scene.Edit(h => h with { Datasets = h.Datasets.Remove("tank/copy"), Files = h.Files.Remove("/etc/samba/nasgitops.d/copy.conf") });
        var after = new Planner(BuiltInKinds.All).Plan(Input(scene, 2) with { Ownership = records });

        Assert.Equal("1d", records.Records[Id].Fields["expiresAfter"]);
        Assert.DoesNotContain(after.Changes, c => c.Id == Id || c.Id == Share);
        Assert.Equal([Id, Share], after.Notices.Where(n => n.Reason == Notice.Expired).Select(n => n.Id));
    }

    [Theory]
    [InlineData("Dataset", "{}")]
    [InlineData("Clone", Latest)]
    public void Nothing_can_be_made_below_a_volume(string kind, string spec)
    {
        var drafts = Scene.Datasets(("tank/a", "{}"), ("tank/v", """{"type":"volume","volumeSize":"16MiB"}""")).Append((Kind: kind, Name: "tank/v/below", Spec: spec));
        Assert.False(Draft.Commit("c2", drafts.Select(d => new Draft(d.Kind, d.Name, JObject.Parse(d.Spec)))).Manifests.Contains(new ResourceId(kind, "tank/v/below")), "the manifest was accepted");

        var scene = Source().Type("zfs", "create", "-V", "16777216", "tank/v").Commit("c2", [.. Base, (kind, "tank/v/below", spec)]);
        Assert.Equal("ParentIsVolume", scene.Change(kind, "tank/v/below").Reason);
    }

    private static (string, string, string)[] Base => Scene.Datasets(("tank/a", "{}"));

    private static (string, string, string)[] Manifests(string clone) =>
        [.. Base, ("Group", "media", """{"gid":2001}"""), ("Clone", "tank/copy", clone), ("SmbShare", "copy", """{"dataset":"tank/copy","access":{"readOnly":["@media"]}}""")];

    private static Scene Source() => Scene.With(("tank/a", "{}")).Edit(h => h with
    {
        Snapshots = h.Snapshots.Add("tank/a@s1", ModelHost.Now.AddHours(-5)).Add("tank/a@s2", ModelHost.Now.AddHours(-1)),
    });

    private static Scene Cloned(string spec)
    {
        var scene = Source().Commit("c2", Manifests(spec)).Apply();
        Assert.Empty(scene.World.Faults);
        Assert.Empty(scene.Plan().Changes);
        return scene;
    }

    private static PlanInput Input(Scene scene, int days, Policy? policy = null)
    {
        var input = ModelPass.Input(BuiltInKinds.All, scene.World, scene.Wanted);
        return input with { Now = input.Now.AddDays(days), Policy = policy ?? input.Policy };
    }

    private static Plan Later(Scene scene, int days, Policy? policy = null) => new Planner(BuiltInKinds.All).Plan(Input(scene, days, policy));
}

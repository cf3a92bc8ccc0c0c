using System.Text;
using NasGitOps.Core.Loading;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Snapshots;
using NasGitOps.Kinds.SnapshotSchedule;
using NasGitOps.Testing.Laws;

namespace NasGitOps.Kinds.Tests.SnapshotSchedule;

public sealed class ScheduleThreeWayTests
{
    private const string Hourly = """{"datasets":["tank/a"],"recursive":true,"cron":"@hourly","retention":{"keepHourly":24}}""";
    private static readonly ResourceId Id = new("SnapshotSchedule", "hourly");

    [Fact]
    public void A_schedule_is_applied_by_being_recorded_and_the_record_asks_for_its_job()
    {
        var scene = Applied(Hourly);

        Assert.DoesNotContain(scene.World.Taken, t => t.Id == Id);
        Assert.Empty(scene.Plan().Changes);
        var job = Assert.Single(new SnapshotScheduleKind(BuiltInKinds.Storage).Jobs(scene.World.Records.Records[Id]));
        Assert.Equal(("snapshot", "0 * * * *", "UTC"), (job.Task, job.Schedule.Cron, job.Schedule.TimeZone));
    }

    [Fact]
    public void A_record_tells_all_of_the_schedule()
    {
        const string full = """
            {"datasets":["tank/a"],"recursive":true,"includeVolumes":true,"exclude":["tank/a/b"],"cron":"15 4 * * 1","timeZone":"Europe/Berlin","nameFormat":"x_GMT-%Y.%m.%d-%H.%M.%S",
             "retention":{"keepLast":1,"keepHourly":2,"keepDaily":3,"keepWeekly":4,"keepMonthly":5,"keepYearly":6,"keepWithin":"2d"}}
            """;
        var scene = Applied(full);
        var wanted = (SnapshotScheduleSpec)scene.Commit("c2", Manifests(full)).Desired.Find(Id)!.Spec;
        var read = SnapshotScheduleSpec.FromFields("hourly", scene.World.Records.Records[Id].Fields)!;

        Assert.Equal(wanted.ToFields(), read.ToFields());
        Assert.Equal(wanted.Retention, read.Retention);
    }

    [Fact]
    public void A_changed_retention_is_an_update_and_a_deleted_manifest_stops_the_job()
    {
        var scene = Applied(Hourly);

        var change = scene.Commit("c2", Manifests(Hourly.Replace("24", "48", StringComparison.Ordinal))).Change("SnapshotSchedule", "hourly");
        Assert.Equal(("retention.keepHourly", "24", "48", Cause.Commit), (change.Fields[0].Name, change.Fields[0].Before, change.Fields[0].After, change.Cause));
        var removal = scene.Commit("c3", Scene.Datasets(("tank/a", "{}"), ("tank/a/b", "{}"))).Change("SnapshotSchedule", "hourly");
        Assert.Equal((ChangeAction.Remove, 0), (removal.Action, removal.Steps.Count));
        Assert.DoesNotContain(Id, scene.Apply().World.Records.Records.Keys);
    }

    [Fact]
    public void A_hook_that_the_host_does_not_allow_is_blocked_with_the_way_out()
    {
        var scene = new Scene();
        scene.Commit("c1", Manifests(Hourly.Replace("\"recursive\"", "\"hooks\":{\"pre\":\"flush\"},\"recursive\"", StringComparison.Ordinal))).Apply();

        var change = scene.Change("SnapshotSchedule", "hourly");
        Assert.Equal("HookNotAllowed", change.Reason);
        Assert.Contains("agent.yaml", change.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Targets_are_what_is_named_and_below_without_what_is_excluded_volumes_and_clones()
    {
        SnapshotTarget[] there = [new("tank", false, false), new("tank/a", false, false), new("tank/a/b", false, false), new("tank/a/b/c", false, false), new("tank/a/v", true, false), new("tank/a/clone", false, true), new("tank/ab", false, false)];

        Assert.Equal(["tank/a", "tank/a/b", "tank/a/b/c"], Spec().Targets(there));
        Assert.Equal(["tank/a", "tank/a/v"], (Spec() with { Exclude = ["tank/a/b"], IncludeVolumes = true }).Targets(there));
        Assert.Equal(["tank/a/v"], (Spec() with { Datasets = ["tank/a/v"], Recursive = false }).Targets(there));
    }

    [Theory]
    [InlineData("""{"datasets":["tank/a"],"cron":"61 * * * *","retention":{"keepLast":1}}""", "61", 7)]
    [InlineData("""{"datasets":["tank/a"],"cron":"0 0 31 2 *","retention":{"keepLast":1}}""", "never fires", 7)]
    [InlineData("""{"datasets":["tank/a"],"cron":"@hourly","timeZone":"Mars/Olympus","retention":{"keepLast":1}}""", "Europe/Berlin", 8)]
    [InlineData("""{"datasets":["tank/a"],"cron":"@hourly","retention":{"keepLast":0}}""", "keepDaily: 7", 8)]
    [InlineData("""{"datasets":["tank/a"],"cron":"@hourly","retention":{}}""", "retention", 8)]
    [InlineData("""{"datasets":["tank/a"],"cron":"@hourly","nameFormat":"daily-%Y","retention":{"keepLast":1}}""", "auto-daily_GMT-", 8)]
    [InlineData("""{"datasets":["tank/a"],"cron":"@hourly","exclude":["tank/a/b"],"retention":{"keepLast":1}}""", "without what is below", 8)]
    public void What_cannot_work_is_refused_with_what_to_write(string spec, string told, int line)
    {
        var lines = spec.Replace("\",\"", "\",\n  \"", StringComparison.Ordinal).Replace("],\"", "],\n  \"", StringComparison.Ordinal);
        var text = $"apiVersion: nasgitops.io/v1\nkind: SnapshotSchedule\nmetadata: {{name: hourly}}\nspec:\n\n  {lines}\n---\n{Pool}---\n{DatasetA}";
        var loaded = new ManifestLoader(BuiltInKinds.All, BuiltInKinds.Schemas).Load([new SourceFile("s.yaml", Encoding.UTF8.GetBytes(text))], "nas");

        var problem = Assert.Single(loaded.Problems, p => p.Severity == Severity.Error);
        Assert.Contains(told, problem.ToString(), StringComparison.Ordinal);
        Assert.Equal(line, problem.Line);
    }

    [Fact]
    public void Two_schedules_that_would_take_each_others_snapshots_for_their_own_are_refused()
    {
        const string other = """{"datasets":["tank/a/b"],"cron":"@daily","nameFormat":"auto-hourly_GMT-%Y.%m.%d-%H.%M.%S","retention":{"keepLast":1}}""";
        var commit = Draft.Commit("c1", [.. Manifests(Hourly).Append(("SnapshotSchedule", "other", other)).Select(m => new Draft(m.Item1, m.Item2, Newtonsoft.Json.Linq.JObject.Parse(m.Item3)))]);

        Assert.False(commit.Manifests.Contains(new ResourceId("SnapshotSchedule", "other")));
    }

    private const string Pool = "apiVersion: nasgitops.io/v1\nkind: Pool\nmetadata: {name: tank}\nspec: {}\n";
    private const string DatasetA = "apiVersion: nasgitops.io/v1\nkind: Dataset\nmetadata: {name: tank/a}\nspec: {}\n";

    private static Scene Applied(string spec)
    {
        var scene = new Scene();
        scene.Commit("c1", Manifests(spec)).Apply();
        Assert.Empty(scene.World.Faults);
        return scene;
    }

    private static (string Kind, string Name, string Spec)[] Manifests(string spec) => [.. Scene.Datasets(("tank/a", "{}"), ("tank/a/b", "{}")), ("SnapshotSchedule", "hourly", spec)];

    private static SnapshotScheduleSpec Spec() => SnapshotScheduleSpec.Parse("hourly", Newtonsoft.Json.Linq.JObject.Parse(Hourly));
}

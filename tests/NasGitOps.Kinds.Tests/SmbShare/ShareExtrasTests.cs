using System.Text;
using System.Xml.Linq;
using NasGitOps.Core.Loading;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Steps;
using NasGitOps.Kinds.Samba;
using NasGitOps.Kinds.SmbShare;
using NasGitOps.Testing.Laws;

namespace NasGitOps.Kinds.Tests.SmbShare;

public sealed class ShareExtrasTests
{
    private const string Access = "\"access\":{\"readOnly\":[\"@media\"]}";
    private static readonly (string, string, string) Media = ("Group", "media", """{"gid":2001}""");

    [Fact]
    public void Previous_versions_name_the_form_of_the_schedules_that_reach_the_share()
    {
        var scene = Applied(
            [.. Scene.Datasets(("tank/a", "{}"), ("tank/a/b", "{}")), Media,
                ("SnapshotSchedule", "x", """{"datasets":["tank/a/b"],"cron":"@daily","nameFormat":"any-thing_GMT-%Y-%m-%d-%H-%M","retention":{"keepLast":1}}"""),
                ("SmbShare", "a", $$"""{"dataset":"tank/a","previousVersions":true,{{Access}}}""")]);

        var text = scene.World.Host.Files["/etc/samba/nasgitops.d/a.conf"];
        Assert.Contains("vfs objects = catia fruit streams_xattr shadow_copy2\n", text, StringComparison.Ordinal);
        Assert.Contains("shadow:format = _GMT-%Y-%m-%d-%H-%M\n", text, StringComparison.Ordinal);
        Assert.Contains("shadow:delimiter = _GMT\n", text, StringComparison.Ordinal);
        Assert.Contains("shadow:snapdirseverywhere = yes\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_without_a_prefix_are_read_without_a_delimiter() =>
        Assert.DoesNotContain(PreviousVersions.Parameters(new SnapshotView("GMT-%Y.%m.%d-%H.%M.%S", ".zfs/snapshot")), p => p.Name is "shadow:delimiter" or "shadow:snapprefix");

    [Theory]
    [InlineData("daily-%Y%m%d%H%M", "Samba cannot find the time")]
    [InlineData("x_GMT-%Y-%m-%d-%H-%M", "Samba reads one form a share")]
    public void Schedules_that_one_share_cannot_show_are_told_at_the_share(string format, string told)
    {
        var problem = Assert.Single(Problems(
            Schedule("one", "auto-one_GMT-%Y.%m.%d-%H.%M.%S"), Schedule("two", format), ("SmbShare", "a", "{dataset: tank/a, previousVersions: true, access: {readOnly: [\"@media\"]}}")));

        Assert.Equal(new ResourceId("SmbShare", "a"), problem.Resource);
        Assert.Contains(told, problem.Message, StringComparison.Ordinal);
        Assert.Contains("_GMT", problem.WayOut, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{dataset: tank/a, timeMachine: {maxSize: 1GiB}, access: {readOnly: [\"@media\"]}}", "refquota of tank/a is not set")]
    [InlineData("{dataset: tank/limited, timeMachine: {maxSize: 1GiB}, access: {readOnly: [\"@media\"]}}", "refquota of tank/limited is 2 GiB")]
    [InlineData("{dataset: tank/limited, subpath: x, timeMachine: {maxSize: 2GiB}, access: {readOnly: [\"@media\"]}}", "wants a dataset of its own")]
    [InlineData("{dataset: tank, timeMachine: {maxSize: 2GiB}, access: {readOnly: [\"@media\"]}}", "tank has no refquota")]
    public void A_Time_Machine_whose_size_nothing_makes_hold_is_refused(string spec, string told) => Assert.Contains(told, Assert.Single(Problems(("SmbShare", "a", spec))).Message, StringComparison.Ordinal);

    [Fact]
    public void Time_Machine_shares_are_records_of_one_service_and_the_file_goes_with_the_last_of_them()
    {
        (string, string, string)[] storage = [.. Scene.Datasets(("tank/a", """{"refquota":"1GiB"}"""), ("tank/b", """{"refquota":"1GiB"}""")), Media, ("SambaServer", "default", "{}")];
        var scene = Applied(
            [.. storage, ("SmbShare", "b and co", $$"""{"dataset":"tank/b","timeMachine":{"maxSize":"1GiB"},{{Access}}}"""), ("SmbShare", "a", $$"""{"dataset":"tank/a","timeMachine":{"maxSize":"1GiB"},{{Access}}}""")]);
        const string path = "/etc/avahi/services/nasgitops.service";

        var records = XDocument.Parse(scene.World.Host.Files[path]).Descendants("txt-record").Select(r => r.Value).ToList();
        Assert.Equal(["model=TimeCapsule8,119", "sys=waMa=0,adVF=0x100", $"dk0=adVN=a,adVF=0x82,adVU={Announcement.Uuid("nas", "a")}", $"dk1=adVN=b and co,adVF=0x82,adVU={Announcement.Uuid("nas", "b and co")}"], records);
        Assert.Contains("multicast dns register = no", scene.World.Host.Files["/etc/samba/nasgitops.conf"], StringComparison.Ordinal);

        scene.Commit("c2", storage).Apply();
        Assert.DoesNotContain(path, scene.World.Host.Files.Keys);
        Assert.Empty(scene.Plan().Changes);
    }

    [Fact]
    public void The_uuid_of_a_target_does_not_change_and_differs_by_host_and_share()
    {
        Assert.Equal("010b425c-00db-547b-922a-3057c2a0d01b", Announcement.Uuid("nas1", "tm"));
        Assert.Equal(3, new[] { Announcement.Uuid("nas1", "tm"), Announcement.Uuid("nas2", "tm"), Announcement.Uuid("nas1", "tm2") }.Distinct().Count());
    }

    [Fact]
    public void A_bin_is_purged_by_a_job_of_the_record_below_the_share_alone()
    {
        var scene = Applied([.. Scene.Datasets(("tank/a", "{}")), Media, ("SmbShare", "a", $$"""{"dataset":"tank/a","recycleBin":{"keepFor":"30d"},{{Access}}}""")]);
        var id = new ResourceId("SmbShare", "a");

        var job = Assert.Single(new SmbShareKind(BuiltInKinds.Storage).Jobs(scene.World.Records.Records[id]));
        Assert.Equal(new PurgeDirectory("tank/a", "/tank/a", ".recycle", TimeSpan.FromDays(30)), Assert.Single(new SmbShareKind(BuiltInKinds.Storage).JobSteps(job, scene.Desired)));
        Assert.Contains("recycle:repository = .recycle/%U\n", scene.World.Host.Files["/etc/samba/nasgitops.d/a.conf"], StringComparison.Ordinal);
    }

    private static Scene Applied((string, string, string)[] manifests)
    {
        var scene = new Scene().Commit("c1", manifests).Apply();
        Assert.Empty(scene.World.Faults);
        Assert.Empty(scene.Plan().Changes);
        return scene;
    }

    private static (string, string, string) Schedule(string name, string format) => ("SnapshotSchedule", name, $"{{datasets: [tank/a], cron: \"@daily\", nameFormat: \"{format}\", retention: {{keepLast: 1}}}}");

    private static List<ManifestProblem> Problems(params (string Kind, string Name, string Spec)[] manifests)
    {
        (string Kind, string Name, string Spec)[] all =
        [
            ("Pool", "tank", "{}"), ("Dataset", "tank/a", "{}"), ("Dataset", "tank/limited", "{refquota: 2GiB}"), ("Group", "media", "{gid: 2001}"), .. manifests,
        ];
        var text = string.Join("---\n", all.Select(m => $"apiVersion: nasgitops.io/v1\nkind: {m.Kind}\nmetadata: {{name: {m.Name}}}\nspec: {m.Spec}\n"));
        var loaded = new ManifestLoader(BuiltInKinds.All, BuiltInKinds.Schemas).Load([new SourceFile("s.yaml", Encoding.UTF8.GetBytes(text))], "nas");
        return [.. loaded.Problems.Where(p => p.Severity == Severity.Error)];
    }
}

using System.Globalization;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Steps;

namespace NasGitOps.Kinds.Tests.NfsExport;

public class ExportPlaceAndFsidTests
{
    private readonly ExportHost host = new();

    [Fact]
    public void The_fsid_outlives_a_rename_of_the_dataset()
    {
        host.Mount("tank/old", "/tank/old");
        host.Apply(ExportHost.Export("media", "{dataset: 'tank/old', clients: [{host: '10.0.0.1'}]}"), ExportHost.Dataset("tank/old"));
        var before = FsidOf("media", "tank/old");
        host.Datasets.Clear();
        host.Mount("tank/new", "/tank/new");
        Assert.Equal(before, FsidOf("media", "tank/new"));
    }

    [Fact]
    public void The_fsid_changes_when_another_dataset_is_exported_instead()
    {
        host.Mount("tank/a", "/tank/a", "1");
        host.Mount("tank/b", "/tank/b", "2");
        host.Apply(ExportHost.Export("media", "{dataset: 'tank/a', clients: [{host: '10.0.0.1'}]}"), ExportHost.Dataset("tank/a"));
        Assert.NotEqual(FsidOf("media", "tank/a"), FsidOf("media", "tank/b"));
    }

    [Fact]
    public void An_export_made_before_its_dataset_was_there_keeps_its_fsid()
    {
        host.Apply(ExportHost.Export("media", "{dataset: 'tank/a', clients: [{host: '10.0.0.1'}]}"), ExportHost.Dataset("tank/a"));
        var before = FsidOf("media", "tank/a");
        host.Mount("tank/a", "/tank/a");
        Assert.Equal(before, FsidOf("media", "tank/a"));
    }

    [Fact]
    public void An_fsid_that_a_foreign_export_has_is_passed_over()
    {
        host.Mount("tank/a", "/tank/a");
        var free = FsidOf("media", "tank/a");
        host.Files["/etc/exports"] = $"/elsewhere 10.0.0.9(rw,sync,fsid={free})\n";
        host.ReExport();
        Assert.Equal(uint.Parse(free, CultureInfo.InvariantCulture) + 1, uint.Parse(FsidOf("media", "tank/a"), CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Two_exports_of_one_place_share_an_fsid_and_two_places_do_not()
    {
        host.Mount("tank/a", "/tank/a");
        var one = ExportHost.Export("one", "{dataset: 'tank/a', clients: [{host: '10.0.0.1'}]}");
        var two = ExportHost.Export("two", "{path: '/tank/a', clients: [{host: '10.0.0.2'}]}");
        var sub = ExportHost.Export("sub", "{dataset: 'tank/a', subpath: 'x', clients: [{host: '10.0.0.2'}]}");
        var all = new[] { one, two, sub, ExportHost.Dataset("tank/a") };
        string Of(Core.Manifests.Manifest m) => ExportHost.Kind.Assess(m, host.Input(all)).Fields.First(f => f.Name == "fsid").Desired!;
        Assert.Equal(Of(one), Of(two));
        Assert.NotEqual(Of(one), Of(sub));
    }

    [Fact]
    public void A_path_belongs_to_the_dataset_with_the_longest_mount_point()
    {
        host.Mount("tank", "/tank", "1");
        host.Mount("tank/a", "/tank/a", "2");
        var export = ExportHost.Export("media", "{path: '/tank/a/x', clients: [{host: '10.0.0.1'}]}");
        var fields = host.Assess(export, ExportHost.Dataset("tank"), ExportHost.Dataset("tank/a"), ExportHost.Dataset("tank/ab")).Fields;
        Assert.Equal("tank/a", fields.First(f => f.Name == "dataset").Desired);
        Assert.Equal("x", fields.First(f => f.Name == "subpath").Desired);
    }

    [Theory]
    [InlineData(null, "PathMissing")]
    [InlineData("link", "PathIsLink")]
    [InlineData("file", "PathNotDirectory")]
    [InlineData("directory", null)]
    public void A_directory_below_a_mounted_dataset_must_be_one(string? kind, string? reason)
    {
        host.Mount("tank/a", "/tank/a");
        host.Places["/tank/a"] = Facts("directory");
        host.Places["/tank/a/x"] = Facts("directory");
        if (kind is not null) host.Places["/tank/a/x/y"] = Facts(kind);
        Assert.Equal(reason, host.Assess(ExportHost.Export("media", "{dataset: 'tank/a', subpath: 'x/y', clients: [{host: '10.0.0.1'}]}"), ExportHost.Dataset("tank/a")).Blocker?.Reason);
    }

    [Fact]
    public void A_link_in_the_middle_of_a_path_blocks()
    {
        host.Mount("tank/a", "/tank/a");
        host.Places["/tank/a"] = Facts("directory");
        host.Places["/tank/a/x"] = Facts("link");
        Assert.Equal("PathIsLink", host.Assess(ExportHost.Export("media", "{dataset: 'tank/a', subpath: 'x/y', clients: [{host: '10.0.0.1'}]}"), ExportHost.Dataset("tank/a")).Blocker?.Reason);
    }

    [Fact]
    public void Nothing_is_said_of_a_directory_while_its_dataset_is_not_mounted() =>
        Assert.Null(host.Assess(ExportHost.Export("media", "{dataset: 'tank/a', subpath: 'x', clients: [{host: '10.0.0.1'}]}"), ExportHost.Dataset("tank/a")).Blocker);

    [Fact]
    public void A_directory_is_guarded_by_the_mount_point_of_its_dataset()
    {
        host.Mount("tank/a", "/tank/a");
        host.Apply(ExportHost.Export("media", "{dataset: 'tank/a', subpath: 'x', clients: [{host: '10.0.0.1'}]}"), ExportHost.Dataset("tank/a"));
        Assert.Contains(",mountpoint=/tank/a,", host.Files["/etc/exports.d/nasgitops-media.exports"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "0755", 2001, true)] // whoever owns the directory itself may not rename it
    [InlineData(0, "2775", 0, false)]
    [InlineData(0, "0757", 0, false)]
    [InlineData(2001, "0755", 0, false)]
    [InlineData(0, "1777", 0, true)]
    [InlineData(0, "1777", 2001, false)]
    public void A_directory_that_others_than_root_could_replace_by_a_link_is_not_exported(uint parentUid, string parentMode, uint uid, bool exported)
    {
        host.Mount("tank/a", "/tank/a");
        host.Places["/tank/a"] = Facts("directory") with { Uid = parentUid, Mode = parentMode };
        host.Places["/tank/a/x"] = Facts("directory") with { Uid = uid, Mode = "2770" };

        var assessment = host.Assess(ExportHost.Export("media", "{dataset: 'tank/a', subpath: 'x', clients: [{host: '10.0.0.1'}]}"), ExportHost.Dataset("tank/a"));

        Assert.Equal(exported ? null : "PathReplaceable", assessment.Blocker?.Reason);
    }

    [Theory]
    [InlineData("link", "PathIsLink")]
    [InlineData("file", "PathNotDirectory")]
    public void An_export_whose_directory_was_replaced_is_withdrawn_and_comes_back_with_the_directory(string kind, string reason)
    {
        const string File = "/etc/exports.d/nasgitops-media.exports";
        var (export, dataset) = (ExportHost.Export("media", "{dataset: 'tank/a', subpath: 'x', clients: [{host: '10.0.0.1'}]}"), ExportHost.Dataset("tank/a"));
        host.Mount("tank/a", "/tank/a");
        host.Places["/tank/a"] = host.Places["/tank/a/x"] = Facts("directory");
        host.Apply(export, dataset);
        Assert.Contains(File, host.Files.Keys);

        host.Places["/tank/a/x"] = Facts(kind);
        var steps = host.Apply(export, dataset);

        Assert.Equal(File, Assert.Single(steps.OfType<DeleteFile>()).Path);
        Assert.DoesNotContain(File, host.Files.Keys);
        Assert.Equal(reason, host.Assess(export, dataset).Blocker?.Reason);

        host.Places["/tank/a/x"] = Facts("directory");
        host.Apply(export, dataset);
        Assert.Contains(File, host.Files.Keys);
    }

    private string FsidOf(string name, string dataset) =>
        host.Assess(ExportHost.Export(name, $"{{dataset: '{dataset}', clients: [{{host: '10.0.0.1'}}]}}"), ExportHost.Dataset(dataset)).Fields.First(f => f.Name == "fsid").Desired!;

    private static FileFacts Facts(string kind) => new(0, 0, "0755", kind == "link", kind == "directory", false);
}

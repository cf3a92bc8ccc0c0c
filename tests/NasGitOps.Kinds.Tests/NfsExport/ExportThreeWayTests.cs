using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;

namespace NasGitOps.Kinds.Tests.NfsExport;

public class ExportThreeWayTests
{
    private const string FilePath = "/etc/exports.d/nasgitops-media.exports";
    private const string Spec = "{dataset: 'tank/media', clients: [{host: '10.0.0.0/24', access: 'rw'}, {host: 'nas2.lan'}]}";

    private readonly ExportHost host = new();
    private readonly Core.Manifests.Manifest dataset = ExportHost.Dataset("tank/media", "/srv/media");

    public ExportThreeWayTests() => host.Mount("tank/media", "/srv/media");

    [Theory]
    [InlineData(Spec)]
    [InlineData("{dataset: 'tank/media', nestedDatasets: false, options: ['insecure', 'no_wdelay'], clients: [{host: '*'}]}")]
    [InlineData("{dataset: 'tank/media', clients: [{host: 'FD00::1/128', access: 'rw', squash: 'all', anonUid: 2001, anonGid: 3000, security: ['sys', 'krb5p']}]}")]
    [InlineData("{path: '/srv/media/in box/a#b', clients: [{host: '@trusted', squash: 'none'}, {host: '*.Example.org'}]}")]
    public void After_an_apply_no_field_differs(string spec)
    {
        var export = ExportHost.Export("media", spec);
        Assert.IsType<InstallFile>(host.Apply(export, dataset)[0]);
        Assert.All(host.Assess(export, dataset).Fields, f => Assert.True(f.Equal, f.ToString()));
        Assert.Empty(host.Apply(export, dataset));
    }

    [Fact]
    public void A_changed_client_is_one_field_from_rw_to_ro_and_disruptive()
    {
        host.Apply(ExportHost.Export("media", Spec), dataset);
        var changed = host.Assess(ExportHost.Export("media", Spec.Replace("'rw'", "'ro'", StringComparison.Ordinal)), dataset);
        var field = Assert.Single(changed.Fields, f => !f.Equal);
        Assert.Equal(("clients[10.0.0.0/24]", "rw", "ro", Risk.Disruptive), (field.Name, field.Actual, field.Desired, field.Risk));
        Assert.Equal(["10.0.0.0/24"], changed.AtStake.Clients);
    }

    [Fact]
    public void A_new_client_is_safe()
    {
        host.Apply(ExportHost.Export("media", "{dataset: 'tank/media', clients: [{host: '10.0.0.1'}]}"), dataset);
        var field = Assert.Single(host.Assess(ExportHost.Export("media", "{dataset: 'tank/media', clients: [{host: '10.0.0.1'}, {host: '10.0.0.2'}]}"), dataset).Fields, f => !f.Equal);
        Assert.Equal((null, "ro", Risk.Safe), (field.Actual, field.Desired, field.Risk));
    }

    [Fact]
    public void A_file_deleted_by_hand_is_made_again_with_the_same_fsid()
    {
        var export = ExportHost.Export("media", Spec);
        host.Apply(export, dataset);
        var before = host.Files[FilePath];
        host.Files.Remove(FilePath);
        Assert.Equal(Existence.Absent, host.Assess(export, dataset).Existence);
        host.Apply(export, dataset);
        Assert.Equal(before, host.Files[FilePath]);
    }

    [Theory]
    [InlineData("sync", "async", "clients[10.0.0.0/24]")]
    [InlineData("fsid=", "fsid=9", "fsid")]
    [InlineData("rw,", "ro,", "clients[10.0.0.0/24]")]
    public void What_is_effective_counts_and_not_the_file_alone(string from, string to, string field)
    {
        var export = ExportHost.Export("media", Spec);
        host.Apply(export, dataset);
        host.Files[ExportHost.Etab] = host.Files[ExportHost.Etab].Replace(from, to, StringComparison.Ordinal);
        Assert.Contains(host.Assess(export, dataset).Fields, f => f.Name == field && !f.Equal);
        host.Apply(export, dataset);
        Assert.DoesNotContain(host.Assess(export, dataset).Fields, f => !f.Equal);
    }

    [Fact]
    public void A_client_exported_by_hand_is_taken_back()
    {
        var export = ExportHost.Export("media", Spec);
        host.Apply(export, dataset);
        host.Files[ExportHost.Etab] += "/srv/media\t*(rw,sync,hide,crossmnt,secure,no_root_squash,no_all_squash,no_subtree_check,fsid=1,sec=sys,rw)\n";
        var field = Assert.Single(host.Assess(export, dataset).Fields, f => !f.Equal);
        Assert.Equal(("clients[*]", null), (field.Name, field.Desired));
        host.Apply(export, dataset);
        Assert.DoesNotContain(host.Assess(export, dataset).Fields, f => !f.Equal);
    }

    [Fact]
    public void A_comment_edited_by_hand_is_one_difference_of_the_file()
    {
        var export = ExportHost.Export("media", Spec);
        host.Apply(export, dataset);
        host.Files[FilePath] = host.Files[FilePath].Replace("generated", "mine", StringComparison.Ordinal);
        Assert.Equal("file", Assert.Single(host.Assess(export, dataset).Fields, f => !f.Equal).Name);
    }

    [Fact]
    public void A_host_that_does_not_resolve_is_a_notice_and_no_drift()
    {
        host.Resolver["nas2.lan"] = null;
        var export = ExportHost.Export("media", Spec);
        host.Apply(export, dataset);
        var assessment = host.Assess(export, dataset);
        Assert.DoesNotContain(assessment.Fields, f => !f.Equal);
        Assert.Equal(("HostNotResolved", true), Assert.Single(assessment.Notices) is var n ? (n.Reason, n.Degraded) : default);
    }

    [Fact]
    public void A_client_that_is_a_name_and_was_withdrawn_by_hand_is_exported_again()
    {
        var export = ExportHost.Export("media", "{dataset: 'tank/media', clients: [{host: 'nas2.lan'}]}");
        host.Apply(export, dataset);
        host.Files[ExportHost.Etab] = "";

        Assert.Contains(host.Assess(export, dataset).Fields, f => !f.Equal && f.Name == "clients[nas2.lan]");
        host.Apply(export, dataset);

        Assert.Contains("nas2.lan(", host.Files[ExportHost.Etab], StringComparison.Ordinal);
    }

    [Fact]
    public void With_a_folder_of_its_own_exports_are_written_and_nothing_is_reloaded()
    {
        host.Paths = new Core.Observation.HostPaths { ExportsDirectory = "/tmp/demo/exports" };
        var export = ExportHost.Export("media", Spec);

        Assert.DoesNotContain(host.Apply(export, dataset), s => s is Core.Steps.Reload);

        Assert.Contains(host.Files.Keys, f => f.StartsWith("/tmp/demo/exports/", StringComparison.Ordinal));
        Assert.DoesNotContain(host.Assess(export, dataset).Fields, f => !f.Equal);
        Assert.Empty(host.Assess(export, dataset).Notices);
    }

    [Fact]
    public void A_file_that_a_kill_left_unloaded_is_loaded_though_all_its_clients_are_names()
    {
        var export = ExportHost.Export("media", "{dataset: 'tank/media', clients: [{host: 'nas2.lan'}]}");
        host.Apply(export, dataset);
        host.Records.Remove(export.Id);
        host.Files[ExportHost.Etab] = "";

        host.Apply(export, dataset);

        Assert.Contains("nas2.lan(", host.Files[ExportHost.Etab], StringComparison.Ordinal);
        Assert.DoesNotContain(host.Assess(export, dataset).Fields, f => !f.Equal);
    }

    [Theory]
    [InlineData("nas2", "nas2.lan", 0)]
    [InlineData("backup.lan", "nas7.lan", 1)]
    public void A_host_under_its_canonical_name_is_the_same_client(string written, string canonical, int notices)
    {
        host.Resolver[written] = canonical;
        var export = ExportHost.Export("media", $"{{dataset: 'tank/media', clients: [{{host: '{written}'}}]}}");
        host.Apply(export, dataset);
        var assessment = host.Assess(export, dataset);
        Assert.DoesNotContain(assessment.Fields, f => !f.Equal);
        Assert.Equal(notices, assessment.Notices.Count);
    }

    [Theory]
    [InlineData("/etc/exports", "/srv/media 10.0.0.0/24(ro)\n")]
    [InlineData("/etc/exports.d/a.exports", "\"/srv/media\" \\\n  10.0.0.0/24(ro,sync)  other(rw)\n")]
    public void The_same_path_and_client_in_a_foreign_file_blocks(string file, string text)
    {
        host.Files[file] = text;
        Assert.Equal("ForeignExport", host.Assess(ExportHost.Export("media", Spec), dataset).Blocker?.Reason);
    }

    [Fact]
    public void Other_clients_of_the_path_in_a_foreign_file_are_left_alone()
    {
        host.Files["/etc/exports"] = "/srv/media 192.168.0.9(rw,sync,fsid=5)\n";
        host.ReExport();
        var export = ExportHost.Export("media", Spec);
        host.Apply(export, dataset);
        Assert.DoesNotContain(host.Assess(export, dataset).Fields, f => !f.Equal);
        Assert.Contains("192.168.0.9", host.Files[ExportHost.Etab], StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_our_name_that_is_not_ours_is_never_overwritten()
    {
        host.Files[FilePath] = "/other 10.0.0.1(rw)\n";
        Assert.Equal("ForeignFile", host.Assess(ExportHost.Export("media", Spec), dataset).Blocker?.Reason);
    }

    [Fact]
    public void An_export_whose_record_was_lost_is_adopted_without_a_step()
    {
        var export = ExportHost.Export("media", Spec);
        host.Apply(export, dataset);
        host.Records.Clear();
        Assert.False(host.Assess(export, dataset).Owned);
        Assert.Empty(host.Apply(export, dataset));
    }

    [Fact]
    public void An_unreadable_etab_is_unknown_and_never_empty()
    {
        host.EtabFails = "permission denied";
        Assert.Equal(Existence.Unknown, host.Assess(ExportHost.Export("media", Spec), dataset).Existence);
    }

    [Fact]
    public void Without_its_manifest_an_export_is_removed_with_its_clients_named()
    {
        var export = ExportHost.Export("media", Spec);
        host.Apply(export, dataset);
        var input = host.Input(dataset);
        Assert.Contains(export.Id, ExportHost.Kind.Owned(input));
        var absence = ExportHost.Kind.Absent(export.Id, input);
        Assert.Equal(ChangeAction.Remove, absence.Action);
        Assert.Equal(["10.0.0.0/24", "nas2.lan"], absence.AtStake.Clients);
        host.Take(absence.Steps);
        Assert.Null(ExportHost.Kind.Absent(export.Id, host.Input(dataset)).Action);
    }

    [Fact]
    public void A_removal_that_was_killed_after_the_file_was_gone_is_finished()
    {
        var export = ExportHost.Export("media", Spec);
        host.Apply(export, dataset);
        host.Files.Remove(FilePath);
        var absence = ExportHost.Kind.Absent(export.Id, host.Input(dataset));
        Assert.IsType<Reload>(Assert.Single(absence.Steps));
        host.Take(absence.Steps);
        Assert.Null(ExportHost.Kind.Absent(export.Id, host.Input(dataset)).Action);
    }
}

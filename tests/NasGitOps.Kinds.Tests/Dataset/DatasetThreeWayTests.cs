using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Testing.Laws;
using NasGitOps.Testing.Model;

namespace NasGitOps.Kinds.Tests.Dataset;

public class DatasetThreeWayTests
{
    [Fact]
    public void What_a_commit_changed_is_the_commits_and_what_a_hand_changed_is_drift()
    {
        var scene = Scene.With(("tank/a", """{"quota":"1GiB","properties":{"atime":"off"}}""")).Type("zfs", "set", "atime=on", "tank/a");
        var change = scene.Commit("c2", Scene.Datasets(("tank/a", """{"quota":"2GiB","properties":{"atime":"off"}}"""))).Change("Dataset", "tank/a");
        Assert.Equal(["properties.atime Drift", "quota Commit"], change.Fields.Select(f => $"{f.Name} {f.Cause}").Order());
    }

    [Fact]
    public void With_report_a_commit_is_applied_and_the_hand_edit_stays()
    {
        var scene = Scene.With(("tank/a", """{"drift":"report","quota":"1GiB","properties":{"atime":"off"}}""")).Type("zfs", "set", "atime=on", "tank/a");
        scene.Commit("c2", Scene.Datasets(("tank/a", """{"drift":"report","quota":"2GiB","properties":{"atime":"off"}}"""))).Apply();
        Assert.Equal(["zfs set quota=2147483648 tank/a"], scene.Steps.Where(s => !s.Contains("nasgitops", StringComparison.Ordinal)));
        Assert.Equal("DriftReported", scene.Change("Dataset", "tank/a").Reason);
    }

    [Fact]
    public void With_report_a_mode_changed_by_hand_stays_over_a_start_that_locked_the_dataset()
    {
        var scene = Scene.With(("tank/a", """{"drift":"report","permissions":{"mode":"0750"},"encryption":{"key":{"secretRef":"key-1"}}}"""));
        scene.Edit(new HandEdit(HostEdit.ChangeMode, 1).On).Edit(new HandEdit(HostEdit.Reboot, 0).On).Apply();

        Assert.Contains(scene.Steps, s => s.Contains("load-key", StringComparison.Ordinal));
        Assert.Equal("DriftReported", scene.Change("Dataset", "tank/a").Reason);
    }

    [Theory]
    [InlineData("""{"properties":{"compression":"lz4"}}""", "compression")]
    [InlineData("""{"quota":"1GiB"}""", "quota")]
    [InlineData("""{"properties":{"canmount":"noauto"}}""", "canmount")]
    [InlineData("""{"mountpoint":"/srv/a"}""", "mountpoint")]
    public void A_property_taken_out_of_the_manifest_is_given_back(string spec, string property)
    {
        var scene = Scene.With(("tank/a", spec)).Commit("c2", Scene.Datasets(("tank/a", "{}"))).Apply();
        Assert.Empty(scene.World.Faults);
        Assert.Empty(scene.Plan().Changes);
        Assert.Equal(property is "quota" ? "0" : property is "canmount" ? "on" : null, scene.World.Host.Datasets["tank/a"].Local.GetValueOrDefault(property));
    }

    [Fact]
    public void A_property_set_by_hand_that_no_manifest_named_stays()
    {
        var scene = Scene.With(("tank/a", "{}")).Type("zfs", "set", "sync=always", "tank/a");
        Assert.Empty(scene.Plan().Changes);
    }

    [Fact]
    public void A_quota_of_none_is_no_quota_and_settles()
    {
        var scene = Scene.With(("tank/a", """{"quota":"none"}""")).Type("zfs", "set", "quota=1073741824", "tank/a").Apply();
        Assert.Equal(["zfs set quota=none tank/a"], scene.Steps);
        Assert.Empty(scene.Plan().Changes);
    }

    [Theory]
    [InlineData("""{"properties":{"casesensitivity":"insensitive"}}""", "ImmutableProperty")]
    [InlineData("""{"type":"volume","volumeSize":"16MiB"}""", "ImmutableProperty")]
    [InlineData("""{"encryption":{"key":{"secretRef":"key-1"}}}""", "ImmutableProperty")]
    public void What_is_fixed_at_creation_blocks(string spec, string reason)
    {
        var scene = Scene.With(("tank/a", "{}")).Commit("c2", Scene.Datasets(("tank/a", spec)));
        Assert.Equal((Disposition.Blocked, reason), (scene.Change("Dataset", "tank/a").Disposition, scene.Change("Dataset", "tank/a").Reason));
    }

    [Fact]
    public void A_property_fixed_at_creation_that_leaves_the_manifest_is_no_difference() =>
        Assert.Empty(Scene.With(("tank/a", """{"properties":{"casesensitivity":"insensitive"}}""")).Commit("c2", Scene.Datasets(("tank/a", "{}"))).Plan().Changes);

    [Fact]
    public void A_volume_grows_once_and_never_shrinks()
    {
        var scene = Scene.With(("tank/v", """{"type":"volume","volumeSize":"16MiB"}"""));
        scene.Commit("c2", Scene.Datasets(("tank/v", """{"type":"volume","volumeSize":"32MiB"}"""))).Apply();
        Assert.Empty(scene.Plan().Changes);
        scene.Commit("c3", Scene.Datasets(("tank/v", """{"type":"volume","volumeSize":"16MiB"}""")));
        Assert.Equal("VolumeShrink", scene.Change("Dataset", "tank/v").Reason);
    }

    [Fact]
    public void Without_its_secret_an_encrypted_dataset_is_not_made()
    {
        var scene = Scene.With().Edit(h => h with { Secrets = h.Secrets.Remove("key-1") });
        Assert.Equal("SecretMissing", scene.Commit("c2", Scene.Datasets(("tank/s", """{"encryption":{"key":{"secretRef":"key-1"}}}"""))).Change("Dataset", "tank/s").Reason);
    }

    [Fact]
    public void A_loaded_key_whose_secret_is_gone_is_told_before_the_next_start_of_the_host()
    {
        var plan = Scene.With(("tank/s", """{"encryption":{"key":{"secretRef":"key-1"}}}""")).Edit(h => h with { Secrets = h.Secrets.Remove("key-1") }).Plan();
        Assert.Empty(plan.Changes);
        var notice = Assert.Single(plan.Notices);
        Assert.Equal(("SecretMissing", true), (notice.Reason, notice.Degraded));
        Assert.Contains("after the next start of the host", notice.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void After_a_reboot_the_key_is_loaded_and_the_dataset_mounted()
    {
        var scene = Scene.With(("tank/s", """{"encryption":{"key":{"secretRef":"key-1"}}}""")).Edit(new HandEdit(HostEdit.Reboot, 0).On);
        Assert.Equal(Cause.Drift, scene.Change("Dataset", "tank/s").Cause);
        scene.Apply();
        Assert.Empty(scene.World.Faults);
        Assert.Equal("/tank/s", scene.World.Host.Datasets["tank/s"].MountedAt);
    }

    [Theory]
    [InlineData("noauto")]
    [InlineData("off")]
    public void What_is_not_to_be_mounted_is_made_without_its_permissions(string canMount) =>
        Assert.Empty(Scene.With(("tank/a", """{"properties":{"canmount":"VALUE"},"permissions":{"mode":"0770"}}""".Replace("VALUE", canMount, StringComparison.Ordinal))).Plan().Changes);

    [Fact]
    public void Children_that_a_new_mount_point_of_their_parent_mounts_are_not_mounted_twice()
    {
        var scene = Scene.With(("tank/a", """{"mountpoint":"legacy"}"""), ("tank/a/b", "{}"));
        scene.Commit("c2", Scene.Datasets(("tank/a", """{"mountpoint":"/srv/a"}"""), ("tank/a/b", "{}"))).Apply();
        Assert.Empty(scene.World.Faults);
        Assert.Equal("/srv/a/b", scene.World.Host.Datasets["tank/a/b"].MountedAt);
    }

    [Fact]
    public void While_a_mount_point_may_not_be_set_what_lies_below_waits()
    {
        var scene = new Scene().Commit("c1", ("Pool", "tank", Scene.Tank.Insert(1, "\"mountpoint\":\"none\","))).Apply();
        scene.Commit("c2", ("Pool", "tank", Scene.Tank.Replace("mirror", "stripe", StringComparison.Ordinal)), ("Dataset", "tank/a", "{}"));
        Assert.Equal(["DependencyNotReady", "MirrorSplit"], scene.Plan().Changes.Select(c => c.Reason).Order());
    }

    [Fact]
    public void A_destroyed_dataset_is_missed_and_never_made_again()
    {
        var scene = Scene.With(("tank/a", "{}")).Edit(h => h with { Datasets = h.Datasets.Remove("tank/a") }).Apply();
        Assert.Empty(scene.Steps);
        Assert.Equal("DatasetMissing", scene.Change("Dataset", "tank/a").Reason);
    }

    [Fact]
    public void A_mount_never_hides_files()
    {
        var scene = Scene.With(("tank/a", """{"mountpoint":"none"}"""));
        scene.Edit(h => h with { Folders = h.Folders.Add("/srv/a", new(0, 0, "0755", IsLink: false, IsDirectory: true, IsEmpty: false)) });
        scene.Commit("c2", Scene.Datasets(("tank/a", """{"mountpoint":"/srv/a"}"""))).Apply();
        Assert.Empty(scene.Steps);
        Assert.Equal("MountpointNotEmpty", scene.Change("Dataset", "tank/a").Reason);
    }

    [Fact]
    public void What_the_manifest_no_longer_declares_stays_with_all_its_properties()
    {
        var scene = Scene.With(("tank/a", """{"quota":"1GiB"}"""));
        var before = scene.World.Host.Datasets["tank/a"];
        scene.Commit("c2", Scene.Datasets()).Apply();
        Assert.Empty(scene.Steps);
        Assert.Equal(before, scene.World.Host.Datasets["tank/a"]);
        Assert.Equal("Orphaned", Assert.Single(scene.Plan().Notices).Reason);
    }

    [Theory]
    [InlineData("off")]
    [InlineData("noauto")]
    public void What_is_to_be_mounted_again_is_mounted_before_what_is_made_below_it(string canMount)
    {
        const string mirror = """{"vdevs": [{"type": "mirror", "disks": ["/dev/disk/by-id/d0", "/dev/disk/by-id/d1"]}], "properties": PROPERTIES}""";
        string Pool(string properties) => mirror.Replace("PROPERTIES", properties, StringComparison.Ordinal);
        var scene = new Scene().Commit("c1", ("Pool", "tank", Pool($$"""{"canmount": "{{canMount}}"}"""))).Apply();
        Assert.Null(scene.World.Host.Datasets["tank"].MountedAt);

        scene.Commit("c2", ("Pool", "tank", Pool("{}")), ("Dataset", "tank/c", "{}")).Apply();

        Assert.Empty(scene.Plan().Changes);
        Assert.Equal(["/tank", "/tank/c"], scene.World.Host.Datasets.Values.Select(d => d.MountedAt));
    }

    [Fact]
    public void What_is_to_be_mounted_no_more_is_let_go_by_nfsd_first()
    {
        var change = Assert.Single(Scene.With(("tank/a", "{}")).Commit("c2", Scene.Datasets(("tank/a", """{"properties":{"canmount":"off"}}"""))).Plan().Changes);

        Assert.Equal(new ReleaseNfs("/tank/a"), change.Steps[0]);
    }
}

using NasGitOps.Testing.Laws;

namespace NasGitOps.Kinds.Tests.Planning;

/// <summary>What a start of the host or somebody closed is opened, whatever else waits for a person: it was served before.</summary>
public class OpeningAfterAStartTests
{
    private const string Shelf = """{"backend":"btrfs","devices":["/dev/disk/by-id/d0","/dev/disk/by-id/d1","/dev/disk/by-id/d4"]}""";
    private const string Smaller = """{"backend":"btrfs","devices":["/dev/disk/by-id/d0","/dev/disk/by-id/d1"]}""";

    [Fact]
    public void A_pool_and_what_lies_on_it_are_mounted_although_a_change_of_its_devices_is_blocked()
    {
        var scene = new Scene().Commit("c1", ("Pool", "shelf", Shelf), ("Dataset", "shelf/a", "{}")).Apply();
        Assert.Empty(scene.World.Faults);
        scene.Commit("c2", ("Pool", "shelf", Smaller), ("Dataset", "shelf/a", "{}")).Edit(new HandEdit(HostEdit.Reboot, 0).On);

        scene.Apply();

        Assert.Equal(["/shelf", "/shelf/a"], scene.World.Host.Datasets.Values.Select(d => d.MountedAt));
        Assert.Equal("DeviceRemoval", Assert.Single(scene.Plan().Changes).Reason);
    }

    [Fact]
    public void A_key_is_loaded_although_a_property_that_is_fixed_at_creation_differs()
    {
        const string Locked = """{"encryption":{"key":{"secretRef":"key-1"}}}""";
        var scene = Scene.With(("tank/a", Locked)).Commit("c2", Scene.Datasets(("tank/a", """{"encryption":{"key":{"secretRef":"key-1"}},"properties":{"casesensitivity":"insensitive"}}""")));
        scene.Edit(new HandEdit(HostEdit.Reboot, 0).On);

        scene.Apply();

        Assert.Equal("/tank/a", scene.World.Host.Datasets["tank/a"].MountedAt);
        Assert.Equal("ImmutableProperty", Assert.Single(scene.Plan().Changes).Reason);
    }

    [Fact]
    public void What_somebody_unmounted_is_mounted_although_a_property_that_is_fixed_at_creation_differs_but_not_where_drift_is_only_reported()
    {
        var scene = Scene.With(("tank/a", "{}"), ("tank/r", """{"drift":"report"}"""))
            .Commit("c2", Scene.Datasets(("tank/a", """{"properties":{"casesensitivity":"insensitive"}}"""), ("tank/r", """{"drift":"report","properties":{"casesensitivity":"insensitive"}}""")));
        scene.Type("zfs", "unmount", "tank/a").Type("zfs", "unmount", "tank/r");

        scene.Apply();

        Assert.Equal(["/tank", "/tank/a", null], scene.World.Host.Datasets.Values.Select(d => d.MountedAt));
        Assert.All(scene.Plan().Changes, c => Assert.Equal("ImmutableProperty", c.Reason));
    }

    [Fact]
    public void What_is_to_be_mounted_elsewhere_waits_with_the_rest_and_is_mounted_nowhere()
    {
        var scene = new Scene().Commit("c1", ("Pool", "shelf", Shelf), ("Dataset", "shelf/a", "{}")).Apply();
        scene.Commit("c2", ("Pool", "shelf", Shelf), ("Dataset", "shelf/a", """{"mountpoint":"/srv/a","properties":{"nocow":"on"}}""")).Edit(new HandEdit(HostEdit.Reboot, 0).On);

        scene.Apply();

        Assert.Null(scene.World.Host.Datasets["shelf/a"].MountedAt);
        Assert.Equal("ImmutableProperty", Assert.Single(scene.Plan().Changes).Reason);
        Assert.Empty(scene.World.Faults);
    }
}

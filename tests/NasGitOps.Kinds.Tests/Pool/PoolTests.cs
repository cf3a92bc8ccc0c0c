using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Kinds.Pool;
using NasGitOps.Storage.Zfs;
using NasGitOps.Testing.Laws;
using NasGitOps.Testing.Model;

namespace NasGitOps.Kinds.Tests.Pool;

public class PoolTests
{
    private static readonly string D4 = KindGenerators.Disk("d4");

    [Theory]
    [InlineData("log")]
    [InlineData("cache")]
    [InlineData("spare")]
    public void A_new_vdev_that_can_be_taken_out_again_is_added(string deviceClass)
    {
        var spec = Scene.Tank.Replace("]}]}", $$"""]},{"class":"{{deviceClass}}","disks":["{{D4}}"]}]}""", StringComparison.Ordinal);
        var scene = Scene.With().Commit("c2", ("Pool", "tank", spec));
        Assert.Equal(Disposition.Apply, scene.Change("Pool", "tank").Disposition);
        Assert.Empty(scene.Apply().Plan().Changes);
    }

    [Theory]
    [InlineData("data")]
    [InlineData("special")]
    public void A_new_vdev_that_cannot_be_taken_out_again_asks_first(string deviceClass)
    {
        var spec = Scene.Tank.Replace("]}]}", $$"""]},{"type":"mirror","class":"{{deviceClass}}","disks":["{{D4}}","/dev/disk/by-id/d5"]}]}""", StringComparison.Ordinal);
        var scene = Scene.With().Commit("c2", ("Pool", "tank", spec));
        Assert.Equal(Disposition.NeedsApproval, scene.Change("Pool", "tank").Disposition);
        Assert.Empty(scene.Approve().Apply().Plan().Changes);
    }

    [Fact]
    public void A_stripe_of_two_disks_is_two_vdevs_and_settles()
    {
        var scene = new Scene().Commit("c1", ("Pool", "tank", """{"vdevs":[{"type":"stripe","disks":["/dev/disk/by-id/d0","/dev/disk/by-id/d1"]}]}""")).Apply();
        Assert.Empty(scene.Plan().Changes);
    }

    [Fact]
    public void A_disk_that_carries_something_is_not_taken()
    {
        var scene = new Scene().Edit(new HandEdit(HostEdit.DirtyDisk, 0).On).Commit("c1", ("Pool", "tank", Scene.Tank));
        Assert.Equal("DiskNotBlank", scene.Change("Pool", "tank").Reason);
        Assert.Empty(scene.Apply().Steps);
    }

    [Fact]
    public void With_force_it_is_taken_only_when_approved()
    {
        var scene = new Scene().Edit(new HandEdit(HostEdit.DirtyDisk, 0).On).Commit("c1", ("Pool", "tank", Scene.Tank.Insert(1, "\"diskPolicy\":\"force-destructive\",")));
        Assert.Equal((Disposition.NeedsApproval, Risk.Destructive), (scene.Change("Pool", "tank").Disposition, scene.Change("Pool", "tank").Risk));
        Assert.Empty(scene.Apply().Steps);
    }

    [Fact]
    public void A_disk_that_is_not_there_blocks()
    {
        var scene = new Scene().Edit(h => h with { Disks = h.Disks.Remove(KindGenerators.Disk("d1")) }).Commit("c1", ("Pool", "tank", Scene.Tank));
        Assert.Equal("DiskMissing", scene.Change("Pool", "tank").Reason);
    }

    [Fact]
    public void A_pool_that_waits_on_its_disks_is_imported_and_mounted()
    {
        var scene = new Scene().Edit(new HandEdit(HostEdit.MakePool, 0).On).Edit(new HandEdit(HostEdit.ExportPool, 0).On).Commit("c1", ("Pool", "tank", Scene.Tank)).Apply();
        Assert.Empty(scene.World.Faults);
        Assert.Empty(scene.Plan().Changes);
        Assert.Equal("/tank", scene.World.Host.Datasets["tank"].MountedAt);
    }

    [Fact]
    public void What_lies_on_an_imported_pool_is_found_and_not_made_again_and_the_pool_is_mounted_before_it()
    {
        var scene = new Scene().Edit(new HandEdit(HostEdit.MakePool, 0).On).Type("zfs", "create", "tank/a").Edit(new HandEdit(HostEdit.ExportPool, 0).On);
        scene.Commit("c1", Scene.Datasets(("tank/a", "{}"), ("tank/b", "{}"))).Apply();
        Assert.Empty(scene.World.Faults);
        Assert.Empty(scene.Plan().Changes);
        Assert.Equal(["/tank", "/tank/a", "/tank/b"], scene.World.Host.Datasets.Values.Select(d => d.MountedAt));
    }

    [Fact]
    public void A_pool_of_the_name_on_other_disks_is_neither_imported_nor_made_anew()
    {
        var other = """{"vdevs":[{"type":"mirror","disks":["/dev/disk/by-id/d4","/dev/disk/by-id/d5"]}]}""";
        var scene = new Scene().Edit(new HandEdit(HostEdit.MakePool, 0).On).Edit(new HandEdit(HostEdit.ExportPool, 0).On).Commit("c1", ("Pool", "tank", other));
        Assert.Equal("ImportMismatch", scene.Change("Pool", "tank").Reason);
    }

    [Fact]
    public void A_recorded_pool_that_is_gone_is_missed_and_never_imported_or_made_again()
    {
        var scene = Scene.With().Edit(new HandEdit(HostEdit.ExportPool, 0).On).Apply();
        Assert.Empty(scene.Steps);
        Assert.Equal("PoolMissing", scene.Change("Pool", "tank").Reason);
    }

    [Fact]
    public void A_suspended_pool_is_told_with_the_way_out_and_is_not_asked_for_more()
    {
        var scene = Scene.With(("tank/a", "{}"));
        scene.Edit(host => host with { Pools = host.Pools.SetItem("tank", host.Pools["tank"] with { Health = "SUSPENDED" }) }).Commit("c2", Scene.Datasets(("tank/a", """{"properties":{"compression":"lz4"}}""")));
        var plan = scene.Plan();
        Assert.Empty(plan.Changes);
        Assert.Equal(["PoolSuspended", "Unknown"], plan.Notices.Where(n => n.Id.Kind == "Pool").Select(n => n.Reason));
        Assert.All(plan.Notices.Where(n => n.Reason == "Unknown"), n => Assert.Equal("pool tank is suspended: its disks do not answer, and whoever reads or writes there waits. Bring them back, then 'zpool clear tank'", n.Message));
        Assert.Contains(plan.Notices, n => n.Id.ToString() == "Dataset/tank/a");
    }

    [Fact]
    public void Errors_of_disks_that_are_gone_do_not_stand_before_the_suspension()
    {
        var scene = Scene.With();
        var tank = ModelPass.Input(BuiltInKinds.All, scene.World, scene.Wanted).Observed.Pool("tank").Value!;
        var gone = tank with { Health = PoolState.Suspended, Vdevs = [.. tank.Vdevs.Select(v => v with { Disks = [.. v.Disks.Select(d => d with { ReadErrors = 3 })] })] };
        Assert.Equal("PoolSuspended", Assert.Single(PoolHealth.Notices(new ResourceId("Pool", "tank"), gone, new ZfsBackend().Hints)).Reason);
    }

    [Fact]
    public void A_log_named_before_the_data_is_still_a_log()
    {
        var spec = Scene.Tank.Replace("[{", $$"""[{"class":"log","disks":["{{D4}}"]},{""", StringComparison.Ordinal);
        var scene = new Scene().Commit("c1", ("Pool", "tank", spec)).Apply();
        Assert.Empty(scene.Plan().Changes);
    }
}

using NasGitOps.Core.Planning;
using NasGitOps.Testing.Laws;

namespace NasGitOps.Kinds.Tests.Pool;

/// <summary>From one layout of disks to another.</summary>
public class PoolTopologyTests
{
    private static readonly string[] D = [.. Enumerable.Range(0, 6).Select(i => KindGenerators.Disk($"d{i}"))];

    [Fact]
    public void A_disk_more_in_a_mirror_is_attached()
    {
        var scene = Applied(Vdev("mirror", 0, 1)).Commit("c2", Tank(Vdev("mirror", 0, 1, 2)));
        Assert.Equal((Disposition.Apply, Risk.Disruptive), (scene.Change("Pool", "tank").Disposition, scene.Change("Pool", "tank").Risk));
        Does(scene, $"zpool attach tank {D[0]} {D[2]}");
    }

    [Fact]
    public void A_single_disk_becomes_a_mirror() => Does(Applied(Vdev("stripe", 0)).Commit("c2", Tank(Vdev("mirror", 0, 1))), $"zpool attach tank {D[0]} {D[1]}");

    [Fact]
    public void A_disk_named_in_the_place_of_another_replaces_it()
    {
        var scene = Applied(Vdev("mirror", 0, 1)).Commit("c2", Tank(Vdev("mirror", 0, 2)));
        Assert.All(scene.Change("Pool", "tank").Fields, f => Assert.True(f.Mends));
        Does(scene, $"zpool replace tank {D[1]} {D[2]}");
    }

    [Fact]
    public void All_disks_of_a_mirror_may_be_exchanged_at_once() =>
        Does(Applied(Vdev("mirror", 0, 1)).Commit("c2", Tank(Vdev("mirror", 2, 3))), $"zpool replace tank {D[0]} {D[2]}", $"zpool replace tank {D[1]} {D[3]}");

    [Fact]
    public void A_member_of_a_raidz_is_replaced() => Does(Applied(Vdev("raidz1", 0, 1, 2)).Commit("c2", Tank(Vdev("raidz1", 0, 3, 2))), $"zpool replace tank {D[1]} {D[3]}");

    [Fact]
    public void Single_disks_are_replaced_in_order() => Does(Applied(Vdev("stripe", 0, 1)).Commit("c2", Tank(Vdev("stripe", 0, 2))), $"zpool replace tank {D[1]} {D[2]}");

    [Fact]
    public void A_disk_less_in_a_mirror_is_detached_when_somebody_agrees_to_less_redundancy()
    {
        var scene = Applied(Vdev("mirror", 0, 1, 2)).Commit("c2", Tank(Vdev("mirror", 0, 1)));
        var change = scene.Change("Pool", "tank");
        Assert.Equal(Disposition.NeedsApproval, change.Disposition);
        Assert.Matches($@"^{D[2]} \(guid \d+\)$", Assert.Single(change.AtStake.Guids));
        Assert.Equal($"zpool detach tank {D[2]}", Assert.Single(change.Steps).Describe());
        scene.Approve();
        Does(scene, $"zpool detach tank {D[2]}");
    }

    [Fact]
    public void A_raidz_is_widened_by_one_disk_when_somebody_agrees()
    {
        var scene = Applied(Vdev("raidz1", 0, 1, 2)).Commit("c2", Tank(Vdev("raidz1", 0, 1, 2, 3)));
        Assert.Equal(Disposition.NeedsApproval, scene.Change("Pool", "tank").Disposition);
        scene.Approve();
        Does(scene, $"zpool attach tank raidz1-0 {D[3]}");
    }

    [Theory]
    [InlineData("spare")]
    [InlineData("cache")]
    [InlineData("log")]
    public void What_holds_no_data_is_given_back_when_it_is_taken_out_of_the_manifest(string deviceClass)
    {
        var scene = Applied(Vdev("mirror", 0, 1), Vdev("stripe", deviceClass, 2)).Commit("c2", Tank(Vdev("mirror", 0, 1)));
        Assert.Equal((Disposition.Apply, Cause.Commit), (scene.Change("Pool", "tank").Disposition, scene.Change("Pool", "tank").Cause));
        Does(scene, $"zpool remove tank {D[2]}");
    }

    [Fact]
    public void Another_spare_takes_turns_with_the_first() =>
        Does(Applied(Vdev("mirror", 0, 1), Vdev("stripe", "spare", 2)).Commit("c2", Tank(Vdev("mirror", 0, 1), Vdev("stripe", "spare", 3))), $"zpool add tank spare {D[3]}", $"zpool remove tank {D[2]}");

    public static TheoryData<string, string[], string[]> Impossible => new()
    {
        { "RaidzConversion", [Vdev("stripe", 0, 1)], [Vdev("raidz1", 0, 1, 2)] },
        { "RaidzConversion", [Vdev("mirror", 0, 1)], [Vdev("raidz1", 0, 1, 2)] },
        { "RaidzConversion", [Vdev("raidz1", 0, 1, 2)], [Vdev("mirror", 0, 1)] },
        { "RaidzLevel", [Vdev("raidz1", 0, 1, 2)], [Vdev("raidz2", 0, 1, 2, 3)] },
        { "RaidzShrink", [Vdev("raidz1", 0, 1, 2, 3)], [Vdev("raidz1", 0, 1, 2)] },
        { "MirrorSplit", [Vdev("mirror", 0, 1)], [Vdev("stripe", 0, 1)] },
        { "DiskElsewhere", [Vdev("mirror", 0, 1), Vdev("stripe", "log", 2)], [Vdev("mirror", 0, 1), Vdev("stripe", "cache", 2)] },
        { "DiskElsewhere", [Vdev("mirror", 0, 1), Vdev("mirror", 2, 3)], [Vdev("mirror", 0, 2), Vdev("mirror", 1, 3)] },
        { "VdevRemoval", [Vdev("mirror", 0, 1), Vdev("mirror", 2, 3)], [Vdev("mirror", 0, 1)] },
        { "VdevRemoval", [Vdev("raidz1", 0, 1), Vdev("raidz1", 2, 3)], [Vdev("raidz1", 0, 1)] },
        { "ReplicationMismatch", [Vdev("mirror", 0, 1)], [Vdev("mirror", 0, 1), Vdev("stripe", 2)] },
        { "ReplicationMismatch", [Vdev("mirror", 0, 1)], [Vdev("mirror", 0, 1), Vdev("stripe", "special", 2)] },
        { "ReplicationMismatch", [Vdev("mirror", 0, 1)], [Vdev("mirror", 0, 1), Vdev("mirror", 2, 3, 4)] },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public void What_ZFS_cannot_do_is_blocked_with_its_own_reason_and_a_way_out(string reason, string[] before, string[] after)
    {
        var scene = Applied(before).Commit("c2", Tank(after));
        var change = scene.Change("Pool", "tank");
        Assert.Equal((Disposition.Blocked, reason), (change.Disposition, change.Reason));
        Assert.Contains("; ", change.Message, StringComparison.Ordinal);
        Assert.Empty(scene.Apply().Steps);
    }

    [Theory]
    [InlineData("mirror", new[] { 0, 1, 2 })]
    [InlineData("mirror", new[] { 0, 2 })]
    public void A_disk_that_carries_something_is_neither_attached_nor_put_in_the_place_of_another(string type, int[] disks)
    {
        var scene = Applied(Vdev("mirror", 0, 1)).Edit(new HandEdit(HostEdit.DirtyDisk, 2).On).Commit("c2", Tank(Vdev(type, disks)));
        Assert.Equal("DiskNotBlank", scene.Change("Pool", "tank").Reason);
        Assert.Empty(scene.Apply().Steps);
    }

    [Theory]
    [InlineData("log")]
    [InlineData("cache")]
    [InlineData("spare")]
    public void A_disk_that_carries_something_is_not_added(string deviceClass)
    {
        var scene = Applied(Vdev("mirror", 0, 1)).Edit(new HandEdit(HostEdit.DirtyDisk, 4).On).Commit("c2", Tank(Vdev("mirror", 0, 1), Vdev("stripe", deviceClass, 4)));
        Assert.Equal("DiskNotBlank", scene.Change("Pool", "tank").Reason);
        Assert.Empty(scene.Apply().Steps);
    }

    [Fact]
    public void With_force_a_disk_that_carries_something_is_taken_only_when_the_approval_named_it()
    {
        var scene = Applied(Vdev("mirror", 0, 1)).Edit(new HandEdit(HostEdit.DirtyDisk, 2).On);
        scene.Commit("c2", ("Pool", "tank", Tank(Vdev("mirror", 0, 2)).Spec.Insert(1, "\"diskPolicy\":\"force-destructive\",")));
        var change = scene.Change("Pool", "tank");
        Assert.Equal((Disposition.NeedsApproval, Risk.Destructive), (change.Disposition, change.Risk));
        Assert.Contains("an ext file system", Assert.Single(change.AtStake.Guids), StringComparison.Ordinal);
        Assert.Empty(scene.Apply().Steps);
        scene.Approve();
        Does(scene, $"zpool replace -f tank {D[1]} {D[2]}");
    }

    [Fact]
    public void A_disk_that_is_not_there_is_not_attached()
    {
        var scene = Applied(Vdev("mirror", 0, 1)).Edit(h => h with { Disks = h.Disks.Remove(D[2]) }).Commit("c2", Tank(Vdev("mirror", 0, 1, 2)));
        Assert.Equal("DiskMissing", scene.Change("Pool", "tank").Reason);
    }

    [Fact]
    public void A_disk_that_came_out_is_not_taken_in_again_while_it_carries_what_the_pool_left()
    {
        var scene = Applied(Vdev("mirror", 0, 1)).Commit("c2", Tank(Vdev("mirror", 0, 2))).Apply().Commit("c3", Tank(Vdev("mirror", 0, 1)));
        Assert.Equal("DiskNotBlank", scene.Change("Pool", "tank").Reason);
    }

    [Fact]
    public void A_person_who_replaced_a_disk_by_hand_is_not_corrected()
    {
        var scene = Applied(Vdev("mirror", 0, 1)).Type("zpool", "replace", "tank", D[1], D[2]).Edit(h => h with { Disks = h.Disks.SetItem(D[1], "") });
        Assert.Equal("LayoutDiffers", scene.Change("Pool", "tank").Reason);
        Assert.Empty(scene.Apply().Steps);
        Assert.Empty(scene.Commit("c2", Tank(Vdev("mirror", 0, 2))).Apply().Plan().Changes);
    }

    [Fact]
    public void A_spare_that_a_person_added_is_told_and_stays()
    {
        var scene = Applied(Vdev("mirror", 0, 1)).Type("zpool", "add", "tank", "spare", D[2]);
        Assert.Equal("LayoutDiffers", scene.Change("Pool", "tank").Reason);
        Assert.Empty(scene.Apply().Steps);
    }

    [Fact]
    public void A_pool_that_was_never_applied_is_not_changed_to_the_layout_of_its_first_manifest()
    {
        var scene = new Scene().Edit(new HandEdit(HostEdit.MakePool, 0).On).Commit("c1", Tank(Vdev("mirror", 0, 1, 2)));
        Assert.Equal("LayoutDiffers", scene.Change("Pool", "tank").Reason);
    }

    private static string Vdev(string type, params int[] disks) => Vdev(type, "data", disks);

    private static string Vdev(string type, string deviceClass, params int[] disks) => $$"""{"type":"{{type}}","class":"{{deviceClass}}","disks":[{{string.Join(',', disks.Select(d => $"\"{D[d]}\""))}}]}""";

    private static (string Kind, string Name, string Spec) Tank(params string[] vdevs) => ("Pool", "tank", $$"""{"vdevs":[{{string.Join(',', vdevs)}}]}""");

    private static Scene Applied(params string[] vdevs)
    {
        var scene = new Scene().Commit("c1", Tank(vdevs)).Apply();
        Assert.Empty(scene.World.Faults);
        Assert.Empty(scene.Plan().Changes);
        return scene;
    }

    private static void Does(Scene scene, params string[] steps)
    {
        Assert.Equal(steps, scene.Apply().Steps);
        Assert.Empty(scene.World.Faults);
        Assert.Empty(scene.Plan().Changes);
    }
}

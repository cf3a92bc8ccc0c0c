namespace NasGitOps.Kinds.Tests.Dataset;

public class DatasetMoveTests
{
    private const string FromA = """{"movedFrom":"tank/a"}""";

    [Fact]
    public void Children_follow_and_keep_their_guids()
    {
        var scene = Scene.With(("tank/a", "{}"), ("tank/a/b", "{}"));
        var guids = new[] { "tank/a", "tank/a/b" }.Select(n => scene.World.Host.Datasets[n].Guid).ToList();
        scene.Commit("c2", Scene.Datasets(("tank/new", FromA), ("tank/new/b", "{}"))).Apply();
        Assert.Empty(scene.World.Faults);
        Assert.Empty(scene.Plan().Changes);
        Assert.Equal(guids, new[] { "tank/new", "tank/new/b" }.Select(n => scene.World.Host.Datasets[n].Guid));
    }

    [Fact]
    public void A_source_that_is_still_declared_blocks() =>
        Assert.Equal("MoveSourceDeclared", Scene.With(("tank/a", "{}")).Commit("c2", Scene.Datasets(("tank/a", "{}"), ("tank/new", FromA))).Change("Dataset", "tank/new").Reason);

    [Fact]
    public void A_source_that_is_not_ours_blocks() =>
        Assert.Equal("MoveSourceForeign", Scene.With().Type("zfs", "create", "tank/a").Commit("c2", Scene.Datasets(("tank/new", FromA))).Change("Dataset", "tank/new").Reason);

    [Fact]
    public void Two_of_the_name_block() =>
        Assert.Equal("MoveConflict", Scene.With(("tank/a", "{}")).Type("zfs", "create", "tank/new").Commit("c2", Scene.Datasets(("tank/new", FromA))).Change("Dataset", "tank/new").Reason);

    [Fact]
    public void A_source_that_was_recorded_and_is_gone_is_not_made_anew()
    {
        var scene = Scene.With(("tank/a", "{}")).Edit(h => h with { Datasets = h.Datasets.Remove("tank/a") });
        Assert.Equal("DatasetMissing", scene.Commit("c2", Scene.Datasets(("tank/new", FromA))).Change("Dataset", "tank/new").Reason);
    }

    [Fact]
    public void A_place_without_a_parent_or_below_a_volume_blocks_and_one_whose_parent_is_to_be_made_does_not()
    {
        var scene = Scene.With(("tank/a", "{}"));
        Assert.Equal("ParentMissing", scene.Commit("c2", Scene.Datasets(("tank/x/b", FromA))).Change("Dataset", "tank/x/b").Reason);

        scene.Commit("c3", Scene.Datasets(("tank/x", "{}"), ("tank/x/b", FromA))).Apply();
        Assert.Empty(scene.World.Faults);
        Assert.Equal(["tank", "tank/x", "tank/x/b"], scene.World.Host.Datasets.Keys.Order(StringComparer.Ordinal));

        scene.Type("zfs", "create", "-V", "16777216", "tank/v");
        Assert.Equal("ParentIsVolume", scene.Commit("c4", Scene.Datasets(("tank/x", "{}"), ("tank/v/b", """{"movedFrom":"tank/x/b"}"""))).Change("Dataset", "tank/v/b").Reason);
    }

    [Fact]
    public void An_encrypted_child_cannot_leave_its_key()
    {
        var scene = Scene.With(("tank/s", """{"encryption":{"key":{"secretRef":"key-1"}}}"""), ("tank/s/a", "{}"));
        scene.Commit("c2", Scene.Datasets(("tank/s", """{"encryption":{"key":{"secretRef":"key-1"}}}"""), ("tank/new", """{"movedFrom":"tank/s/a"}""")));
        Assert.Equal("MoveOutsideEncryptionRoot", scene.Change("Dataset", "tank/new").Reason);
    }

    [Fact]
    public void Once_moved_the_field_may_stay_in_the_manifest() =>
        Assert.Empty(Scene.With(("tank/a", "{}")).Commit("c2", Scene.Datasets(("tank/new", FromA))).Apply().Apply().Steps);
}

using NasGitOps.Core.Manifests;
using NasGitOps.Core.Ownership;

namespace NasGitOps.Core.Tests.Planning;

public sealed class RecordKeeperTests
{
    [Fact]
    public void A_rename_takes_the_records_of_children_along_and_replaces_those_that_stood_under_the_new_name()
    {
        Applied[] records = [Record("tank/new", "old"), Record("tank/new/b", "old"), Record("tank/a", "moved"), Record("tank/a/b", "moved"), Record("tank/other", "old")];

        var renamed = RecordKeeper.Renamed(records, new ResourceId("Dataset", "tank/a"), new ResourceId("Dataset", "tank/new"));

        Assert.Equal(
            [("tank/new", "moved"), ("tank/new/b", "moved"), ("tank/other", "old")],
            renamed.Select(r => (r.Id.Name, r.Commit)).Order());
    }

    private static Applied Record(string name, string commit) => new(new ResourceId("Dataset", name), commit, new Dictionary<string, string>(), new Dictionary<string, string>());
}

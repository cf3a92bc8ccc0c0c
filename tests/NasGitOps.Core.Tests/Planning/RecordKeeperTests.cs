using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;

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

    [Fact]
    public void A_secret_that_cannot_be_read_for_a_while_is_remembered_so_that_a_change_meanwhile_is_noticed()
    {
        Assert.Equal("print-1", PrintAfter(Reading<string>.Unknown("no age here")));
        Assert.Equal("print-2", PrintAfter(Reading<string>.Known("print-2")));
        Assert.Null(PrintAfter(Reading<string>.Absent));
    }

    private static string? PrintAfter(Reading<string> now)
    {
        var id = new ResourceId("Dataset", "tank/a");
        var fields = new Dictionary<string, string>();
        var manifest = new Manifest(id, new Provenance("a.yaml", 1, 1), new Dictionary<string, string>(), new Dictionary<string, string>(), [], false, DriftMode.Enforce, new Locked(), _ => (1, 1));
        var records = OwnershipRecords.Empty with { Records = new Dictionary<ResourceId, Applied> { [id] = new(id, "c1", fields, new Dictionary<string, string> { ["key"] = "print-1" }) } };
        var observed = new Observed(
            "nas", DateTimeOffset.UnixEpoch, new Dictionary<string, string>(), Reading<Named<PoolState>>.Absent, new Dictionary<string, Reading<Named<DatasetState>>>(), Accounts.Empty,
            new Dictionary<string, Reading<KindFacts>>(), []);
        var desired = new Desired("c2", new ManifestSet([manifest]), true, new Dictionary<string, Reading<string>> { ["key"] = now });
        var plan = new Plan("c2", "", "", [], [], [id]) { Wanted = new Dictionary<ResourceId, IReadOnlyDictionary<string, string>> { [id] = fields } };
        var input = new PlanInput(desired, observed, records, new Policy(), new HostPaths(), DateTimeOffset.UnixEpoch);
        return RecordKeeper.AfterPlan(records, plan, input).Records[id].SecretFingerprints.GetValueOrDefault("key");
    }

    private sealed record Locked : ResourceSpec, ISecretUser
    {
        public IEnumerable<string> SecretRefs => ["key"];
    }

    private static Applied Record(string name, string commit) => new(new ResourceId("Dataset", name), commit, new Dictionary<string, string>(), new Dictionary<string, string>());
}

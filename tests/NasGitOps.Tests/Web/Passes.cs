using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Status;
using NasGitOps.Reconciling;

namespace NasGitOps.Tests.Web;

/// <summary>A pass on a host with one pool, for what is told of passes.</summary>
internal static class Passes
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    /// <param name="left">What still differs at its end.</param>
    public static PassResult Of(string ready, IReadOnlyList<ResourceStatus> resources, params Change[] left)
    {
        var pool = new PoolState("tank", "1", "zfs", "DEGRADED", "", 1000, 400, 600, new Dictionary<string, PropertyValue>(), []);
        var datasets = new[] { Dataset("tank/ours", 300, 600), Dataset("tank/foreign", 100, 600) };
        var observed = new Observed(
            "nas1", DateTimeOffset.UnixEpoch, new Dictionary<string, string>(),
            Reading<Named<PoolState>>.Known(new Named<PoolState>(new Dictionary<string, PoolState> { ["tank"] = pool })),
            new Dictionary<string, Reading<Named<DatasetState>>> { ["tank"] = Reading<Named<DatasetState>>.Known(new Named<DatasetState>(datasets.ToDictionary(d => d.Name))) },
            Accounts.Empty, new Dictionary<string, Reading<KindFacts>>(), [new UnmanagedThing("Dataset", "tank/foreign", "filesystem")]);
        var manifests = new ManifestSet([]);
        var input = new PlanInput(new Desired(Commit, manifests, true, new Dictionary<string, Reading<string>>()), observed, OwnershipRecords.Empty, new Policy(), new HostPaths(), DateTimeOffset.UnixEpoch);
        var status = new HostStatus("nas1", "1", DateTimeOffset.UnixEpoch, Commit, Commit, Commit, "", [Is(ready, "Because", "of <this>")], resources, []);
        var desired = new DesiredState(Commit, Commit, manifests, true, [], null, "", []);
        return new PassResult(desired, input, Plan(), Plan(left), new Dictionary<ResourceId, Outcome>(), status, TimeSpan.FromSeconds(0.3));
    }

    public static ResourceStatus Resource(string kind, string name, string ready = "True", string reason = "InSync", string message = "") =>
        new(new ResourceId(kind, name), null, [Is(ready, reason, message)]);

    public static Change Change(string kind, string name, Cause cause, Disposition disposition, string reason) =>
        new(new ResourceId(kind, name), 0, ChangeAction.Update, cause, Risk.Safe, disposition, reason, "", [], AtStake.Nothing, [], []);

    private static Condition Is(string ready, string reason, string message) => new(Condition.Ready, ready, reason, message, DateTimeOffset.UnixEpoch);

    private static Plan Plan(params Change[] changes) => new(Commit, "", "", changes, [], []);

    private static DatasetState Dataset(string name, ulong used, ulong available) =>
        new(name, "2", "zfs", "filesystem", new Dictionary<string, PropertyValue>(), null, true, "/" + name, "none", null, new Usage(used, available, used), new Dictionary<string, FileFacts>());
}

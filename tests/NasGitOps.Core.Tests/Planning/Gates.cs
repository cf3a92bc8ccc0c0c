using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;

namespace NasGitOps.Core.Tests.Planning;

/// <summary>Drafts and a host for the gates, without any kind.</summary>
internal static class Gates
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    public static Policy Policy { get; } = new(MaxRemovals: 2);

    /// <summary>Open from 02:00 to 05:00 in Berlin, which is closed at noon.</summary>
    public static Policy AtNight { get; } = Policy with { Windows = [new MaintenanceWindow("0 2 * * *", "Europe/Berlin", TimeSpan.FromHours(3))] };

    public static Draft Removal(string export) => Of(new ResourceId("NfsExport", export), ChangeAction.Remove, Risk.Disruptive, [], Field("path", "/" + export, null));

    public static IReadOnlyList<Draft> Removals(params string[] exports) => [.. exports.Select(Removal)];

    /// <summary>Something that cannot be undone.</summary>
    public static Draft Quarantine(string dataset, string guid, string until = "14d") =>
        Of(new ResourceId("Dataset", dataset), ChangeAction.Quarantine, Risk.Disruptive, [guid], Field("keepFor", null, until)) with { NeedsApproval = true };

    public static Draft Update(string kind, string name, Risk risk = Risk.Disruptive, params FieldChange[] fields) =>
        Of(new ResourceId(kind, name), ChangeAction.Update, risk, [], fields.Length > 0 ? fields : [Field("properties.readonly", "off", "on")]);

    public static Draft Of(ResourceId id, ChangeAction action, Risk risk, IReadOnlyList<string> guids, params FieldChange[] fields) =>
        new(id, new Change(id, 0, action, Cause.Commit, risk, Disposition.Apply, "", "", fields, AtStake.Nothing with { Guids = guids }, [], []), []);

    public static FieldChange Field(string name, string? before, string? after) => new(name, before, after, "", Cause.Commit);

    public static OwnershipRecords Approved(params Approval[] approvals) => OwnershipRecords.Empty with { Approvals = approvals };

    public static GateResult Decide(IEnumerable<Draft> drafts, OwnershipRecords? records = null, Policy? policy = null, DateTimeOffset? now = null, params PoolState[] pools) =>
        Gate.Decide([.. drafts], Input(records, policy, now, pools));

    public static PlanInput Input(OwnershipRecords? records = null, Policy? policy = null, DateTimeOffset? now = null, params PoolState[] pools)
    {
        var dataset = new DatasetState(
            "tank/media", "7", "zfs", "filesystem", new Dictionary<string, PropertyValue>(), null, true, "/srv/media", "none", null, new Usage(0, 0, 0), new Dictionary<string, FileFacts>());
        var observed = new Observed(
            "nas1", now ?? Noon, new Dictionary<string, string>(),
            Reading<Named<PoolState>>.Known(new Named<PoolState>(pools.ToDictionary(p => p.Name))),
            new Dictionary<string, Reading<Named<DatasetState>>> { ["tank"] = Reading<Named<DatasetState>>.Known(new Named<DatasetState>(new Dictionary<string, DatasetState> { [dataset.Name] = dataset })) },
            Accounts.Empty, new Dictionary<string, Reading<KindFacts>>(), []);
        var desired = new Desired("c2", new ManifestSet([]), true, new Dictionary<string, Reading<string>>());
        return new PlanInput(desired, observed, records ?? OwnershipRecords.Empty, policy ?? Policy, new HostPaths(), now ?? Noon);
    }

    public static PoolState Pool(string health, string scan = "", string name = "tank") => new(name, "1", "zfs", health, scan, 0, 0, 0, new Dictionary<string, PropertyValue>(), []);

    /// <summary>The plan of a gate's result, as the planner makes it.</summary>
    public static Plan Plan(GateResult result) => new("c2", "", Digest.OfApproval(result.Changes.Where(Digest.IsApprovable)), result.Changes, [], [])
    {
        ApproveAllDigest = Digest.OfApproval(result.Changes.Where(c => Digest.IsApprovable(c) || Digest.IsHeldBack(c))),
        Offers = result.Offers,
        Approvals = result.Approvals,
    };

    public static IEnumerable<string> Applied(this GateResult result) => result.Changes.Where(c => c.Disposition == Disposition.Apply).Select(c => c.Id.Name);

    public static Change Of(this GateResult result, string name) => result.Changes.Single(c => c.Id.Name == name);
}

using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Status;
using NasGitOps.Reconciling;

namespace NasGitOps.Reporting;

/// <summary>What the metrics say of the last pass. It is kept instead of the pass itself: an observation of thousands of datasets need not stay in memory for a few sums.</summary>
/// <param name="Resources">By kind, and whether they are ready: <c>true</c>, <c>false</c> or <c>unknown</c>.</param>
/// <param name="Drifted">By kind: what no commit changed and what still differs after the pass.</param>
/// <param name="Blocked">Changes that are wanted and held back, by disposition and reason.</param>
/// <param name="Datasets">The managed ones.</param>
internal sealed record PassFigures(
    IReadOnlyDictionary<(string Kind, string Ready), int> Resources,
    IReadOnlyDictionary<string, int> Drifted,
    IReadOnlyDictionary<string, int> Orphans,
    IReadOnlyDictionary<string, int> Quarantined,
    IReadOnlyDictionary<(string Disposition, string Reason), int> Blocked,
    IReadOnlyDictionary<string, int> Unmanaged,
    IReadOnlyList<PoolFigures> Pools,
    IReadOnlyList<DatasetFigures> Datasets)
{
    public static PassFigures Of(PassResult pass)
    {
        var observed = pass.Input.Observed;
        var resources = pass.Status.Resources;
        return new PassFigures(
            resources.CountBy(r => (r.Id.Kind, r.Find(Condition.Ready)?.Status.ToLowerInvariant() ?? "unknown")).ToDictionary(),
            pass.Left.Changes.Where(c => c.Cause == Cause.Drift).CountBy(c => c.Id.Kind).ToDictionary(),
            WithReason(resources, "Orphaned"),
            WithReason(resources, Notice.Quarantined),
            pass.Left.Changes
                .Where(c => c.Disposition is Disposition.Blocked or Disposition.NeedsApproval or Disposition.Waiting)
                .CountBy(c => (c.Disposition.ToString(), c.Reason))
                .ToDictionary(),
            observed.Unmanaged.CountBy(u => u.Kind).ToDictionary(),
            [.. observed.Pools.Value?.Items.Values.Select(p => new PoolFigures(p.Name, p.Health, p.Size, p.Allocated, p.Free)) ?? []],
            [.. resources
                .Where(r => r.Id.Kind == "Dataset")
                .Select(r => observed.Dataset(r.Id.Name).Value)
                .OfType<DatasetState>()
                .Select(d => new DatasetFigures(d.Name, d.Usage.Used, d.Usage.Available))]);
    }

    private static Dictionary<string, int> WithReason(IReadOnlyList<ResourceStatus> resources, string reason) =>
        resources.Where(r => r.Find(Condition.Ready)?.Reason == reason).CountBy(r => r.Id.Kind).ToDictionary();
}

/// <summary>Sizes in bytes.</summary>
internal sealed record PoolFigures(string Name, string Health, ulong Size, ulong Allocated, ulong Free);

/// <summary>Sizes in bytes.</summary>
internal sealed record DatasetFigures(string Name, ulong Used, ulong Available);

using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;

namespace NasGitOps.Core.Planning;

/// <summary>What may cut clients off waits while a pool that it concerns resilvers or is not whole; what mends the pool does not.</summary>
internal static class PoolHold
{
    public const string Busy = "PoolBusy";
    public const string Degraded = "PoolDegraded";

    public static Func<Draft, Change, Hold?> Rule(PlanInput input) => (draft, change) =>
        change.Risk >= Risk.Disruptive && !Mends(change) ? Pools(draft, change, input).Select(Of).FirstOrDefault(h => h is not null) : null;

    /// <summary>Whether it does nothing but give a pool what it lacks.</summary>
    public static bool Mends(Change change) => change.Fields.Count > 0 && change.Fields.All(f => f.Mends);

    /// <summary>Whether a pool lacks something, or is getting it back.</summary>
    public static bool IsWhole(PoolState pool) => pool.Health == "ONLINE" && !Resilvers(pool);

    /// <summary>Imported pools that hold what a change is about.</summary>
    public static IEnumerable<PoolState> Pools(Draft draft, Change change, PlanInput input) => Datasets(draft, change, input)
        .Select(d => d.Split('/')[0])
        .Distinct()
        .Order(StringComparer.Ordinal)
        .Select(name => input.Observed.Pool(name).Value)
        .OfType<PoolState>();

    private static Hold? Of(PoolState pool)
    {
        if (IsWhole(pool)) return null;
        var why = Resilvers(pool)
            ? new Blocker(Busy, $"pool {pool.Name} resilvers, and what may cut clients off waits until its disks are whole again", WayOut)
            : new Blocker(Degraded, $"pool {pool.Name} is {pool.Health}, and what may cut clients off waits until it is ONLINE", WayOut);
        return new Hold(Disposition.Waiting, why, NeedsPerson: false);
    }

    private const string WayOut = "it follows by itself then; to have it done now, approve it with the trailer that 'nasgitops approve --all' prints";

    /// <summary>As <c>zpool status</c> says it: <c>resilver in progress since …</c>, and <c>resilver (draid1:…) in progress since …</c> of a sequential one.</summary>
    private static bool Resilvers(PoolState pool) =>
        pool.Scan.StartsWith("resilver", StringComparison.Ordinal) && pool.Scan.Contains("in progress", StringComparison.Ordinal);

    /// <summary>By name, by reference, and for what has no manifest any more by where its record says that it was.</summary>
    private static IEnumerable<string> Datasets(Draft draft, Change change, PlanInput input)
    {
        foreach (var id in draft.Needs.Concat(change.Needs).Append(change.Id).Where(IsStorage)) yield return id.Name;
        if (IsStorage(change.Id)) yield break;
        var record = input.Record(change.Id)?.Fields;
        if (record?.GetValueOrDefault("dataset") is { } dataset) yield return dataset;
        var paths = change.Fields.Where(f => f.Name == "path").SelectMany(f => new[] { f.Before, f.After }).Append(record?.GetValueOrDefault("path"));
        foreach (var path in paths.OfType<string>().Distinct())
        {
            if (Holding(path, input.Observed) is { } found) yield return found;
        }
    }

    private static bool IsStorage(ResourceId id) => id.Kind is "Pool" or "Dataset" or "Clone";

    /// <summary>The dataset that is mounted nearest above a path.</summary>
    private static string? Holding(string path, Observed observed) => observed.AllDatasets
        .Where(d => d is { Mounted: true, Mountpoint: not null } && (path + "/").StartsWith(d.Mountpoint.TrimEnd('/') + "/", StringComparison.Ordinal))
        .MaxBy(d => d.Mountpoint!.Length)?.Name;
}

using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Pool;

/// <summary>What is wrong with a pool that works, or works no more.</summary>
internal static class PoolHealth
{
    /// <summary>Less than this, and less than a hundredth, is as good as nothing.</summary>
    private const ulong FullBelow = 1UL << 30;

    public static IEnumerable<Notice> Notices(ResourceId id, PoolState pool, IStorageHints hints)
    {
        if (!pool.IsOpen) yield break;
        if (pool.Health != "ONLINE")
        {
            var bad = pool.Vdevs.SelectMany(v => v.Disks).Where(d => d.Health is not ("ONLINE" or "AVAIL" or "INUSE")).Select(d => $"{d.Path} is {d.Health}").ToList();
            var disks = bad.Count > 0 ? $" ({string.Join(", ", bad)})" : "";
            yield return new Notice(id, "Pool" + Capitalized(pool.Health), $"pool {pool.Name} is {pool.Health}{disks}; '{hints.PoolStatus(pool.Name)}' shows more", Degraded: true);
        }

        // Its errors are those of disks that are not there.
        if (pool.Health == PoolState.Suspended) yield break;
        var errors = pool.Vdevs.SelectMany(v => v.Disks).Where(d => d.ReadErrors + d.WriteErrors + d.ChecksumErrors > 0)
            .Select(d => $"{d.Path}: {d.ReadErrors} read, {d.WriteErrors} write, {d.ChecksumErrors} checksum").ToList();
        if (errors.Count > 0)
        {
            yield return new Notice(id, "DiskErrors", $"disks of pool {pool.Name} made errors ({string.Join("; ", errors)}); look at the disks, then '{hints.ClearErrors(pool.Name)}'", Degraded: true);
        }

        if (pool.UnrepairedErrors > 0)
        {
            yield return new Notice(id, "ScanErrors", $"the last scan of pool {pool.Name} found {pool.UnrepairedErrors} errors that could not be repaired ({pool.Scan}); '{hints.PoolStatus(pool.Name)}' shows more", Degraded: true);
        }

        foreach (var notice in PoolWork.Notices(id, pool)) yield return notice;
        foreach (var problem in pool.Problems) yield return new Notice(id, problem.Reason, problem.Message, Degraded: true);
        if (pool.Size > 0 && pool.Free < Math.Min(pool.Size / 100, FullBelow))
        {
            yield return new Notice(id, "PoolFull", $"pool {pool.Name} has {new ByteSize(pool.Free)} of {new ByteSize(pool.Size)} left: writers fail; delete data or snapshots, or add disks", Degraded: true);
        }
    }

    private static string Capitalized(string health) => health.Length == 0 ? "Unknown" : health[..1] + health[1..].ToLowerInvariant();
}

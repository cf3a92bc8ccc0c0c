using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;

namespace NasGitOps.Kinds.Pool;

/// <summary>What a pool is busy with, and the spares that stand in for other disks.</summary>
internal static class PoolWork
{
    public static IEnumerable<Notice> Notices(ResourceId id, PoolState pool)
    {
        if (Told(pool) is var (reason, doing))
        {
            var progress = pool.Progress.Length > 0 ? $": {pool.Progress}" : "";
            yield return new Notice(id, reason, $"pool {pool.Name} {doing}{progress}", Degraded: false) { IsProgress = true };
        }

        foreach (var place in pool.Vdevs.SelectMany(v => v.Places).Where(p => p.Count > 1))
        {
            if (place.FirstOrDefault(d => IsSpare(pool, d)) is not { } spare || place.FirstOrDefault(d => !IsSpare(pool, d)) is not { } disk) continue;
            var wayOut = disk.IsWhole
                ? $"'zpool detach {pool.Name} {spare.Path}' sends it back"
                : $"name a new disk in the place of {disk.Path} in the manifest; or name {spare.Path} there, and no longer among the spares, to keep it for good";
            yield return new Notice(id, "SpareInUse", $"spare {spare.Path} of pool {pool.Name} stands in for {disk.Path}, which is {disk.Health}; {wayOut}", Degraded: true);
        }
    }

    private static (string Reason, string Doing)? Told(PoolState pool) => pool.Running switch
    {
        "resilver" when Replaced(pool) is { Length: > 0 } disks => ("Resilvering", $"is resilvering ({disks})"),
        "resilver" => ("Resilvering", "is resilvering"),
        "replacement" => ("Replacing", $"is replacing a disk{(Replaced(pool) is { Length: > 0 } disks ? $" ({disks})" : "")}"),
        "expansion" => ("Expanding", "is widening a raidz"),
        "removal" => ("Removing", "is moving data off a vdev"),
        "scrub" => ("Scrubbing", "is reading and checking all data"),
        _ => null,
    };

    private static string Replaced(PoolState pool) => string.Join(", ", pool.Vdevs.SelectMany(v => v.Places).Select(p => p.Where(d => !IsSpare(pool, d)).ToList()).Where(p => p.Count > 1).Select(p => $"{p[0].Path} → {p[^1].Path}"));

    private static bool IsSpare(PoolState pool, LeafState disk) => pool.Vdevs.Any(v => v.Class == "spare" && v.Disks[0].Path == disk.Path);
}

using System.Text.RegularExpressions;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;

namespace NasGitOps.Kinds.Pool;

/// <summary>What is wrong with a pool that works, or works no more.</summary>
internal static partial class PoolHealth
{
    public static IEnumerable<Notice> Notices(ResourceId id, PoolState pool)
    {
        if (pool.Health != "ONLINE")
        {
            var bad = pool.Vdevs.SelectMany(v => v.Disks).Where(d => d.Health is not ("ONLINE" or "AVAIL" or "INUSE")).Select(d => $"{d.Path} is {d.Health}").ToList();
            var disks = bad.Count > 0 ? $" ({string.Join(", ", bad)})" : "";
            yield return new Notice(id, "Pool" + Capitalized(pool.Health), $"pool {pool.Name} is {pool.Health}{disks}; 'zpool status -v {pool.Name}' shows more", Degraded: true);
        }

        var errors = pool.Vdevs.SelectMany(v => v.Disks).Where(d => d.ReadErrors + d.WriteErrors + d.ChecksumErrors > 0)
            .Select(d => $"{d.Path}: {d.ReadErrors} read, {d.WriteErrors} write, {d.ChecksumErrors} checksum").ToList();
        if (errors.Count > 0)
        {
            yield return new Notice(id, "DiskErrors", $"disks of pool {pool.Name} made errors ({string.Join("; ", errors)}); look at the disks, then 'zpool clear {pool.Name}'", Degraded: true);
        }

        if (ScanErrors().Match(pool.Scan) is { Success: true } found && found.Groups[1].Value != "0")
        {
            yield return new Notice(id, "ScanErrors", $"the last scan of pool {pool.Name} found {found.Groups[1].Value} errors that could not be repaired ({pool.Scan}); 'zpool status -v {pool.Name}' names the files", Degraded: true);
        }
    }

    private static string Capitalized(string health) => health.Length == 0 ? "Unknown" : health[..1] + health[1..].ToLowerInvariant();

    /// <summary>As <c>scrub repaired 0B in 00:00:01 with 0 errors on Sun …</c>, which <c>zpool status</c> prints.</summary>
    [GeneratedRegex(@"^(?:scrub|resilver).* with (\d+) errors on ")]
    private static partial Regex ScanErrors();
}

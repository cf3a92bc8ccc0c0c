using System.Globalization;
using NasGitOps.Core.Observation;

namespace NasGitOps.Storage.Zfs;

/// <summary>Numbers of disks and sizes of vdevs, which only a change of layout needs to know.</summary>
internal static class ZfsVdevs
{
    public static IEnumerable<Probe> Probes(string pool) => [Guids(pool), Sizes(pool)];

    /// <summary>The pool with what was asked. Both listings have its vdevs in the same order; where they do not fit each other, nothing is taken from them.</summary>
    public static PoolState Told(PoolState pool, Answers answers)
    {
        if (answers.Has(Guids(pool.Name).Key) && answers.Output(Guids(pool.Name)).IsKnown(out var guids)) pool = WithGuids(pool, guids);
        return answers.Has(Sizes(pool.Name).Key) && answers.Output(Sizes(pool.Name)).IsKnown(out var sizes) ? WithSizes(pool, sizes) : pool;
    }

    private static RunProbe Guids(string pool) => ZfsObserver.Probe($"zpool.guids:{pool}", "zpool", "status", "-g", "-p", pool);

    private static RunProbe Sizes(string pool) => ZfsObserver.Probe($"zpool.sizes:{pool}", "zpool", "list", "-v", "-H", "-P", "-p", pool);

    internal static PoolState WithGuids(PoolState pool, string output)
    {
        var guids = LeafNames(output);
        if (guids.Count != pool.Vdevs.Sum(v => v.Disks.Count) || !guids.TrueForAll(g => g.All(char.IsAsciiDigit))) return pool;
        var next = 0;
        return pool with { Vdevs = [.. pool.Vdevs.Select(v => v with { Disks = [.. v.Disks.Select(d => d with { Guid = guids[next++] })] })] };
    }

    /// <summary>Below the pool's own depth, what has nothing below it. With <c>-g</c> mirrors and the like have numbers too.</summary>
    private static List<string> LeafNames(string output)
    {
        var lines = output[Math.Max(0, output.IndexOf("config:", StringComparison.Ordinal))..].Split('\n').Where(l => l.StartsWith('\t')).Select(l => l[1..]).Where(l => !l.StartsWith("NAME ", StringComparison.Ordinal)).ToList();
        return [.. lines.Where((l, i) => Depth(l) > 0 && (i + 1 == lines.Count || Depth(lines[i + 1]) <= Depth(l))).Select(l => l.Trim().Split(' ', 2)[0])];

        static int Depth(string line) => line.Length - line.TrimStart(' ').Length;
    }

    internal static PoolState WithSizes(PoolState pool, string output)
    {
        var sizes = new Dictionary<string, ulong>();
        foreach (var columns in output.Split('\n').Where(l => l.StartsWith('\t')).Select(l => l.Split('\t')))
        {
            // What is used and what is free: the size that stands before them is for a single disk all of it, with what ZFS cannot use.
            if (columns.Length > 4 && Number(columns[3]) is { } used && Number(columns[4]) is { } free) sizes.TryAdd(columns[1], used + free);
        }

        return pool with { Vdevs = [.. pool.Vdevs.Select(v => v with { Size = sizes.GetValueOrDefault(v.Name) })] };
    }

    private static ulong? Number(string text) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

using System.Diagnostics;
using System.Globalization;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Snapshots;

namespace NasGitOps.Benchmarks;

/// <summary>Plans the retention of very many snapshots in this process: time and peak memory, the snapshots themselves included.</summary>
internal static class RetentionBench
{
    private static readonly DateTimeOffset Newest = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    /// <param name="datasets">The snapshots are spread evenly over so many.</param>
    public static int Run(int count, int datasets)
    {
        var format = SnapshotNameFormat.Parse(SnapshotNameFormat.Default("hourly"));
        var policy = new RetentionPolicy(4, 24, 7, 4, 12, 0, TimeSpan.FromDays(2));
        var each = count / datasets;
        var snapshots = new List<SnapshotState>(count);
        for (var dataset = 0; dataset < datasets; dataset++)
        {
            var name = $"tank/data/{dataset}";
            // Oldest first, as a listing by transaction is.
            for (var i = each - 1; i >= 0; i--) snapshots.Add(new SnapshotState(name, format.Name(Newest.AddMinutes(-10L * i)), (18_000_000_000_000_000_000 + (ulong)((dataset * each) + i)).ToString(CultureInfo.InvariantCulture), (ulong)(each - i)));
        }

        var watch = Stopwatch.StartNew();
        var decision = new PruneDecision("hourly", format, policy, Schedule.FindZone("Europe/Berlin"), snapshots, _ => true, Newest);
        var doomed = decision.Open.Count;
        watch.Stop();
        var peak = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{watch.Elapsed.TotalSeconds:0.00} s, {int.Parse(peak, CultureInfo.InvariantCulture) / 1024} MB; {doomed} of {snapshots.Count} doomed"));
        return 0;
    }
}

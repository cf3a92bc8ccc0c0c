namespace NasGitOps.Core.Snapshots;

/// <summary>How many snapshots there are at one moment of a simulation, after pruning.</summary>
public readonly record struct SimulatedPoint(DateTimeOffset Time, int Count, DateTimeOffset Oldest);

/// <summary>Plays a schedule forward: every fire makes a snapshot, and then the rules prune.</summary>
public static class RetentionSimulation
{
    /// <param name="fires">In order.</param>
    /// <returns>A point after each fire.</returns>
    public static IEnumerable<SimulatedPoint> Run(IEnumerable<DatedSnapshot> existing, RetentionPolicy policy, TimeZoneInfo zone, IEnumerable<DateTimeOffset> fires)
    {
        var kept = existing.ToList();
        foreach (var fire in fires)
        {
            kept.Add(new DatedSnapshot("", fire));
            kept = [.. Retention.Decide(kept, policy, zone, fire).Where(v => v.Keep).Select(v => v.Snapshot)];
            yield return new SimulatedPoint(fire, kept.Count, kept[^1].Time);
        }
    }
}

namespace NasGitOps.Core.Snapshots;

/// <summary>What one schedule's retention destroys on one pool. It asks for details of the doomed only, and where one of them proves not to be ours decides again without it.</summary>
/// <param name="all">Every snapshot of the pool, as listed.</param>
/// <param name="covers">Whether the schedule is about a dataset now; what it once made elsewhere stays.</param>
public sealed class PruneDecision(
    string schedule, SnapshotNameFormat format, RetentionPolicy policy, TimeZoneInfo zone, IEnumerable<SnapshotState> all, Func<string, bool> covers, DateTimeOffset now)
{
    private readonly IReadOnlyList<IGrouping<string, (SnapshotState State, DateTimeOffset Time)>> candidates =
        [.. Read(all, format, covers).GroupBy(c => c.State.Dataset, StringComparer.Ordinal)];

    private readonly Dictionary<string, SnapshotDetails> known = new(StringComparer.Ordinal);
    private readonly HashSet<string> foreign = new(StringComparer.Ordinal);
    private IReadOnlyList<SnapshotState>? doomed;

    /// <summary>How many snapshots of this schedule there are.</summary>
    public int Count => candidates.Sum(g => g.Count()) - foreign.Count;

    /// <summary>The newest of them, over all datasets; null when there is none.</summary>
    public DateTimeOffset? Newest => candidates.SelectMany(g => g).Where(c => !foreign.Contains(c.State.FullName)).Select(c => (DateTimeOffset?)c.Time).Max();

    /// <summary>Whether the clock stands before a snapshot, so that nothing is pruned.</summary>
    public bool IsClockBehind => Newest > now;

    /// <summary>Doomed snapshots of which nothing more is known: read their details and <see cref="Learn"/> them. Empty when the decision stands.</summary>
    public IReadOnlyList<SnapshotState> Open => [.. Doomed.Where(s => !known.ContainsKey(s.FullName))];

    /// <summary>What is to be destroyed once nothing is <see cref="Open"/>: ours, unheld, without clones.</summary>
    public ILookup<string, SnapshotState> Destroy => Doomed.Where(s => known[s.FullName] is { Holds: 0, Clones.Count: 0 }).ToLookup(s => s.Dataset, StringComparer.Ordinal);

    /// <summary>Doomed ones that stay because a hold or a clone needs them.</summary>
    public IReadOnlyList<SnapshotState> Needed => [.. Doomed.Where(s => known.GetValueOrDefault(s.FullName) is { } d && (d.Holds > 0 || d.Clones.Count > 0))];

    private IReadOnlyList<SnapshotState> Doomed => doomed ??= [.. candidates.SelectMany(Decide)];

    /// <param name="details">By full name; one that is missing is gone, and counts no more.</param>
    public void Learn(IReadOnlyDictionary<string, SnapshotDetails> details)
    {
        foreach (var snapshot in Open)
        {
            if (details.GetValueOrDefault(snapshot.FullName) is { } found && found.Schedule == schedule && found.Guid == snapshot.Guid) known[snapshot.FullName] = found;
            else foreign.Add(snapshot.FullName);
        }

        doomed = null;
    }

    private IEnumerable<SnapshotState> Decide(IGrouping<string, (SnapshotState State, DateTimeOffset Time)> dataset)
    {
        var ours = dataset.Where(c => !foreign.Contains(c.State.FullName)).ToDictionary(c => c.State.Name, c => c.State, StringComparer.Ordinal);
        var verdicts = Retention.Decide(dataset.Where(c => ours.ContainsKey(c.State.Name)).Select(c => new DatedSnapshot(c.State.Name, c.Time)), policy, zone, now);
        // The newest is never pruned, whatever the rules say.
        return verdicts.Skip(1).Where(v => !v.Keep).Select(v => ours[v.Snapshot.Name]);
    }

    private static IEnumerable<(SnapshotState State, DateTimeOffset Time)> Read(IEnumerable<SnapshotState> all, SnapshotNameFormat format, Func<string, bool> covers)
    {
        foreach (var snapshot in all)
        {
            if (format.TryRead(snapshot.Name, out var time) && covers(snapshot.Dataset)) yield return (snapshot, time);
        }
    }
}

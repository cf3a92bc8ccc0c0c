using NasGitOps.Core.Observation;
using NasGitOps.Core.Snapshots;

namespace NasGitOps.Storage;

/// <summary>Puts questions to a host.</summary>
public static class Asking
{
    /// <summary>Names on one command line.</summary>
    public const int Batch = 200;

    /// <param name="ask">Answers a probe on the host.</param>
    public static async Task<Reading<T>> AskAsync<T>(this Question<T> question, Func<Probe, Task<Answer>> ask)
        where T : class
    {
        var answers = new Dictionary<string, Answer>(StringComparer.Ordinal);
        foreach (var probe in question.Probes) answers[probe.Key] = await ask(probe);
        return question.Read(new Answers(answers));
    }

    /// <summary>Details of any number of snapshots.</summary>
    /// <returns>By full name, without those that are gone; Unknown where something failed for another reason, after which nothing more was asked.</returns>
    public static async Task<Reading<IReadOnlyDictionary<string, SnapshotDetails>>> ReadDetailsAsync(
        this ISnapshotStore store, IEnumerable<SnapshotState> snapshots, Func<Probe, Task<Answer>> ask)
    {
        var details = new Dictionary<string, SnapshotDetails>(StringComparer.Ordinal);
        foreach (var chunk in snapshots.Chunk(Batch))
        {
            var reading = await store.Details(chunk).AskAsync(ask);
            if (!reading.IsKnown(out var some)) return reading;
            foreach (var (name, found) in some) details[name] = found;
        }

        return Reading<IReadOnlyDictionary<string, SnapshotDetails>>.Known(details);
    }
}

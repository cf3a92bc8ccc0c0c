using NasGitOps.Core.Observation;
using NasGitOps.Core.Snapshots;

namespace NasGitOps.Storage;

/// <summary>Reads details of any number of snapshots.</summary>
public static class SnapshotDetailsReader
{
    /// <summary>Names on one command line.</summary>
    public const int Batch = 200;

    /// <param name="ask">Runs a probe on the host.</param>
    /// <returns>By full name, without those that are gone; and what failed for another reason, after which nothing more was asked.</returns>
    public static async Task<(IReadOnlyDictionary<string, SnapshotDetails> Details, string? Failure)> ReadDetailsAsync(
        this ISnapshotStore store, IEnumerable<SnapshotState> snapshots, Func<RunProbe, Task<RunAnswer>> ask)
    {
        var details = new Dictionary<string, SnapshotDetails>(StringComparer.Ordinal);
        foreach (var chunk in snapshots.Chunk(Batch))
        {
            var answer = await ask(store.Details(chunk));
            if (answer.Failure is not null && !store.IsOnlyGone(answer)) return (details, answer.Failure);
            foreach (var (name, found) in store.ReadDetails(answer.Output)) details[name] = found;
        }

        return (details, null);
    }
}

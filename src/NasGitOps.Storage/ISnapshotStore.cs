using NasGitOps.Core.Observation;
using NasGitOps.Core.Snapshots;
using NasGitOps.Core.Steps;

namespace NasGitOps.Storage;

/// <summary>What to ask the host, and what the answers mean together.</summary>
public sealed record Question<T>(IReadOnlyList<Probe> Probes, Func<Answers, Reading<T>> Read)
    where T : class;

/// <summary>A backend's snapshots: questions and steps, values only.</summary>
public interface ISnapshotStore
{
    /// <summary>All datasets of a pool.</summary>
    Question<IReadOnlyList<SnapshotTarget>> Datasets(string pool);

    /// <summary>All snapshots at and below a dataset, in the order they were made, without what is costly to read.</summary>
    Question<IReadOnlyList<SnapshotState>> List(string dataset);

    /// <summary>Snapshots of one dataset alone, in the order they were made, with their times.</summary>
    Question<IReadOnlyList<DatedState>> ListOf(string dataset);

    /// <summary>Marks, holds and clones of a few, by full name; one that is gone is missing.</summary>
    Question<IReadOnlyDictionary<string, SnapshotDetails>> Details(IReadOnlyList<SnapshotState> snapshots);

    /// <summary>One name on datasets of one pool, in one transaction where the backend has them; marked as the schedule's.</summary>
    IReadOnlyList<Step> Take(IReadOnlyList<string> datasets, string name, string schedule);

    /// <summary>Destroys snapshots of one dataset together. Where the storage itself protects one that has a clone or a hold, none of them goes.</summary>
    IReadOnlyList<Step> Destroy(string dataset, IReadOnlyList<string> names);
}

/// <param name="Time">When it was made.</param>
public sealed record DatedState(SnapshotState Snapshot, DateTimeOffset Time);

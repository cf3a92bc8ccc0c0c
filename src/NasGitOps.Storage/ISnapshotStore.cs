using NasGitOps.Core.Observation;
using NasGitOps.Core.Snapshots;
using NasGitOps.Core.Steps;

namespace NasGitOps.Storage;

/// <summary>A backend's snapshots: probes, parsers and steps, values only.</summary>
public interface ISnapshotStore
{
    /// <summary>All datasets of a pool: one process.</summary>
    RunProbe Datasets(string pool);

    IReadOnlyList<SnapshotTarget> ReadDatasets(string output);

    /// <summary>All snapshots at and below a dataset, in the order they were made: one process, without what is costly to read.</summary>
    RunProbe List(string dataset);

    IReadOnlyList<SnapshotState> ReadList(string output);

    /// <summary>Snapshots of one dataset alone, with their times.</summary>
    RunProbe ListOf(string dataset);

    IReadOnlyList<(SnapshotState Snapshot, DateTimeOffset Time)> ReadListOf(string output);

    /// <summary>Marks, holds and clones of a few.</summary>
    RunProbe Details(IReadOnlyList<SnapshotState> snapshots);

    /// <summary>By full name; one that is gone is missing.</summary>
    IReadOnlyDictionary<string, SnapshotDetails> ReadDetails(string output);

    /// <summary>Whether <see cref="Details"/> failed only because some of what it was asked about is gone.</summary>
    bool IsOnlyGone(RunAnswer details);

    /// <summary>One name on datasets of one pool, in one transaction where the backend has them; marked as the schedule's.</summary>
    IReadOnlyList<Step> Take(IReadOnlyList<string> datasets, string name, string schedule);

    /// <summary>Destroys snapshots of one dataset together; none of them when one has a clone or a hold.</summary>
    Step Destroy(string dataset, IReadOnlyList<string> names);
}

namespace NasGitOps.Core.Snapshots;

/// <summary>A snapshot as a cheap listing tells it.</summary>
/// <param name="Dataset">Full name.</param>
/// <param name="Name">Behind the <c>@</c>.</param>
/// <param name="CreateTxg">The transaction group that made it: equal for those that one call made. 0 where the backend has none.</param>
public sealed record SnapshotState(string Dataset, string Name, string Guid, ulong CreateTxg)
{
    public string FullName => $"{Dataset}@{Name}";
}

/// <summary>What is read only of the few snapshots that matter.</summary>
/// <param name="Schedule">The schedule that made it, where its mark is its own; null for one that is not ours.</param>
/// <param name="Holds">How many holds keep it.</param>
/// <param name="Clones">Names of its clones.</param>
public sealed record SnapshotDetails(string Guid, string? Schedule, int Holds, IReadOnlyList<string> Clones);

/// <summary>A dataset that could be snapshotted.</summary>
/// <param name="IsVolume">A block device.</param>
/// <param name="IsClone">A clone of ours: temporary, and left out unless it is named.</param>
public sealed record SnapshotTarget(string Dataset, bool IsVolume, bool IsClone);

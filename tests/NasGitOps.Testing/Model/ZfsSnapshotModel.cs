namespace NasGitOps.Testing.Model;

/// <summary>What <c>zfs</c> does to snapshots, and how a dataset goes. Messages seen on 2.3.</summary>
internal static class ZfsSnapshotModel
{
    public static ModelResult Take(ModelState state, string snapshot)
    {
        if (!state.Datasets.ContainsKey(snapshot.Split('@')[0])) return ModelResult.Refused($"cannot open '{snapshot.Split('@')[0]}': dataset does not exist");
        return state.Snapshots.ContainsKey(snapshot)
            ? ModelResult.Refused($"cannot create snapshot '{snapshot}': dataset already exists")
            : ModelResult.Done(state with { Snapshots = state.Snapshots.Add(snapshot, ModelHost.Now) });
    }

    public static ModelResult Hold(ModelState state, string snapshot)
    {
        if (!state.Snapshots.ContainsKey(snapshot)) return ModelResult.Refused($"cannot hold snapshot '{snapshot}': dataset does not exist");
        return state.Held.Contains(snapshot) ? ModelResult.Refused($"cannot hold snapshot '{snapshot}': tag already exists on this dataset") : ModelResult.Done(state with { Held = state.Held.Add(snapshot) });
    }

    public static ModelResult Release(ModelState state, string snapshot) => state.Held.Contains(snapshot)
        ? ModelResult.Done(state with { Held = state.Held.Remove(snapshot) })
        : ModelResult.Refused($"cannot release hold from snapshot '{snapshot}': {(state.Snapshots.ContainsKey(snapshot) ? "no such tag on this dataset" : "dataset does not exist")}");

    /// <summary>One snapshot (deferred ones go as well, since nothing here is cloned of them), all of a dataset (<c>a@%</c>), or a dataset.</summary>
    public static ModelResult Destroy(ModelState state, string name)
    {
        if (!name.Contains('@', StringComparison.Ordinal)) return Dataset(state, name);
        var dataset = name.Split('@')[0];
        var doomed = name.EndsWith("@%", StringComparison.Ordinal) ? state.Snapshots.Keys.Where(s => s.StartsWith(dataset + "@", StringComparison.Ordinal)).ToList() : [.. state.Snapshots.Keys.Where(s => s == name)];
        if (doomed.Count == 0) return ModelResult.Refused("could not find any snapshots to destroy; check snapshot names.");
        if (doomed.Any(state.Held.Contains)) return ModelResult.Refused("cannot destroy snapshots: dataset is busy");
        if (doomed.Any(s => state.Datasets.Values.Any(d => d.Origin == s))) return name.EndsWith("@%", StringComparison.Ordinal) ? ModelResult.Refused("cannot destroy snapshots: snapshot has dependent clones") : ModelResult.Done(state);
        return ModelResult.Done(state with { Snapshots = state.Snapshots.RemoveRange(doomed) });
    }

    private static ModelResult Dataset(ModelState state, string name)
    {
        if (!state.Datasets.ContainsKey(name)) return ModelResult.Refused($"cannot open '{name}': dataset does not exist");
        var hasMore = state.Datasets.Values.Any(d => d.IsBelow(name)) || state.Snapshots.Keys.Any(s => s.StartsWith(name + "@", StringComparison.Ordinal));
        return hasMore ? ModelResult.Refused($"cannot destroy '{name}': filesystem has children") : ModelResult.Done(ZfsModel.Unmount(state, name) with { Datasets = state.Datasets.Remove(name) });
    }
}

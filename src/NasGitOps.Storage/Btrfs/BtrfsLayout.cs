namespace NasGitOps.Storage.Btrfs;

/// <summary>
/// Where things lie in a btrfs file system that is a pool. A dataset is a folder of the top level that holds its subvolume <c>@</c>, its snapshots in <c>@snapshots</c>, and the folders
/// of the datasets below it; no dataset's name begins so. A dataset moves with all that belongs to it by one rename, its marks lie where no snapshot copies them and no user
/// reaches them, and what it shows is mounted from there.
/// </summary>
internal static class BtrfsLayout
{
    /// <summary>Only root may enter. Not below the agent's own runtime directory, which systemd removes with all that is in it.</summary>
    public const string Folder = "/run/nasgitops-btrfs";

    public const string Subvolume = "@";

    /// <summary>What is being made, and becomes the subvolume by a rename when it is complete.</summary>
    public const string Unfinished = "@new";

    public const string Snapshots = "@snapshots";

    /// <summary>Where a mounted dataset shows its snapshots.</summary>
    public const string Shown = ".snapshots";

    /// <summary>Where the top level of a pool is mounted.</summary>
    public static string Top(string pool) => $"{Folder}/{pool}";

    public static string NodeOf(string dataset) => $"{Folder}/{dataset}";

    public static string SubvolumeOf(string dataset) => $"{NodeOf(dataset)}/{Subvolume}";

    public static string SnapshotsOf(string dataset) => $"{NodeOf(dataset)}/{Snapshots}";

    public static string SnapshotOf(string fullName) => fullName.Split('@', 2) is [var dataset, var name] ? $"{SnapshotsOf(dataset)}/{name}" : throw new ArgumentException($"'{fullName}' is no snapshot");

    public static string PoolOf(string dataset) => dataset.Split('/', 2)[0];

    /// <summary>The dataset whose subvolume lies at a path below the top level; null for another subvolume.</summary>
    public static string? DatasetAt(string pool, string path)
    {
        if (path == Subvolume) return pool;
        return path.EndsWith("/" + Subvolume, StringComparison.Ordinal) && IsNode(path[..^2]) ? $"{pool}/{path[..^2]}" : null;
    }

    /// <summary>Dataset and name of the snapshot that lies at a path below the top level; null for another subvolume.</summary>
    public static (string Dataset, string Name)? SnapshotAt(string pool, string path)
    {
        var slash = path.LastIndexOf('/');
        if (slash <= 0 || path.IndexOf('@', slash) >= 0) return null;
        var (folder, name) = (path[..slash], path[(slash + 1)..]);
        if (folder == Snapshots) return (pool, name);
        return folder.EndsWith("/" + Snapshots, StringComparison.Ordinal) && folder[..^(Snapshots.Length + 1)] is var node && IsNode(node) ? ($"{pool}/{node}", name) : null;
    }

    /// <summary>A subvolume that somebody made within a dataset has an <c>@</c> on its way, and is part of what the dataset holds.</summary>
    private static bool IsNode(string path) => !path.Contains('@', StringComparison.Ordinal);
}

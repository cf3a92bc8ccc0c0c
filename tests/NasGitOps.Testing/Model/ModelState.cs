using System.Collections.Immutable;
using NasGitOps.Core.Observation;

namespace NasGitOps.Testing.Model;

/// <summary>A whole host as values. Steps make a new one; nothing is changed in place.</summary>
public sealed record ModelState
{
    public ImmutableSortedDictionary<string, ModelPool> Pools { get; init; } = Maps.Empty<ModelPool>();

    /// <summary>Of every pool, those that are not imported among them.</summary>
    public ImmutableSortedDictionary<string, ModelDataset> Datasets { get; init; } = Maps.Empty<ModelDataset>();

    /// <summary>Snapshots by full name, each with when it was made.</summary>
    public ImmutableSortedDictionary<string, DateTimeOffset> Snapshots { get; init; } = Maps.Empty<DateTimeOffset>();

    /// <summary>Snapshots that are held, by full name.</summary>
    public ImmutableSortedSet<string> Held { get; init; } = [];

    /// <summary>Disk path to what stands on it; empty when it is blank.</summary>
    public ImmutableSortedDictionary<string, string> Disks { get; init; } = Maps.Empty<string>();

    public ImmutableSortedDictionary<string, string> Files { get; init; } = Maps.Empty<string>();

    /// <summary>Directories of the root file system that matter: places for mount points.</summary>
    public ImmutableSortedDictionary<string, FileFacts> Folders { get; init; } = Maps.Empty<FileFacts>();

    /// <summary>The kernel's export table as <c>exportfs</c> last wrote it: <c>path TAB client</c> to options.</summary>
    public ImmutableSortedDictionary<string, string> Exported { get; init; } = Maps.Empty<string>();

    public ImmutableSortedDictionary<string, ModelUser> Users { get; init; } = Maps.Empty<ModelUser>();

    public ImmutableSortedDictionary<string, ModelGroup> Groups { get; init; } = Maps.Empty<ModelGroup>();

    public ImmutableSortedDictionary<string, ModelSmbAccount> SmbAccounts { get; init; } = Maps.Empty<ModelSmbAccount>();

    /// <summary>Secrets by name; a missing one is not here.</summary>
    public ImmutableSortedDictionary<string, string> Secrets { get; init; } = Maps.Empty<string>();

    /// <summary>On btrfs: the folder of each dataset, by its name; also of one that is being made.</summary>
    public ImmutableSortedDictionary<string, ModelNode> Nodes { get; init; } = Maps.Empty<ModelNode>();

    /// <summary>On btrfs: place to what is mounted there.</summary>
    public ImmutableSortedDictionary<string, ModelBind> Binds { get; init; } = Maps.Empty<ModelBind>();

    public string Smbd { get; init; } = "active";

    public IEnumerable<ModelDataset> Mounted => Datasets.Values.Where(d => d.MountedAt is not null);

    public ModelState With(ModelDataset dataset) => this with { Datasets = Datasets.SetItem(dataset.Name, dataset) };

    /// <summary>Whether a mount at a place would hide something.</summary>
    public bool Hides(string place) =>
        (Folders.GetValueOrDefault(place) is { } folder && (folder.IsLink || !folder.IsEmpty || !folder.IsDirectory))
        || Mounted.Any(d => d.MountedAt == place || d.MountedAt!.StartsWith(place + "/", StringComparison.Ordinal));

    /// <summary>A dataset, those below it and their snapshots under another name.</summary>
    public ModelState Renamed(string from, string to) => this with
    {
        Datasets = Maps.Of(Datasets.Values.Select(d => d with { Name = Moved(d.Name, from, to), Origin = d.Origin is { } origin ? Moved(origin, from, to) : null }).Select(d => KeyValuePair.Create(d.Name, d))),
        Snapshots = Maps.Of(Snapshots.Select(s => KeyValuePair.Create(Moved(s.Key, from, to), s.Value))),
        Held = [.. Held.Select(h => Moved(h, from, to))],
    };

    public static string Moved(string name, string from, string to) =>
        name == from || (name.StartsWith(from, StringComparison.Ordinal) && name[from.Length] is '/' or '@') ? to + name[from.Length..] : name;

    public bool IsImported(string dataset) => Pools.TryGetValue(dataset.Split('/')[0], out var pool) && pool.Imported;
}

/// <param name="Health">As <c>zpool get health</c>.</param>
public sealed record ModelPool(string Name, string Guid, bool Imported, ImmutableSortedDictionary<string, string> Options, ImmutableList<ModelVdev> Vdevs, string Health = "ONLINE")
{
    public string Backend { get; init; } = "zfs";

    /// <summary>Of btrfs: whether they are counted.</summary>
    public bool Quotas { get; init; }

    /// <summary>Quota group to limit: bytes, or <c>none</c>.</summary>
    public ImmutableSortedDictionary<string, string> Groups { get; init; } = Maps.Empty<string>();
}

/// <param name="Attributes">Extended attributes; those of the folder of snapshots too.</param>
/// <param name="Unfinished">What is being made.</param>
public sealed record ModelNode(ImmutableSortedDictionary<string, string> Attributes, bool HasSnapshotFolder, ModelDataset? Unfinished)
{
    public static ModelNode Empty { get; } = new(Maps.Empty<string>(), HasSnapshotFolder: false, null);
}

public sealed record ModelBind(string Source, string Flags);

public sealed record ModelVdev(string Type, string Class, ImmutableList<string> Disks);

/// <param name="Local">Properties set here, user properties and account quotas among them.</param>
/// <param name="MountedAt">Where it is mounted now; null when it is not.</param>
/// <param name="Key">Set on an encryption root.</param>
/// <param name="Directories">Below the mount root, by relative path; empty text for the root itself.</param>
public sealed record ModelDataset(
    string Name,
    string Guid,
    string Type,
    ImmutableSortedDictionary<string, string> Local,
    string? MountedAt,
    ModelKey? Key,
    ImmutableSortedDictionary<string, FileFacts> Directories)
{
    /// <summary>The snapshot that it is a clone of.</summary>
    public string? Origin { get; init; }

    public string Parent => Name[..Math.Max(0, Name.LastIndexOf('/'))];

    public bool IsBelow(string ancestor) => Name.StartsWith(ancestor + "/", StringComparison.Ordinal);
}

/// <param name="Value">Of the secret that opens it.</param>
public sealed record ModelKey(string Algorithm, string Format, string Value, bool Loaded);

public sealed record ModelUser(uint Uid, uint Gid);

public sealed record ModelGroup(uint Gid, ImmutableSortedSet<string> Members);

/// <param name="Password">What <c>smbpasswd</c> was given.</param>
public sealed record ModelSmbAccount(bool Enabled, string Password);

internal static class Maps
{
    public static ImmutableSortedDictionary<string, T> Empty<T>() => ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);

    public static ImmutableSortedDictionary<string, T> Of<T>(IEnumerable<KeyValuePair<string, T>> items) => Empty<T>().SetItems(items);
}

using NasGitOps.Core.Observation;
using NasGitOps.Core.Steps;

namespace NasGitOps.Storage.Zfs;

/// <summary>OpenZFS through <c>zfs</c> and <c>zpool</c>. Source: the manual pages of OpenZFS 2.1 to 2.3, and what was seen on them.</summary>
public sealed class ZfsBackend : IStorageBackend
{
    public const string BackendName = "zfs";

    private static readonly TimeSpan PoolTimeout = TimeSpan.FromMinutes(10);

    public string Name => BackendName;

    public IStorageHints Hints { get; } = new ZfsHints();

    public string SnapshotDirectory => ".zfs/snapshot";

    public ISnapshotStore Snapshots { get; } = new ZfsSnapshots();

    public string? Lacks(StorageFeature feature) => feature switch
    {
        StorageFeature.Devices => "ZFS lays its disks out as vdevs",
        _ => null,
    };

    public IEnumerable<string> DatasetProperties => ZfsCatalogue.Datasets.Keys;

    public IEnumerable<string> PoolProperties => ZfsCatalogue.Pools.Keys;

    public IEnumerable<Probe> Probes(ObservationContext context) => ZfsObserver.Probes(context);

    public BackendFacts Read(ObservationContext context) => ZfsObserver.Read(context);

    public bool IsMountOf(MountEntry entry, MountTable table, string dataset) => entry.FileSystem == "zfs" && entry.Source == dataset;

    public PropertyTraits? DatasetProperty(string name) => ZfsCatalogue.Datasets.GetValueOrDefault(name)?.Traits ?? AccountQuota(name);

    public PropertyTraits? PoolProperty(string name) => ZfsCatalogue.Pools.GetValueOrDefault(name)?.Traits;

    /// <summary>ZFS hands down by itself.</summary>
    public IEnumerable<string> HandedDown(IReadOnlyDictionary<string, string> own, bool isClone) => [];

    public IEnumerable<PropertyConflict> Conflicts(IReadOnlyDictionary<string, string> properties) => [];

    public IReadOnlyList<Step> CreatePool(NewPool pool)
    {
        var arguments = new List<string> { "create" };
        if (pool.Force) arguments.Add("-f");
        foreach (var (name, value) in pool.Options.OrderBy(o => o.Key, StringComparer.Ordinal)) arguments.AddRange(["-o", $"{name}={value}"]);
        foreach (var (name, value) in pool.Properties.OrderBy(p => p.Key, StringComparer.Ordinal)) arguments.AddRange(["-O", $"{name}={Written(name, value)}"]);
        foreach (var mark in Unfinished(pool.Resource, SetNames(pool.Properties.Keys, pool.Mountpoint is not null), "retain")) arguments.AddRange(["-O", mark]);
        if (pool.Mountpoint is not null) arguments.AddRange(["-m", pool.Mountpoint]);
        arguments.Add(pool.Name);
        // Data first: log, special and dedup hold for every vdev that follows. Source: zpool_vdev.c, construct_spec.
        foreach (var vdev in pool.Vdevs.OrderBy(v => v.Class != "data")) arguments.AddRange(ZfsTopology.VdevArguments(vdev));
        return [new Run(new Command("zpool", arguments, PoolTimeout)), .. StampGuid(pool.Name)];
    }

    public IReadOnlyList<Step> ImportPool(string name, IReadOnlyList<string> disks)
    {
        var folders = disks.Select(d => d[..Math.Max(d.LastIndexOf('/'), 1)]).Distinct().SelectMany(f => new[] { "-d", f });
        return [new Run(new Command("zpool", ["import", "-N", .. folders, name], PoolTimeout))];
    }

    /// <summary>The host's own start imports pools; one that is not imported was exported by somebody.</summary>
    public IReadOnlyList<Step> OpenPool(string name, IReadOnlyList<string> disks) => [];

    public LayoutVerdict Judge(PoolState pool, LayoutMove move, LayoutContext context) => ZfsTopology.Judge(pool, move, context);

    public IReadOnlyList<Step> ChangeLayout(PoolState pool, LayoutMove move, bool force) => ZfsTopology.Steps(pool, move, force);

    /// <summary>ZFS does it by itself where autoexpand is on.</summary>
    public IReadOnlyList<Step> ExpandDisk(PoolState pool, LeafState disk) => [];

    public IReadOnlyList<Step> SetPoolProperties(string pool, IReadOnlyDictionary<string, string> values) =>
        [.. values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => new Run(Command.Of("zpool", "set", $"{v.Key}={v.Value}", pool)))];

    public Step Scrub(string pool) => new Run(Command.Of("zpool", "scrub", pool)) { Tolerates = "currently " };

    public Step Trim(string pool) => new Run(Command.Of("zpool", "trim", pool)) { Tolerates = "currently " };

    public IReadOnlyList<Step> CreateDataset(NewDataset dataset)
    {
        var arguments = new List<string> { "create" };
        if (dataset.VolumeSize is null) arguments.Add("-u");
        else if (dataset.Sparse) arguments.Add("-s");
        foreach (var (name, value) in dataset.Properties.OrderBy(p => p.Key, StringComparer.Ordinal).Where(p => !IsAccountQuota(p.Key))) arguments.AddRange(["-o", $"{name}={Written(name, value)}"]);
        SecretInput? key = null;
        if (dataset.Encryption is { } encryption)
        {
            arguments.AddRange(["-o", $"encryption={encryption.Algorithm}", "-o", $"keyformat={encryption.Format}", "-o", "keylocation=prompt"]);
            key = KeyInput(encryption.SecretRef, encryption.Format == "raw");
        }

        foreach (var mark in Unfinished(dataset.Resource, dataset.Properties.Keys, dataset.DeletionPolicy)) arguments.AddRange(["-o", mark]);
        if (dataset.VolumeSize is { } size) arguments.AddRange(["-V", size]);
        arguments.Add(dataset.Name);
        var quotas = dataset.Properties.Where(p => IsAccountQuota(p.Key)).ToDictionary();
        return
        [
            new Run(Command.Of("zfs", arguments), key),
            .. StampGuid(dataset.Name),
            .. Assign(dataset.Name, quotas.OrderBy(q => q.Key, StringComparer.Ordinal).Select(q => $"{q.Key}={q.Value}")),
        ];
    }

    public IReadOnlyList<Step> ChangeDataset(DatasetChange change)
    {
        var assignments = change.Set.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key}={Written(s.Key, s.Value)}").ToList();
        assignments.AddRange(change.Clear.Where(p => !IsInheritable(p)).Order(StringComparer.Ordinal).Select(p => $"{p}={Cleared(p)}"));
        var name = change.State.Name;
        return
        [
            .. Released(change.Relocations.Count > 0 && change.State.Mounted ? change.State.Mountpoint : null),
            .. Assign(name, Marks(change.MarkBefore)),
            .. Assign(name, assignments),
            .. change.Clear.Where(IsInheritable).Order(StringComparer.Ordinal).Select(p => new Run(Command.Of("zfs", "inherit", p, name))),
            .. Assign(name, Marks(change.MarkAfter)),
        ];
    }

    public IReadOnlyList<Step> CloneSnapshot(NewClone clone)
    {
        var arguments = new List<string> { "clone" };
        foreach (var (name, value) in clone.Properties.OrderBy(p => p.Key, StringComparer.Ordinal)) arguments.AddRange(["-o", $"{name}={Written(name, value)}"]);
        foreach (var mark in Unfinished(clone.Resource, clone.Properties.Keys, "retain")) arguments.AddRange(["-o", mark]);
        return [new Run(Command.Of("zfs", [.. arguments, clone.Snapshot, clone.Name])), .. StampGuid(clone.Name)];
    }

    public IReadOnlyList<Step> DestroyClone(DatasetState clone) => [.. Released(clone.Mounted ? clone.Mountpoint : null), new Run(Command.Of("zfs", "destroy", clone.Name))];

    public IReadOnlyList<Step> Quarantine(DatasetState dataset) => ZfsQuarantine.GoIn(dataset);

    public IReadOnlyList<Step> Restore(DatasetState dataset) => ZfsQuarantine.Restore(dataset);

    public IReadOnlyList<Step> Purge(DatasetState dataset) => ZfsQuarantine.Purge(dataset);

    public IReadOnlyList<Step> Rename(DatasetRename rename) =>
        [.. Released(rename.State.Mounted ? rename.State.Mountpoint : null), new Run(Command.Of("zfs", "rename", rename.From, rename.To))];

    /// <summary>A new mount point, its own or a parent's, may have mounted it by itself.</summary>
    public IReadOnlyList<Step> Mount(MountPlace place) => [new Run(Command.Of("zfs", "mount", place.Dataset)) { Tolerates = "already mounted" }];

    public Step LoadKey(string dataset, string secretRef, bool raw) => new Run(Command.Of("zfs", "load-key", dataset), KeyInput(secretRef, raw)) { FailureReason = "KeyMismatch" };

    public Step TryKey(string dataset, string secretRef, bool raw) => new Run(Command.Of("zfs", "load-key", "-n", dataset), KeyInput(secretRef, raw)) { FailureReason = "KeyMismatch" };

    private static IEnumerable<Step> Assign(string dataset, IEnumerable<string> assignments) =>
        assignments.ToList() is { Count: > 0 } some ? [new Run(Command.Of("zfs", ["set", .. some, dataset]))] : [];

    /// <summary>ZFS unmounts what it renames or moves, and a client of its NFS export would keep that from happening.</summary>
    private static IEnumerable<Step> Released(string? mountedAt) => mountedAt is null ? [] : [new ReleaseNfs(mountedAt)];

    /// <summary>A passphrase or hex key is one line on standard input; a raw key is its bytes alone.</summary>
    private static SecretInput KeyInput(string secretRef, bool raw) => new(secretRef, raw ? 0 : 1);

    /// <summary>The mark without the guid, in the very command that creates: a kill right behind it leaves something that is known to be ours.</summary>
    private static string[] Unfinished(string resource, IEnumerable<string> setProperties, string deletionPolicy) =>
        [$"{ZfsMark.SetProperties}={string.Join(',', setProperties.Order(StringComparer.Ordinal))}", $"{ZfsMark.DeletionPolicy}={deletionPolicy}", $"{ZfsMark.Resource}={resource}"];

    /// <summary>The guid comes last: what is set by one command is not set at one time.</summary>
    private static string[] Marks(Mark? mark) =>
        mark is null ? [] : [.. Unfinished(mark.Resource, mark.SetProperties, mark.DeletionPolicy), $"{ZfsMark.Guid}={mark.Guid}"];

    /// <summary>The dataset's own guid completes the mark; it is known only after creation.</summary>
    private static IEnumerable<Step> StampGuid(string dataset)
    {
        yield return new Run(Command.Of("zfs", "get", "-Hp", "-o", "value", "guid", dataset), Capture: "guid");
        yield return new Run(Command.Of("zfs", "set", $"{ZfsMark.Guid}=${{guid}}", dataset));
    }

    private static IEnumerable<string> SetNames(IEnumerable<string> names, bool mountpoint) => mountpoint ? names.Append("mountpoint") : names;

    private static bool IsInheritable(string property) => ZfsCatalogue.Datasets.TryGetValue(property, out var known) ? known.Inheritable : property.Contains(':', StringComparison.Ordinal);

    /// <summary>Of a property that is not inherited: what it is when nobody sets it.</summary>
    private static string Cleared(string property) => ZfsCatalogue.Datasets.GetValueOrDefault(property)?.Unset ?? "none";

    /// <summary>A limit that is none reads back as 0, and <c>quota=0</c> is refused. Seen on OpenZFS 2.3.</summary>
    private static string Written(string property, string value) => property is "quota" or "refquota" && value == "0" ? "none" : value;

    private static bool IsAccountQuota(string property) => property.Contains('@', StringComparison.Ordinal);

    private static PropertyTraits? AccountQuota(string name)
    {
        if (IsAccountQuota(name)) return new StorageProperty(name, PropertyType.Size) { Inheritable = false }.Traits;
        return name.Contains(':', StringComparison.Ordinal) ? new StorageProperty(name, PropertyType.Pattern, "^[^\\n\\t]{1,1023}$").Traits : null;
    }
}

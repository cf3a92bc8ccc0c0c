using NasGitOps.Core.Observation;
using NasGitOps.Core.Steps;

namespace NasGitOps.Storage.Btrfs;

/// <summary>btrfs through <c>btrfs</c> and <c>mkfs.btrfs</c>. Source: the manual pages of btrfs-progs 6.2 to 6.14, and what was seen on Linux 6.12 and 6.18.</summary>
public sealed class BtrfsBackend : IStorageBackend
{
    public const string BackendName = "btrfs";

    private static readonly TimeSpan PoolTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan TrimTimeout = TimeSpan.FromHours(6);

    public string Name => BackendName;

    public IStorageHints Hints { get; } = new BtrfsHints();

    public string SnapshotDirectory => BtrfsLayout.Shown;

    public ISnapshotStore Snapshots { get; } = new BtrfsSnapshots();

    public IEnumerable<string> DatasetProperties => BtrfsCatalogue.Datasets.Keys;

    public IEnumerable<string> PoolProperties => BtrfsCatalogue.Pools.Keys;

    public string? Lacks(StorageFeature feature) => feature switch
    {
        StorageFeature.Vdevs => "btrfs lays its disks out as devices with profiles",
        StorageFeature.Volumes => "btrfs has no volumes (block devices)",
        StorageFeature.Encryption => "btrfs does not encrypt",
        StorageFeature.Reservations => "btrfs keeps no space free for a dataset",
        StorageFeature.AccountQuotas => "btrfs does not limit users or groups",
        StorageFeature.TreeQuotas => "btrfs limits each dataset by itself",
        StorageFeature.AtomicSnapshots => "btrfs snapshots one dataset at a time",
        StorageFeature.OpeningAtStart => "pools on btrfs are mounted by this product alone",
        StorageFeature.LegacyMounts => "datasets on btrfs are mounted by this product alone",
        _ => null,
    };

    public IEnumerable<Probe> Probes(ObservationContext context) => BtrfsObserver.Probes(context);

    public BackendFacts Read(ObservationContext context) => BtrfsObserver.Read(context);

    public Discovery Discover(MountTable mounts)
    {
        var devices = mounts.Entries.Where(e => e.FileSystem == BackendName).GroupBy(e => e.Device).ToList();
        var pools = devices.SelectMany(d => d).Select(e => e.Point).Where(p => p.StartsWith(BtrfsLayout.Folder + "/", StringComparison.Ordinal)).Select(p => p[(BtrfsLayout.Folder.Length + 1)..]);
        return new Discovery(
            [.. pools.Where(p => !p.Contains('/', StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal)],
            [.. devices.Where(d => d.All(e => !e.Point.StartsWith(BtrfsLayout.Folder + "/", StringComparison.Ordinal))).Select(d => d.First().Point)]);
    }

    public bool IsMountOf(MountEntry entry, MountTable table, string dataset) => BtrfsMounts.IsMountOf(entry, table, dataset);

    public PropertyTraits? DatasetProperty(string name) => BtrfsCatalogue.Datasets.GetValueOrDefault(name)?.Traits
        ?? (name.Contains(':', StringComparison.Ordinal) ? new StorageProperty(name, PropertyType.Pattern, "^[^\\n\\t]{1,1023}$") { Inheritable = false }.Traits : null);

    public PropertyTraits? PoolProperty(string name) => BtrfsCatalogue.Pools.GetValueOrDefault(name)?.Traits;

    /// <summary>A clone has the compression of its snapshot: setting one would make it look written to.</summary>
    public IEnumerable<string> HandedDown(IReadOnlyDictionary<string, string> own, bool isClone) =>
        own.GetValueOrDefault("nocow") == "on" || isClone ? BtrfsCatalogue.MountFlags.Keys : BtrfsCatalogue.MountFlags.Keys.Append("compression");

    public IEnumerable<PropertyConflict> Conflicts(IReadOnlyDictionary<string, string> properties)
    {
        if (properties.GetValueOrDefault("nocow") == "on" && properties.GetValueOrDefault("compression") is { } compression && compression != "off")
        {
            yield return new PropertyConflict("compression", "what is overwritten in place (nocow) cannot be compressed", "take compression or nocow out");
        }
    }

    public IReadOnlyList<Step> CreatePool(NewPool pool)
    {
        var disks = pool.Vdevs.SelectMany(v => v.Disks).ToList();
        var arguments = new List<string> { "-q", "-L", pool.Name };
        if (pool.Force) arguments.Add("-f");
        if (pool.Options.GetValueOrDefault("dataProfile") is { } data) arguments.AddRange(["-d", data]);
        if (pool.Options.GetValueOrDefault("metadataProfile") is { } metadata) arguments.AddRange(["-m", metadata]);
        var root = new NewDataset(pool.Name, null, Sparse: false, WithMountpoint(pool), null, pool.Resource, "retain");
        return
        [
            new Run(new Command("mkfs.btrfs", [.. arguments, .. disks], PoolTimeout)),
            .. OpenPool(pool.Name, disks),
            .. SetPoolProperties(pool.Name, pool.Options.Where(o => o.Value == "on").ToDictionary()),
            .. CreateDataset(root),
            .. pool.Mountpoint is "none" || pool.Properties.GetValueOrDefault("canmount", "on") != "on" ? [] : BtrfsMounts.Mount(pool.Name, pool.Mountpoint ?? "/" + pool.Name, pool.Properties),
        ];
    }

    /// <summary>Opened, it gets its root dataset where it has none: a file system that somebody else made may be taken over.</summary>
    public IReadOnlyList<Step> ImportPool(string name, IReadOnlyList<string> disks) =>
    [
        .. OpenPool(name, disks),
        // Where making it was cut short this completes it.
        new Run(Command.Of("mv", "-T", $"{BtrfsLayout.NodeOf(name)}/{BtrfsLayout.Unfinished}", BtrfsLayout.SubvolumeOf(name))) { Tolerates = BtrfsDatasets.IsGone },
        new Run(Command.Of("btrfs", "subvolume", "create", BtrfsLayout.SubvolumeOf(name))) { Tolerates = BtrfsDatasets.IsThere },
        MakeFolder(BtrfsLayout.SnapshotsOf(name)),
    ];

    public IReadOnlyList<Step> OpenPool(string name, IReadOnlyList<string> disks)
    {
        var top = BtrfsLayout.Top(name);
        var files = disks.Where(IsFile).ToList();
        return
        [
            .. files.Select(f => new Run(Command.Of("losetup", "--find", "--nooverlap", f))),
            .. disks.Count > 1 ? [new Run(Command.Of("btrfs", "device", "scan"))] : Array.Empty<Step>(),
            new Run(Command.Of("install", "-d", "-m", "0700", BtrfsLayout.Folder, top)),
            new Run(new Command("mount", ["-t", "btrfs", "-o", files.Count > 0 ? "loop,subvolid=5,nosuid,nodev,noexec,noatime" : "subvolid=5,nosuid,nodev,noexec,noatime", disks[0], top], PoolTimeout)) { Tolerates = "already mounted" },
        ];
    }

    public LayoutVerdict Judge(PoolState pool, LayoutMove move, LayoutContext context) => BtrfsTopology.Judge(pool, move, context);

    public IReadOnlyList<Step> ChangeLayout(PoolState pool, LayoutMove move, bool force) => BtrfsTopology.Steps(pool, move, force);

    public IReadOnlyList<Step> ExpandDisk(PoolState pool, LeafState disk)
    {
        var id = pool.Vdevs.First(v => v.Disks.Contains(disk)).Name;
        var resize = new Run(Command.Of("btrfs", "filesystem", "resize", $"{id}:max", BtrfsLayout.Top(pool.Name)));
        return IsFile(disk.Path) ? [new Run(Command.Of("losetup", "-c", disk.Device)), resize] : [resize];
    }

    public IReadOnlyList<Step> SetPoolProperties(string pool, IReadOnlyDictionary<string, string> values)
    {
        var top = BtrfsLayout.Top(pool);
        var steps = new List<Step>();
        if (values.GetValueOrDefault("quotas") is { } quotas) steps.Add(new Run(Command.Of("btrfs", "quota", quotas == "on" ? "enable" : "disable", top)));
        if (values.GetValueOrDefault("autoexpand") is { } expand)
        {
            var name = BtrfsMark.OfPoolProperty("autoexpand");
            steps.Add(expand == "on" ? new SetAttributes(top, new Dictionary<string, string> { [name] = expand }, []) : new SetAttributes(top, new Dictionary<string, string>(), [name]));
        }

        return steps;
    }

    public Step Scrub(string pool) => new Run(Command.Of("btrfs", "scrub", "start", BtrfsLayout.Top(pool))) { Tolerates = "already running" };

    public Step Trim(string pool) => new Run(new Command("fstrim", [BtrfsLayout.Top(pool)], TrimTimeout));

    public IReadOnlyList<Step> CreateDataset(NewDataset dataset) =>
        BtrfsDatasets.Make(dataset.Name, ["create"], dataset.Properties, dataset.Resource, dataset.DeletionPolicy, origin: null);

    public IReadOnlyList<Step> ChangeDataset(DatasetChange change) => BtrfsDatasets.Change(change);

    public IReadOnlyList<Step> CloneSnapshot(NewClone clone) =>
    [
        .. BtrfsDatasets.Make(clone.Name, ["snapshot", BtrfsLayout.SnapshotOf(clone.Snapshot)], clone.Properties, clone.Resource, "retain", clone.Snapshot),
        .. clone.Place is null || clone.Properties.GetValueOrDefault("canmount", "on") != "on" ? [] : BtrfsMounts.Mount(clone.Name, clone.Place, clone.Properties),
    ];

    /// <summary>Its folder of snapshots goes first: where there are any, that fails, and nothing is lost. The folder of datasets below it stays where there are some.</summary>
    public IReadOnlyList<Step> DestroyClone(DatasetState clone)
    {
        var node = BtrfsLayout.NodeOf(clone.Name);
        return
        [
            .. clone.Mounted ? [new ReleaseNfs(clone.Mountpoint!), .. BtrfsMounts.Unmount(clone.Mountpoint!)] : Array.Empty<Step>(),
            new Run(Command.Of("rmdir", BtrfsLayout.SnapshotsOf(clone.Name))) { Tolerates = BtrfsDatasets.IsGone },
            new Run(Command.Of("btrfs", "subvolume", "delete", "-c", BtrfsLayout.SubvolumeOf(clone.Name))),
            new Run(Command.Of("rmdir", node)) { Tolerates = "not empty" },
            BtrfsDatasets.ForgetStaleGroups(clone.Name),
        ];
    }

    public IReadOnlyList<Step> Quarantine(DatasetState dataset) => BtrfsQuarantine.GoIn(dataset);

    public IReadOnlyList<Step> Restore(DatasetState dataset) => BtrfsQuarantine.Restore(dataset);

    public IReadOnlyList<Step> Purge(DatasetState dataset) => BtrfsQuarantine.Purge(dataset, DestroyClone(dataset));

    public IReadOnlyList<Step> Rename(DatasetRename rename)
    {
        var (before, after) = BtrfsMounts.Relocate(rename.Relocations);
        return
        [
            .. rename.State is { Mounted: true, Mountpoint: { } place } ? [new ReleaseNfs(place)] : Array.Empty<Step>(),
            .. before,
            new Run(Command.Of("mv", "-T", BtrfsLayout.NodeOf(rename.From), BtrfsLayout.NodeOf(rename.To))),
            .. after,
        ];
    }

    public IReadOnlyList<Step> Mount(MountPlace place) => [.. BtrfsMounts.Mount(place.Dataset, place.Path, place.Properties)];

    public Step LoadKey(string dataset, string secretRef, bool raw) => throw new NotSupportedException("btrfs does not encrypt; validation refuses it");

    public Step TryKey(string dataset, string secretRef, bool raw) => throw new NotSupportedException("btrfs does not encrypt; validation refuses it");

    private static bool IsFile(string disk) => !disk.StartsWith("/dev/", StringComparison.Ordinal);

    private static Run MakeFolder(string path) => new(Command.Of("mkdir", path)) { Tolerates = BtrfsDatasets.IsThere };

    private static Dictionary<string, string> WithMountpoint(NewPool pool)
    {
        var properties = pool.Properties.ToDictionary();
        if (pool.Mountpoint is not null) properties["mountpoint"] = pool.Mountpoint;
        return properties;
    }
}

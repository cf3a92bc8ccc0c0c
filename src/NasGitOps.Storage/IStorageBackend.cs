using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Steps;

namespace NasGitOps.Storage;

/// <summary>What holds a host's data: the seam between the kinds and ZFS, btrfs and what may come. Values only: probes and steps, never effects.</summary>
public interface IStorageBackend
{
    /// <summary>As a manifest's <c>backend:</c> names it.</summary>
    string Name { get; }

    /// <summary>What a person would type where something is not done by itself, or to look closer.</summary>
    IStorageHints Hints { get; }

    /// <summary>Where a mounted dataset shows its snapshots, relative to its mount point.</summary>
    string SnapshotDirectory { get; }

    ISnapshotStore Snapshots { get; }

    /// <summary>Why it cannot do something, as the end of a sentence; null where it can.</summary>
    string? Lacks(StorageFeature feature);

    IEnumerable<Probe> Probes(ObservationContext context);

    BackendFacts Read(ObservationContext context);

    /// <summary>What stands in the table of mounts and is observed only where it is declared.</summary>
    Discovery Discover(MountTable mounts) => Discovery.Nothing;

    /// <summary>Whether a mount shows a dataset, whatever its place.</summary>
    bool IsMountOf(MountEntry entry, MountTable table, string dataset);

    /// <summary>What is known of a dataset's property; null for an unknown one.</summary>
    PropertyTraits? DatasetProperty(string name);

    /// <summary>What is known of a pool's property; null for an unknown one.</summary>
    PropertyTraits? PoolProperty(string name);

    /// <summary>Names of all properties that a manifest may set.</summary>
    IEnumerable<string> DatasetProperties { get; }

    IEnumerable<string> PoolProperties { get; }

    /// <summary>Properties that a dataset takes from the manifests of those above it, where the storage itself does not hand them down.</summary>
    /// <param name="own">What its own manifest sets.</param>
    IEnumerable<string> HandedDown(IReadOnlyDictionary<string, string> own, bool isClone);

    /// <summary>Properties of one manifest that do not go together.</summary>
    IEnumerable<PropertyConflict> Conflicts(IReadOnlyDictionary<string, string> properties);

    IReadOnlyList<Step> CreatePool(NewPool pool);

    /// <summary>Makes a pool that its disks already hold usable. Where mounts are not part of it they follow when their places were checked.</summary>
    IReadOnlyList<Step> ImportPool(string name, IReadOnlyList<string> disks);

    /// <summary>Brings back a pool that every start of the host closes.</summary>
    IReadOnlyList<Step> OpenPool(string name, IReadOnlyList<string> disks);

    /// <summary>Whether a pool's layout can be changed so, and what is to be known of it.</summary>
    LayoutVerdict Judge(PoolState pool, LayoutMove move, LayoutContext context);

    /// <param name="force">Whether disks that carry something are taken.</param>
    IReadOnlyList<Step> ChangeLayout(PoolState pool, LayoutMove move, bool force);

    /// <summary>Lets the pool use all of a disk that has grown.</summary>
    IReadOnlyList<Step> ExpandDisk(PoolState pool, LeafState disk);

    IReadOnlyList<Step> SetPoolProperties(string pool, IReadOnlyDictionary<string, string> values);

    /// <summary>Starts reading and checking all data; it goes on in the background.</summary>
    Step Scrub(string pool);

    /// <summary>Tells the disks what is free.</summary>
    Step Trim(string pool);

    IReadOnlyList<Step> CreateDataset(NewDataset dataset);

    /// <summary>Sets and clears properties and the ownership mark in as few commands as the backend allows. A changed mount point mounts there.</summary>
    IReadOnlyList<Step> ChangeDataset(DatasetChange change);

    /// <summary>Makes a clone, mounted where it can be.</summary>
    IReadOnlyList<Step> CloneSnapshot(NewClone clone);

    /// <summary>Destroys one dataset that has neither children nor snapshots; fails where it has.</summary>
    IReadOnlyList<Step> DestroyClone(DatasetState clone);

    /// <summary>Takes a dataset out of use, in place: what is set on it is written down, it is unmounted, made read-only and held by a snapshot. Goes on where an earlier attempt was cut short.</summary>
    IReadOnlyList<Step> Quarantine(DatasetState dataset);

    /// <summary>Sets again what was written down, and lets go of it.</summary>
    IReadOnlyList<Step> Restore(DatasetState dataset);

    /// <summary>Destroys one dataset in quarantine with its snapshots; fails where something is below it or was cloned of it.</summary>
    IReadOnlyList<Step> Purge(DatasetState dataset);

    /// <summary>Renames with snapshots and children; what was mounted is mounted at its new place.</summary>
    IReadOnlyList<Step> Rename(DatasetRename rename);

    IReadOnlyList<Step> Mount(MountPlace place);

    Step LoadKey(string dataset, string secretRef, bool raw);

    /// <summary>Tries a key without loading it; fails with reason <c>KeyMismatch</c>.</summary>
    Step TryKey(string dataset, string secretRef, bool raw);
}

/// <param name="Pools">Names of pools of ours.</param>
/// <param name="Strangers">Places of file systems that are not laid out as pools.</param>
public sealed record Discovery(IReadOnlyList<string> Pools, IReadOnlyList<string> Strangers)
{
    public static Discovery Nothing { get; } = new([], []);
}

/// <summary>What not every backend can do.</summary>
public enum StorageFeature
{
    /// <summary>Pools laid out as vdevs.</summary>
    Vdevs,

    /// <summary>Pools laid out as devices with profiles.</summary>
    Devices,

    Volumes,
    Encryption,
    Reservations,
    AccountQuotas,

    /// <summary>A quota that counts a dataset with its snapshots and all below it.</summary>
    TreeQuotas,

    /// <summary>Snapshots of several datasets at one instant.</summary>
    AtomicSnapshots,

    LegacyMounts,

    /// <summary>Pools that the host itself makes usable at every start.</summary>
    OpeningAtStart,
}

/// <summary>Commands for people, in the words of the storage.</summary>
public interface IStorageHints
{
    /// <summary>Where properties are explained, as <c>zfsprops(7)</c>.</summary>
    string PropertyPage { get; }

    string PoolStatus(string pool);

    string ClearErrors(string pool);

    string ChangeLayout(string pool);

    /// <summary>What ends the replacement of a disk that has not ended yet; the old one stays.</summary>
    string StopReplacing(string pool, string successor);

    /// <summary>What changes a property of a pool that is fixed at creation as far as this product goes; null where nothing can.</summary>
    string? Convert(string pool, string property, string value);

    string Rename(string from, string to);

    string Destroy(string dataset);

    string Differences(string? origin, string clone);
}

/// <param name="Property">The one to take out.</param>
public sealed record PropertyConflict(string Property, string Message, string WayOut);

/// <summary>What validation, comparison and the plan's notes must know of a property.</summary>
/// <param name="Complaint">Null for a legal value, else what would be.</param>
/// <param name="Canonical">The value as the backend tells it.</param>
public sealed record PropertyTraits(
    string Name, bool CreateOnly, bool NewDataOnly, bool Inheritable, bool Disruptive, string? OwnField, bool IsSwitch, Func<string, string?> Complaint, Func<string, string> Canonical)
{
    /// <summary>What one that is not inherited reads when nobody sets it, where that is neither <c>0</c> nor <c>none</c>.</summary>
    public string? Unset { get; init; }
}

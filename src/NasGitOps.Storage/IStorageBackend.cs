using NasGitOps.Core.Observation;
using NasGitOps.Core.Steps;

namespace NasGitOps.Storage;

/// <summary>What holds a host's data: the seam between the kinds and ZFS, btrfs and what may come. Values only: probes and steps, never effects.</summary>
public interface IStorageBackend
{
    /// <summary>As a manifest's <c>backend:</c> names it.</summary>
    string Name { get; }

    IEnumerable<Probe> Probes(ObservationContext context);

    ISnapshotStore Snapshots { get; }

    StorageFacts Read(ObservationContext context);

    /// <summary>What is known of a dataset's property; null for an unknown one.</summary>
    PropertyTraits? DatasetProperty(string name);

    /// <summary>What is known of a pool's property; null for an unknown one.</summary>
    PropertyTraits? PoolProperty(string name);

    /// <summary>Names of all properties that a manifest may set.</summary>
    IEnumerable<string> DatasetProperties { get; }

    IEnumerable<string> PoolProperties { get; }

    IReadOnlyList<Step> CreatePool(NewPool pool);

    /// <summary>Imports without mounting; mounts follow when their places were checked.</summary>
    IReadOnlyList<Step> ImportPool(string name, IReadOnlyList<string> disks);

    IReadOnlyList<Step> AddVdev(string pool, VdevLayout vdev);

    IReadOnlyList<Step> SetPoolProperties(string pool, IReadOnlyDictionary<string, string> values);

    /// <summary>Starts reading and checking all data; it goes on in the background.</summary>
    Step Scrub(string pool);

    /// <summary>Starts telling the disks what is free; it goes on in the background.</summary>
    Step Trim(string pool);

    IReadOnlyList<Step> CreateDataset(NewDataset dataset);

    /// <summary>Sets and clears properties and the ownership mark in as few commands as the backend allows.</summary>
    IReadOnlyList<Step> ChangeDataset(DatasetChange change);

    /// <summary>Makes a clone, mounted where it can be.</summary>
    IReadOnlyList<Step> CloneSnapshot(NewClone clone);

    /// <summary>Destroys one dataset that has neither children nor snapshots; fails where it has.</summary>
    /// <param name="mountedAt">Where it is mounted now; null when it is not.</param>
    IReadOnlyList<Step> DestroyClone(string name, string? mountedAt);

    /// <param name="mountedAt">Where it is mounted now; null when it is not.</param>
    IReadOnlyList<Step> Rename(string from, string to, string? mountedAt);

    Step Mount(string dataset);

    Step LoadKey(string dataset, string secretRef, bool raw);

    /// <summary>Tries a key without loading it; fails with reason <c>KeyMismatch</c>.</summary>
    Step TryKey(string dataset, string secretRef, bool raw);
}

/// <summary>What validation, comparison and the plan's notes must know of a property.</summary>
/// <param name="Complaint">Null for a legal value, else what would be.</param>
/// <param name="Canonical">The value as the backend tells it.</param>
public sealed record PropertyTraits(
    string Name, bool CreateOnly, bool NewDataOnly, bool Inheritable, bool Disruptive, string? OwnField, bool IsSwitch, Func<string, string?> Complaint, Func<string, string> Canonical)
{
    /// <summary>What one that is not inherited reads when nobody sets it, where that is neither <c>0</c> nor <c>none</c>.</summary>
    public string? Unset { get; init; }
}

/// <summary>A top-level vdev as a manifest names it.</summary>
/// <param name="Type"><c>stripe</c>, <c>mirror</c>, <c>raidz1</c>…</param>
/// <param name="Class"><c>data</c>, <c>special</c>, <c>log</c>, <c>cache</c>, <c>spare</c>, <c>dedup</c>.</param>
public sealed record VdevLayout(string Type, string Class, IReadOnlyList<string> Disks);

/// <summary>A pool to make.</summary>
/// <param name="Properties">Of its root dataset.</param>
/// <param name="Resource">Whose mark it gets.</param>
/// <param name="Force">Overwrite what the disks carry, as an approval said.</param>
public sealed record NewPool(
    string Name,
    IReadOnlyList<VdevLayout> Vdevs,
    IReadOnlyDictionary<string, string> Options,
    IReadOnlyDictionary<string, string> Properties,
    string? Mountpoint,
    string Resource,
    bool Force);

/// <summary>A dataset to make, unmounted.</summary>
/// <param name="VolumeSize">Bytes, exact; null for a filesystem.</param>
public sealed record NewDataset(
    string Name, string? VolumeSize, bool Sparse, IReadOnlyDictionary<string, string> Properties, EncryptionKey? Encryption, string Resource, string DeletionPolicy);

/// <param name="Snapshot">Full name, with <c>@</c>.</param>
/// <param name="Resource">Whose mark it gets.</param>
public sealed record NewClone(string Name, string Snapshot, IReadOnlyDictionary<string, string> Properties, string Resource);

/// <param name="Format"><c>passphrase</c>, <c>hex</c> or <c>raw</c>.</param>
public sealed record EncryptionKey(string Algorithm, string Format, string SecretRef);

/// <param name="Set">Property to value.</param>
/// <param name="Clear">Properties to give back: inherited again, or <c>none</c>.</param>
/// <param name="Mark">The mark it carries afterwards; null leaves it.</param>
/// <param name="MountedAt">Where it is mounted now; null when it is not.</param>
public sealed record DatasetChange(string Name, IReadOnlyDictionary<string, string> Set, IReadOnlyList<string> Clear, Mark? Mark, string? MountedAt = null);

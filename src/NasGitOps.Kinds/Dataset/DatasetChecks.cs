using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Dataset;

/// <summary>Rules of a Dataset manifest beyond its schema.</summary>
internal static class DatasetChecks
{
    private const ulong DefaultVolumeBlock = 16 * 1024;

    public static IEnumerable<ManifestProblem> Check(StorageSystem storage, Manifest manifest, DatasetSpec spec, ManifestSet manifests)
    {
        if (!spec.Name.Contains('/', StringComparison.Ordinal))
        {
            yield return manifest.Problem("metadata.name", $"'{spec.Name}' is a pool's root dataset", "the Pool manifest describes it; a Dataset is named pool/name");
            yield break;
        }

        var backend = storage.Of(spec.Name, manifests);
        // Source: zfs(8), ZFS_MAX_DATASET_NAME_LEN; room is left for '@' and a snapshot's name.
        if (spec.Name.Length > 200) yield return manifest.Problem("metadata.name", $"the name has {spec.Name.Length} characters", "use at most 200, so that snapshots can be named too");

        foreach (var problem in DatasetParent.Check(manifest, spec.Name, manifests)) yield return problem;
        foreach (var problem in Features(manifest, spec, manifests, backend)) yield return problem;
        foreach (var problem in Volume(manifest, spec)) yield return problem;
        if (spec.DeletionPolicy.KeepFor is { } keepFor && keepFor < TimeSpan.FromDays(1))
        {
            yield return manifest.Problem("spec.quarantine.keepFor", $"{Duration.Format(keepFor)} is short: after that time what was deleted is destroyed", "write some days, as 14d", Severity.Warning);
        }

        foreach (var problem in Sizes(manifest, spec, manifests)) yield return problem;
        foreach (var problem in PropertyChecks.Check(manifest, spec.Properties, backend, storage)) yield return problem;
        if (spec.IsFilesystem)
        {
            foreach (var problem in MountpointChecks.Check(manifest, spec, manifests, backend)) yield return problem;
        }

        foreach (var problem in Directories(manifest, spec, backend)) yield return problem;
        if (spec.MovedFrom is { } from)
        {
            if (from.Split('/')[0] != spec.Name.Split('/')[0])
            {
                yield return manifest.Problem("spec.movedFrom", $"{from} is in another pool", "a rename stays in its pool; copy the data with zfs send instead");
            }
            else if (from == spec.Name || DatasetPaths.IsBelow(spec.Name, from) || !from.Contains('/', StringComparison.Ordinal))
            {
                yield return manifest.Problem("spec.movedFrom", $"{from} cannot become {spec.Name}", "name the dataset's old name");
            }
        }
    }

    /// <summary>What the pool's backend cannot do is said where it is written.</summary>
    private static IEnumerable<ManifestProblem> Features(Manifest manifest, DatasetSpec spec, ManifestSet manifests, IStorageBackend backend)
    {
        if (!spec.IsFilesystem && backend.Lacks(StorageFeature.Volumes) is { } volumes) yield return manifest.Problem("spec.type", volumes, "use a file in a dataset with nocow on, or a pool on ZFS");
        if (spec.Encryption is not null && backend.Lacks(StorageFeature.Encryption) is { } encryption) yield return manifest.Problem("spec.encryption", encryption, "encrypt the disks below it with LUKS, or use a pool on ZFS");
        foreach (var name in new[] { "reservation", "refreservation" }.Where(spec.Own.ContainsKey))
        {
            if (backend.Lacks(StorageFeature.Reservations) is { } reservations) yield return manifest.Problem($"spec.{name}", reservations, "limit the other datasets with quota, or use a pool on ZFS");
        }

        if (Size(spec, "quota") is not null && backend.Lacks(StorageFeature.TreeQuotas) is { } own && manifests.All.FirstOrDefault(m => m.Spec is IMountable below && DatasetPaths.IsBelow(below.DatasetName, spec.Name)) is { } child)
        {
            yield return manifest.Problem("spec.quota", $"{own}: {child.Id} ({child.Provenance}) does not count, nor do snapshots", "give each a refquota of its own", Severity.Warning);
        }

        foreach (var (prefix, field) in new[] { ("userquota@", "userQuotas"), ("groupquota@", "groupQuotas") })
        {
            if (spec.Own.Keys.Any(k => k.StartsWith(prefix, StringComparison.Ordinal)) && backend.Lacks(StorageFeature.AccountQuotas) is { } quotas) yield return manifest.Problem($"spec.{field}", quotas, "give each a dataset of its own with refquota, or use a pool on ZFS");
        }
    }

    private static IEnumerable<ManifestProblem> Volume(Manifest manifest, DatasetSpec spec)
    {
        if (spec.IsFilesystem)
        {
            if (spec.VolumeSize is not null || spec.Sparse) yield return manifest.Problem("spec.type", "volumeSize and sparse are for volumes", "say type: volume, or use quota");
            yield break;
        }

        if (spec.VolumeSize is null)
        {
            yield return manifest.Problem("spec.type", "a volume needs its size", "write volumeSize: 100GiB");
        }
        else if (ByteSize.TryParse(spec.VolumeSize, out var size))
        {
            var block = ByteSize.TryParse(spec.Properties.GetValueOrDefault("volblocksize", ""), out var wanted) && wanted.Bytes > 0 ? wanted.Bytes : DefaultVolumeBlock;
            if (size.Bytes == 0 || size.Bytes % block != 0)
            {
                yield return manifest.Problem("spec.volumeSize", $"{size.Bytes} bytes is no multiple of the volume's block size ({block})", $"write {(size.Bytes / block) + 1} × {block} = {((size.Bytes / block) + 1) * block}");
            }
        }

        if (spec.Mountpoint is not null || spec.Permissions is not null || spec.Directories.Count > 0)
        {
            yield return manifest.Problem("spec.type", "a volume is a block device: it has no mountpoint, permissions or directories", "take them out, or say type: filesystem");
        }

        foreach (var name in new[] { "quota", "refquota" }.Where(spec.Own.ContainsKey))
        {
            yield return manifest.Problem($"spec.{name}", $"a volume has no {name}", "its volumeSize is its limit");
        }
    }

    private static IEnumerable<ManifestProblem> Sizes(Manifest manifest, DatasetSpec spec, ManifestSet manifests)
    {
        var quota = Size(spec, "quota");
        foreach (var name in new[] { "refquota", "reservation", "refreservation" })
        {
            if (quota is { } limit && Size(spec, name) is { } size && size.Bytes > limit.Bytes)
            {
                yield return manifest.Problem($"spec.{name}", $"{name} {size} is more than the quota {limit}", "raise the quota or lower it");
            }
        }

        foreach (var parent in DatasetPaths.SelfAndParents(spec.Name).Skip(1))
        {
            if (manifests.Find(new ResourceId("Dataset", parent))?.Spec is not DatasetSpec above || Size(above, "quota") is not { } limit) continue;
            foreach (var name in new[] { "reservation", "refreservation" })
            {
                if (Size(spec, name) is { } size && size.Bytes > limit.Bytes)
                {
                    yield return manifest.Problem($"spec.{name}", $"{name} {size} does not fit into the quota {limit} of {parent}", "raise that quota or lower this");
                }
            }
        }
    }

    private static ByteSize? Size(DatasetSpec spec, string name) =>
        spec.Own.TryGetValue(name, out var text) && ByteSize.TryParse(text, out var size) && size.Bytes > 0 ? size : null;

    private static IEnumerable<ManifestProblem> Directories(Manifest manifest, DatasetSpec spec, IStorageBackend backend)
    {
        var seen = new HashSet<string>();
        for (var i = 0; i < spec.Directories.Count; i++)
        {
            var path = spec.Directories[i].Path;
            var field = $"spec.directories[{i}].path";
            if (!MountpointChecks.IsPlainPath("/" + path)) yield return manifest.Problem(field, $"'{path}' is no plain relative path", "write a path below the mount root, without '.' and '..'");
            else if (path.Split('/')[0] == backend.SnapshotDirectory.Split('/')[0]) yield return manifest.Problem(field, $"{path.Split('/')[0]} is where {backend.Name} shows snapshots", "choose another name");
            if (!seen.Add(path)) yield return manifest.Problem(field, $"'{path}' stands here twice", "name each directory once");
        }
    }
}

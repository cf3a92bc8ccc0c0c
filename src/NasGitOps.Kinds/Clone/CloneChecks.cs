using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Clone;

/// <summary>Rules of a clone beyond its schema.</summary>
internal static class CloneChecks
{
    public static IEnumerable<ManifestProblem> Check(StorageSystem storage, Manifest manifest, CloneSpec spec, ManifestSet manifests)
    {
        var backend = storage.Of(spec.Name, manifests);
        if (!spec.Name.Contains('/', StringComparison.Ordinal))
        {
            yield return manifest.Problem("metadata.name", $"'{spec.Name}' is a pool's root dataset", "a clone is named pool/name");
            yield break;
        }

        if (spec.Name.Split('/')[0] != spec.Source.Split('/')[0])
        {
            yield return manifest.Problem("spec.from.dataset", $"{spec.Source} is in another pool than {spec.Name}", "a clone shares its blocks with its snapshot and lies in the same pool");
        }

        foreach (var problem in DatasetParent.Check(manifest, spec.Name, manifests)) yield return problem;
        if (spec.Name == spec.Source || DatasetPaths.IsBelow(spec.Source, spec.Name)) yield return manifest.Problem("metadata.name", $"{spec.Source} cannot be cloned to {spec.Name}", "choose another name");
        var ways = (spec.Snapshot is null ? 0 : 1) + (spec.Latest ? 1 : 0) + (spec.Before is null ? 0 : 1);
        if (ways != 1) yield return manifest.Problem("spec.from", ways == 0 ? "it does not say of which snapshot" : "it says more than once of which snapshot", "write one of snapshot, latest: true, before");
        if (manifests.FindDataset(spec.Source)?.Spec is IMountable { IsFilesystem: false }) yield return manifest.Problem("spec.from.dataset", $"{spec.Source} is a volume", "clone it by hand; this version clones filesystems");
        if (manifests.All.FirstOrDefault(m => m.Id != manifest.Id && (m.Spec as IMountable)?.DatasetName == spec.Name) is { } twin)
        {
            yield return manifest.Problem("metadata.name", $"{twin.Id} ({twin.Provenance}) declares {spec.Name} too", "choose another name for the clone");
        }

        if (spec.Properties.ContainsKey("mountpoint")) yield return manifest.Problem("spec.properties.mountpoint", "a clone is mounted below its parent", "name it where it shall be seen");
        var others = spec.Properties.Where(p => p.Key != "mountpoint").ToDictionary();
        foreach (var problem in PropertyChecks.Check(manifest, others, backend, storage)) yield return problem;
        foreach (var fixedProperty in others.Keys.Where(p => backend.DatasetProperty(p) is { CreateOnly: true }))
        {
            yield return manifest.Problem($"spec.properties.{fixedProperty}", $"{fixedProperty} is that of the snapshot", "take it out");
        }

        foreach (var problem in MountpointChecks.Check(manifest, spec, manifests, backend)) yield return problem;
    }
}

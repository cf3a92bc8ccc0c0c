using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Pool;

/// <summary>Rules of a Pool manifest beyond its schema.</summary>
internal static class PoolChecks
{
    // Source: zpoolconcepts(7); names that zpool create refuses.
    private static readonly string[] Reserved = ["mirror", "raidz", "draid", "spare", "log", "cache", "special", "dedup"];

    public static IEnumerable<ManifestProblem> Check(StorageSystem storage, Manifest manifest, PoolSpec spec, ManifestSet manifests)
    {
        var backend = storage.Of(spec.Name, manifests);
        if (Reserved.Any(r => spec.Name.StartsWith(r, StringComparison.Ordinal)) || !char.IsAsciiLetter(spec.Name[0]) || spec.Name.Contains('/', StringComparison.Ordinal))
        {
            yield return manifest.Problem("metadata.name", $"'{spec.Name}' is no name for a pool", $"begin with a letter, not with {string.Join(", ", Reserved)}, and use no slash");
        }

        foreach (var problem in Layout(manifest, spec, manifests, backend)) yield return problem;
        foreach (var problem in Vdevs(manifest, spec)) yield return problem;
        foreach (var problem in Disks(manifest, spec, manifests)) yield return problem;
        foreach (var problem in PropertyChecks.CheckOptions(manifest, spec.Options.Where(o => backend.PoolProperty(o.Key)?.OwnField is null && !IsProfile(o.Key)).ToDictionary(), backend, storage)) yield return problem;
        foreach (var problem in PropertyChecks.Check(manifest, spec.Properties, backend, storage)) yield return problem;
        foreach (var problem in MountpointChecks.Check(manifest, spec, manifests, backend)) yield return problem;
    }

    private static bool IsLimited(IPropertyHolder holder) => new[] { "quota", "refquota" }.Any(q => ByteSize.TryParse(holder.DatasetProperties.GetValueOrDefault(q, ""), out var size) && size.Bytes > 0);

    private static bool IsProfile(string option) => option is "dataProfile" or "metadataProfile";

    /// <summary>Disks are written as the backend lays them out. Source of the smallest numbers: mkfs.btrfs(8).</summary>
    private static IEnumerable<ManifestProblem> Layout(Manifest manifest, PoolSpec spec, ManifestSet manifests, IStorageBackend backend)
    {
        if (spec.HasVdevs && backend.Lacks(StorageFeature.Vdevs) is { } noVdevs) yield return manifest.Problem("spec.vdevs", noVdevs, "write devices: [/dev/disk/by-id/…], with dataProfile and metadataProfile");
        if (backend.Lacks(StorageFeature.Devices) is { } noDevices)
        {
            if (spec.HasDevices) yield return manifest.Problem("spec.devices", noDevices, "write vdevs: [{type: mirror, disks: […]}], or say backend: btrfs");
            foreach (var profile in spec.Options.Keys.Where(IsProfile)) yield return manifest.Problem($"spec.{profile}", noDevices, "take it out, or say backend: btrfs");
            yield break;
        }

        foreach (var (field, profile) in spec.Options.Where(o => IsProfile(o.Key)))
        {
            var least = profile switch { "raid0" or "raid1" or "raid10" => 2, "raid1c3" => 3, _ => 1 };
            if (spec.Vdevs.Count > 0 && spec.Vdevs.Count < least) yield return manifest.Problem($"spec.{field}", $"{profile} needs at least {least} devices, here are {spec.Vdevs.Count}", "name more devices or choose another profile");
        }

        if (spec.Options.GetValueOrDefault("quotas") == "off" && manifests.All.FirstOrDefault(m => m.Spec is IPropertyHolder holder && DatasetPaths.IsBelow(holder.DatasetName, spec.Name) && IsLimited(holder)) is { } limited)
        {
            yield return manifest.Problem("spec.options.quotas", $"{limited.Id} ({limited.Provenance}) has a quota, which needs them", "write \"on\", or take the option out");
        }

        if (spec.Properties.GetValueOrDefault("nocow") == "on") yield return manifest.Problem("spec.properties.nocow", "it would hold for the root dataset alone", "set it on the Dataset that needs it");
    }

    private static IEnumerable<ManifestProblem> Vdevs(Manifest manifest, PoolSpec spec)
    {
        for (var i = 0; i < spec.Vdevs.Count; i++)
        {
            var vdev = spec.Vdevs[i];
            var minimum = vdev.Type switch { "mirror" => 2, "raidz1" => 2, "raidz2" => 3, "raidz3" => 4, "stripe" => 1, _ => 2 };
            if (vdev.Disks.Count < minimum)
            {
                yield return manifest.Problem("spec.vdevs", $"a {vdev.Type} needs at least {minimum} disks, here are {vdev.Disks.Count}", "name more disks or choose another type");
            }
        }

        if (spec.Vdevs.Count > 0 && spec.Vdevs.All(v => v.Class != "data"))
        {
            yield return manifest.Problem("spec.vdevs", "no vdev holds data", "give one vdev the class data (the default)");
        }
    }

    private static IEnumerable<ManifestProblem> Disks(Manifest manifest, PoolSpec spec, ManifestSet manifests)
    {
        var field = spec.HasDevices ? "spec.devices" : "spec.vdevs";
        var others = manifests.OfSpec<PoolSpec>()
            .Where(p => p.Manifest.Id.CompareTo(manifest.Id) < 0)
            .SelectMany(p => p.Spec.DiskPaths.Select(d => (Path: d, p.Manifest)))
            .ToLookup(d => d.Path, d => d.Manifest);
        var seen = new HashSet<string>();
        foreach (var path in spec.DiskPaths)
        {
            if (!path.StartsWith('/') || path.Split('/').Any(part => part is "." or "..") || path.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
            {
                yield return manifest.Problem(field, $"'{path}' is no path of a disk", "write /dev/disk/by-id/…");
            }
            else if (!path.StartsWith("/dev/", StringComparison.Ordinal) && !spec.AllowFileVdevs)
            {
                yield return manifest.Problem(field, $"{path} is a file, not a disk", "write /dev/disk/by-id/…, or say allowFileVdevs: true for a lab");
            }

            if (!seen.Add(path)) yield return manifest.Problem(field, $"disk {path} stands here twice", "name each disk once");
            if (others[path].FirstOrDefault() is { } other)
            {
                yield return manifest.Problem(field, $"disk {path} is also in {other.Id} ({other.Provenance})", "a disk is in one pool only");
            }
        }
    }
}

using NasGitOps.Core.Manifests;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Pool;

/// <summary>Rules of a Pool manifest beyond its schema.</summary>
internal static class PoolChecks
{
    // Source: zpoolconcepts(7); names that zpool create refuses.
    private static readonly string[] Reserved = ["mirror", "raidz", "draid", "spare", "log", "cache", "special", "dedup"];

    public static IEnumerable<ManifestProblem> Check(IStorageBackend backend, Manifest manifest, PoolSpec spec, ManifestSet manifests)
    {
        if (Reserved.Any(r => spec.Name.StartsWith(r, StringComparison.Ordinal)) || !char.IsAsciiLetter(spec.Name[0]) || spec.Name.Contains('/', StringComparison.Ordinal))
        {
            yield return manifest.Problem("metadata.name", $"'{spec.Name}' is no name for a pool", $"begin with a letter, not with {string.Join(", ", Reserved)}, and use no slash");
        }

        foreach (var problem in Vdevs(manifest, spec)) yield return problem;
        foreach (var problem in Disks(manifest, spec, manifests)) yield return problem;
        foreach (var problem in PropertyChecks.Check(manifest, "spec.options", spec.Options, backend.PoolProperty, backend.PoolProperties)) yield return problem;
        foreach (var problem in PropertyChecks.Check(manifest, "spec.properties", spec.Properties, backend.DatasetProperty, backend.DatasetProperties)) yield return problem;
        foreach (var problem in MountpointChecks.Check(manifest, spec, manifests)) yield return problem;
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
        var others = manifests.OfSpec<PoolSpec>()
            .Where(p => p.Manifest.Id.CompareTo(manifest.Id) < 0)
            .SelectMany(p => p.Spec.DiskPaths.Select(d => (Path: d, p.Manifest)))
            .ToLookup(d => d.Path, d => d.Manifest);
        var seen = new HashSet<string>();
        foreach (var path in spec.DiskPaths)
        {
            if (!path.StartsWith('/') || path.Split('/').Any(part => part is "." or "..") || path.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
            {
                yield return manifest.Problem("spec.vdevs", $"'{path}' is no path of a disk", "write /dev/disk/by-id/…");
            }
            else if (!path.StartsWith("/dev/", StringComparison.Ordinal) && !spec.AllowFileVdevs)
            {
                yield return manifest.Problem("spec.vdevs", $"{path} is a file, not a disk", "write /dev/disk/by-id/…, or say allowFileVdevs: true for a lab");
            }

            if (!seen.Add(path)) yield return manifest.Problem("spec.vdevs", $"disk {path} stands here twice", "a disk is in one vdev only");
            if (others[path].FirstOrDefault() is { } other)
            {
                yield return manifest.Problem("spec.vdevs", $"disk {path} is also in {other.Id} ({other.Provenance})", "a disk is in one pool only");
            }
        }
    }
}

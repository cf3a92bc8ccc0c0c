using System.Runtime.CompilerServices;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;

namespace NasGitOps.Storage;

/// <summary>Mount points are absolute, plain, outside of system directories, and used once.</summary>
public static class MountpointChecks
{
    private static readonly string[] System =
    [
        "/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/lost+found", "/proc", "/root", "/run", "/sbin", "/sys", "/tmp", "/usr", "/var",
    ];

    private static readonly string[] SystemItself = ["/", "/home", "/media", "/mnt", "/opt", "/srv"];

    // Every mount point of a set once, not once for each manifest.
    private static readonly ConditionalWeakTable<ManifestSet, ILookup<string, Manifest>> ByMountpoint = [];

    public static IEnumerable<ManifestProblem> Check(Manifest manifest, IMountable spec, ManifestSet manifests, IStorageBackend backend)
    {
        if (spec.Mountpoint == "legacy" && backend.Lacks(StorageFeature.LegacyMounts) is { } why) yield return manifest.Problem("spec.mountpoint", why, "write none, or a path");
        if (spec.Mountpoint is { } written && written is not ("none" or "legacy"))
        {
            if (!IsPlainPath(written))
            {
                yield return manifest.Problem("spec.mountpoint", $"'{written}' is no plain absolute path", "write /srv/name, without '.', '..', doubled or trailing slashes and control characters");
                yield break;
            }

            if (SystemItself.Contains(written) || Array.Exists(System, s => written == s || written.StartsWith(s + "/", StringComparison.Ordinal)))
            {
                yield return manifest.Problem("spec.mountpoint", $"{written} belongs to the system", "choose a place below /srv, /mnt or of its own, such as /tank");
                yield break;
            }
        }

        if (DatasetPaths.Mountpoint(spec.DatasetName, manifests, null) is not { } path) yield break;
        var twin = ByMountpoint.GetValue(manifests, Index)[path].First();
        if (twin.Id != manifest.Id) yield return manifest.Problem("spec.mountpoint", $"{path} is also the mount point of {twin.Id} ({twin.Provenance})", "give one of them another mountpoint");
    }

    private static ILookup<string, Manifest> Index(ManifestSet manifests) =>
        manifests.All.Where(m => m.Spec is IMountable).ToLookup(m => DatasetPaths.Mountpoint(((IMountable)m.Spec).DatasetName, manifests, null) ?? "");

    /// <summary>Absolute, no <c>.</c>/<c>..</c> or empty parts, no control characters.</summary>
    public static bool IsPlainPath(string path) =>
        path.Length > 1 && path[0] == '/' && !path.Any(char.IsControl) && path[1..].Split('/').All(part => part.Length > 0 && part is not ("." or ".."));
}

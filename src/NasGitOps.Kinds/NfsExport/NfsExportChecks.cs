using System.Runtime.CompilerServices;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;

namespace NasGitOps.Kinds.NfsExport;

/// <summary>Rules of an export that the schema cannot say.</summary>
internal static class NfsExportChecks
{
    // The places of a set's exports once, not once for each of them.
    private static readonly ConditionalWeakTable<ManifestSet, ILookup<string, (Manifest Manifest, NfsExportSpec Spec)>> ByPath = [];

    public static IEnumerable<ManifestProblem> Check(Manifest manifest, NfsExportSpec spec, ManifestSet manifests) =>
        Place(manifest, spec, manifests).Concat(Clients(manifest, spec)).Concat(Options(manifest, spec)).Concat(Twins(manifest, spec, manifests));

    private static IEnumerable<ManifestProblem> Place(Manifest manifest, NfsExportSpec spec, ManifestSet manifests)
    {
        if (spec.Dataset is null == spec.Path is null)
        {
            yield return manifest.Problem(
                spec.Path is null ? "spec" : "spec.path", "an export has either a dataset or a path", "write dataset: (with subpath: for a directory below it), or path:");
            yield break;
        }

        if (spec.Path is not null && spec.Subpath is not null) yield return manifest.Problem("spec.subpath", "subpath goes with dataset, not with path", "write the whole path in path:");
        if (spec.Path is { } path && !IsClean(path)) yield return manifest.Problem("spec.path", $"'{path}' is no clean absolute path", "begin with '/', without '.', '..', empty parts or control characters");
        if (spec.Subpath is { } subpath && !IsClean("/" + subpath)) yield return manifest.Problem("spec.subpath", $"'{subpath}' does not stay below the dataset", "write a relative path without '.', '..' or empty parts");
        if (spec.Dataset is { } dataset && manifests.FindDataset(dataset) is null) yield break; // An undeclared dataset is told as a reference.
        if (ExportPlace.Find(spec, manifests, observed: null) is not { } place)
        {
            yield return spec.Dataset is not null
                ? manifest.Problem("spec.dataset", $"dataset '{spec.Dataset}' has no mount point (a volume, or mountpoint none or legacy)", "export a mounted filesystem")
                : manifest.Problem("spec.path", $"'{spec.Path}' is on no declared dataset", "declare the dataset that holds it, or export one that is declared");
        }
        else if (place.Subpath.Length > 0 && !ExportText.IsPlainPath(place.Root))
        {
            yield return manifest.Problem(
                spec.Dataset is null ? "spec.path" : "spec.subpath",
                $"the mount point '{place.Root}' holds characters that the kernel's export table cannot carry for a directory below it",
                "export the dataset itself, or give it a mountpoint of letters, digits and / . _ - + : @");
        }
    }

    private static IEnumerable<ManifestProblem> Clients(Manifest manifest, NfsExportSpec spec)
    {
        var seen = new HashSet<string>();
        for (var i = 0; i < spec.Clients.Count; i++)
        {
            var client = spec.Clients[i];
            var field = $"spec.clients[{i}]";
            if (ClientHost.Canonical(client.Host) is not { } host)
            {
                yield return manifest.Problem($"{field}.host", $"'{client.Host}' is no client", ClientHost.LegalForms);
                continue;
            }

            if (!seen.Add(host)) yield return manifest.Problem($"{field}.host", $"'{host}' is named twice", "give each client once; only the first would count");
            if (ClientHost.IsEveryone(host) && client.Writable && !spec.Public)
            {
                yield return manifest.Problem($"{field}.access", $"'{host}' with rw lets every host write", "name the networks that need it, or say public: true if it is meant");
            }
        }
    }

    private static IEnumerable<ManifestProblem> Options(Manifest manifest, NfsExportSpec spec) =>
        spec.Options.Where(o => !ExportOptions.Allowed.ContainsKey(o)).Select(o => manifest.Problem("spec.options", $"option '{o}' is refused", ExportOptions.WhyNot(o)));

    /// <summary>Of two lines with the same path and client, only the first file's counts.</summary>
    private static IEnumerable<ManifestProblem> Twins(Manifest manifest, NfsExportSpec spec, ManifestSet manifests)
    {
        if (ExportPlace.Find(spec, manifests, observed: null)?.Path is not { } path) yield break;
        foreach (var (other, otherSpec) in ByPath.GetValue(manifests, Index)[path].Where(o => o.Manifest.Id.CompareTo(manifest.Id) < 0))
        {
            for (var i = 0; i < spec.Clients.Count; i++)
            {
                if (otherSpec.Clients.All(c => c.Host != spec.Clients[i].Host)) continue;
                yield return manifest.Problem($"spec.clients[{i}].host", $"{path} is exported to '{spec.Clients[i].Host}' by {other.Id} too ({other.Provenance})", "name it in one of them");
            }
        }
    }

    private static ILookup<string, (Manifest Manifest, NfsExportSpec Spec)> Index(ManifestSet manifests) =>
        manifests.OfSpec<NfsExportSpec>().ToLookup(m => ExportPlace.Find(m.Spec, manifests, observed: null)?.Path ?? "");

    private static bool IsClean(string path) =>
        path.StartsWith('/') && !path.Any(char.IsControl) && (path == "/" || path[1..].Split('/').All(part => part is not ("" or "." or "..")));
}

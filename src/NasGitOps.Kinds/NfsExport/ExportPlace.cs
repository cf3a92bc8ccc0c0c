using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;

namespace NasGitOps.Kinds.NfsExport;

/// <summary>Where an export is: a directory of a dataset that is, or will be, mounted.</summary>
/// <param name="Subpath">Below the mount root; empty for the root itself.</param>
/// <param name="Root">The dataset's mount point.</param>
internal sealed record ExportPlace(string Dataset, string Subpath, string Root)
{
    public string Path => Subpath.Length == 0 ? Root : $"{Root.TrimEnd('/')}/{Subpath}";

    /// <returns>Null where the manifests (and the host, where it is known) give no such place.</returns>
    public static ExportPlace? Find(NfsExportSpec spec, ManifestSet manifests, Observed? observed)
    {
        if (spec.Dataset is { } dataset)
        {
            return DatasetPaths.Mountpoint(dataset, manifests, observed) is { } root ? new ExportPlace(dataset, spec.Subpath ?? "", root) : null;
        }

        var path = spec.Path ?? "";
        return manifests.All
            .Select(m => m.Spec)
            .OfType<IMountable>()
            .Where(m => m.IsFilesystem)
            .Select(m => (m.DatasetName, Root: DatasetPaths.Mountpoint(m.DatasetName, manifests, observed)))
            .Where(m => m.Root is not null && (m.Root == path || path.StartsWith(m.Root.TrimEnd('/') + "/", StringComparison.Ordinal)))
            .OrderByDescending(m => m.Root!.Length)
            .ThenBy(m => m.DatasetName, StringComparer.Ordinal)
            .Select(m => new ExportPlace(m.DatasetName, path[m.Root!.TrimEnd('/').Length..].Trim('/'), m.Root))
            .FirstOrDefault();
    }
}

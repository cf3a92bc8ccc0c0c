using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;

namespace NasGitOps.Core.Planning;

/// <summary>Where datasets are, or will be once the plan is applied, in the host's tree of directories.</summary>
public static class DatasetPaths
{
    /// <summary>The effective mount point: declared, else set on the host, else inherited from the parent; null for none, legacy and volumes.</summary>
    public static string? Mountpoint(string dataset, ManifestSet manifests, Observed? observed)
    {
        var manifest = manifests.FindDataset(dataset);
        var mountable = manifest?.Spec as IMountable;
        if (mountable is { IsFilesystem: false }) return null;
        if (mountable?.Mountpoint is { } declared) return AsPath(declared);
        if (observed?.Dataset(dataset).Value is { } state)
        {
            if (state.Type == "volume") return null;
            var property = state.Properties.GetValueOrDefault("mountpoint");
            if (property is { Source: PropertyValue.Local or PropertyValue.Received } && !WillBeInherited(manifest, state)) return AsPath(property.Value);
        }

        var slash = dataset.LastIndexOf('/');
        if (slash < 0) return "/" + dataset;
        return Mountpoint(dataset[..slash], manifests, observed) is { } parent ? $"{parent.TrimEnd('/')}/{dataset[(slash + 1)..]}" : null;
    }

    /// <summary>The path of a directory below a dataset.</summary>
    public static string? Below(string dataset, string? subpath, ManifestSet manifests, Observed? observed)
    {
        var root = Mountpoint(dataset, manifests, observed);
        return root is null || string.IsNullOrEmpty(subpath) ? root : $"{root.TrimEnd('/')}/{subpath.Trim('/')}";
    }

    /// <summary>The dataset and all that contain it, nearest first: <c>a/b/c</c>, <c>a/b</c>, <c>a</c>.</summary>
    public static IEnumerable<string> SelfAndParents(string dataset)
    {
        for (var name = dataset; ; name = name[..name.LastIndexOf('/')])
        {
            yield return name;
            if (!name.Contains('/', StringComparison.Ordinal)) yield break;
        }
    }

    public static bool IsBelow(string dataset, string ancestor) => dataset.Length > ancestor.Length && dataset.StartsWith(ancestor, StringComparison.Ordinal) && dataset[ancestor.Length] == '/';

    /// <summary>A mount point that an earlier commit set and this one no longer names goes with this plan.</summary>
    private static bool WillBeInherited(Manifest? manifest, DatasetState state) => manifest is { Suspend: false } && state.Mark?.SetProperties.Contains("mountpoint") == true;

    private static string? AsPath(string mountpoint) => mountpoint.StartsWith('/') ? mountpoint : null;
}

using NasGitOps.Core.Loading;
using NasGitOps.Core.Manifests;

namespace NasGitOps.Storage;

/// <summary>Checks the property maps of manifests against the catalogue of the backend that they are for.</summary>
public static class PropertyChecks
{
    private static readonly HashSet<string> Forbidden = ["sharenfs", "sharesmb"];

    public static IEnumerable<ManifestProblem> Check(Manifest manifest, IReadOnlyDictionary<string, string> properties, IStorageBackend backend, StorageSystem storage) =>
        Check(manifest, "spec.properties", properties, backend.DatasetProperty, backend.DatasetProperties, backend, name => storage.Backends.FirstOrDefault(b => b.DatasetProperties.Contains(name)))
            .Concat(backend.Conflicts(properties).Select(c => manifest.Problem($"spec.properties.{c.Property}", c.Message, c.WayOut)));

    public static IEnumerable<ManifestProblem> CheckOptions(Manifest manifest, IReadOnlyDictionary<string, string> options, IStorageBackend backend, StorageSystem storage) =>
        Check(manifest, "spec.options", options, backend.PoolProperty, backend.PoolProperties, backend, name => storage.Backends.FirstOrDefault(b => b.PoolProperties.Contains(name)));

    /// <param name="path">The map's field path, as <c>spec.properties</c>.</param>
    /// <param name="knows">The backend that knows a property which this one does not.</param>
    private static IEnumerable<ManifestProblem> Check(
        Manifest manifest, string path, IReadOnlyDictionary<string, string> properties, Func<string, PropertyTraits?> find, IEnumerable<string> known, IStorageBackend backend, Func<string, IStorageBackend?> knows)
    {
        foreach (var (name, value) in properties)
        {
            var field = $"{path}.{name}";
            if (Forbidden.Contains(name))
            {
                yield return manifest.Problem(field, $"'{name}' is not set here", "write an NfsExport or SmbShare manifest instead");
            }
            else if (name.StartsWith("nasgitops:", StringComparison.Ordinal))
            {
                yield return manifest.Problem(field, $"'{name}' belongs to this product", "take it out");
            }
            else if (find(name) is not { } traits || name.Contains('@', StringComparison.Ordinal))
            {
                yield return knows(name) is { } other && other != backend
                    ? manifest.Problem(field, $"{backend.Name} has no property '{name}', {other.Name} has", $"take it out; {backend.Name} knows {string.Join(", ", known.Where(k => find(k)?.OwnField is null).Order(StringComparer.Ordinal))}")
                    : manifest.Problem(field, $"unknown property '{name}'", Nearest.To(name, known) is { } nearest ? $"did you mean '{nearest}'?" : $"see {backend.Hints.PropertyPage}");
            }
            else if (traits.OwnField is { } own)
            {
                yield return manifest.Problem(field, $"'{name}' has a field of its own", $"write spec.{own} instead");
            }
            else if (traits.Complaint(value) is { } complaint)
            {
                yield return manifest.Problem(field, $"'{value}' is no value for {name}", $"write {complaint}");
            }
        }
    }
}

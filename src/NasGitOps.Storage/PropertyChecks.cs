using NasGitOps.Core.Loading;
using NasGitOps.Core.Manifests;

namespace NasGitOps.Storage;

/// <summary>Checks the property maps of manifests against the backend's catalogue.</summary>
public static class PropertyChecks
{
    private static readonly HashSet<string> Forbidden = ["sharenfs", "sharesmb"];

    /// <param name="path">The map's field path, as <c>spec.properties</c>.</param>
    public static IEnumerable<ManifestProblem> Check(
        Manifest manifest, string path, IReadOnlyDictionary<string, string> properties, Func<string, PropertyTraits?> find, IEnumerable<string> known)
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
                var nearest = Nearest.To(name, known);
                yield return manifest.Problem(field, $"unknown property '{name}'", nearest is null ? "see zfsprops(7)" : $"did you mean '{nearest}'?");
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

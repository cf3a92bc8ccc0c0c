using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Loading;

/// <summary>A kind that throws is a fault of ours; it must not keep other problems from being told, or the agent from running.</summary>
internal static class Guard
{
    public static IReadOnlyList<T> Run<T>(Manifest manifest, List<ManifestProblem> problems, Func<IEnumerable<T>> read)
    {
        try
        {
            return read().ToList();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            problems.Add(Fault(e, manifest.Provenance.File, manifest.Provenance.Line, manifest.Provenance.Column, manifest.Id));
            return [];
        }
    }

    public static ManifestProblem Fault(Exception e, string file, int line, int column, ResourceId? id) =>
        new(Severity.Error, file, line, column, "", $"{id?.ToString() ?? "the document"} cannot be checked: {e.GetType().Name}: {Show.Sentence(e.Message)}", "this is a fault of nasgitops; please report it with the manifest", id);
}

using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Loading;

/// <summary>One file of a repository.</summary>
/// <param name="Path">Relative to the repository, with forward slashes.</param>
public sealed record SourceFile(string Path, byte[] Content)
{
    /// <summary>Whether a path is read as manifests: YAML, in no hidden folder, and not where encrypted secrets lie.</summary>
    public static bool IsManifest(string path)
    {
        if (!path.EndsWith(".yaml", StringComparison.Ordinal) && !path.EndsWith(".yml", StringComparison.Ordinal)) return false;
        return !SecretFile.IsPlace(path) && !path.StartsWith('.') && !path.Contains("/.", StringComparison.Ordinal);
    }
}

/// <summary>What was read, and everything that is wrong with it.</summary>
/// <param name="Manifests">The valid manifests; meant to be applied only when there are no errors.</param>
/// <param name="Problems">Sorted by file, line and column.</param>
public sealed record LoadResult(ManifestSet Manifests, IReadOnlyList<ManifestProblem> Problems)
{
    public bool HasErrors => Problems.Any(p => p.Severity == Severity.Error);
}

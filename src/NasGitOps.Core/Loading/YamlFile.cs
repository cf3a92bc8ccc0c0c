using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Loading;

/// <summary>The documents of one file, empty ones left out.</summary>
/// <param name="Complete">False where reading ended before the end of the file, so that more may be declared in it than was seen.</param>
internal sealed record YamlFile(string Path, IReadOnlyList<Node> Documents, IReadOnlyList<ManifestProblem> Problems, bool Complete);

/// <summary>What a file may hold at most: a manifest is small, and a larger one is an accident or an attack.</summary>
internal static class Limits
{
    public const int FileBytes = 1024 * 1024;

    /// <summary>Nodes of one file, aliases expanded.</summary>
    public const int Nodes = 200_000;

    public const int Depth = 64;

    /// <summary>Problems told about one file by itself.</summary>
    public const int Problems = 100;
}

using NasGitOps.Core.Loading;
using NasGitOps.Core.Manifests;

namespace NasGitOps.Source;

/// <summary>The manifest files of the paths that a host reads.</summary>
/// <param name="Files">Sorted by path.</param>
/// <param name="Problems">Files that must not be read (links, submodules, too large): a commit with any is not applied.</param>
/// <param name="Complete">False when there is no file at all or a path is missing: then nothing may be removed.</param>
/// <param name="MissingPaths">Configured or default paths that the tree lacks.</param>
/// <param name="Notes">What was decided without being configured, for people.</param>
internal sealed record SourceTree(
    IReadOnlyList<SourceFile> Files, IReadOnlyList<ManifestProblem> Problems, bool Complete, IReadOnlyList<string> MissingPaths, IReadOnlyList<string> Notes)
{
    /// <summary>Encrypted secrets that this host may use, sorted by path.</summary>
    public IReadOnlyList<SourceFile> Encrypted { get; init; } = [];
}

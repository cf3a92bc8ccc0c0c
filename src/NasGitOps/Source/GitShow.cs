using LibGit2Sharp;

namespace NasGitOps.Source;

/// <summary>Reads one file of a branch or commit of a repository on disk, without a checkout.</summary>
internal static class GitShow
{
    /// <exception cref="SourceException">The folder is no repository, or has no such branch or file.</exception>
    public static string File(string folder, string reference, string path)
    {
        NativeGit.EnsureLoaded();
        var root = Repository.Discover(folder) ?? throw new SourceException($"{folder} is in no git repository");
        using var repository = new Repository(root);
        var commit = repository.Lookup(reference)?.Peel<Commit>() ?? repository.Lookup($"origin/{reference}")?.Peel<Commit>()
            ?? throw new SourceException($"{root} has no branch or commit '{reference}'; fetch it first");
        return (commit[path]?.Target as Blob)?.GetContentText() ?? throw new SourceException($"{reference} has no {path}");
    }
}

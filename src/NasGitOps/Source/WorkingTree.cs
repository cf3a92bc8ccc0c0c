using NasGitOps.Execution;

namespace NasGitOps.Source;

/// <summary>A folder of the file system, read with the same choice of files as a commit: for <c>--repo DIR</c>.</summary>
internal sealed class WorkingTree(string root) : ITree
{
    /// <param name="paths">The configured ones; empty for the default.</param>
    /// <exception cref="SourceException">The folder cannot be read.</exception>
    public static SourceTree Read(string folder, IReadOnlyList<string> paths, string host)
    {
        if (!Directory.Exists(folder)) throw new SourceException($"{folder} is no folder: give the root of a working copy");
        try
        {
            return TreeSelection.Read(new WorkingTree(Path.GetFullPath(folder)), paths, host);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SourceException($"{folder} cannot be read: {e.Message}", e);
        }
    }

    public EntryKind? KindOf(string path)
    {
        // Every part on the way is looked at: a link in the middle leads out just as one at the end.
        var current = root;
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            current = Path.Combine(current, part);
            var info = new DirectoryInfo(current);
            if (info.LinkTarget is not null) return EntryKind.LinkToFolder;
            if (!Path.Exists(current)) return null;
        }

        return Directory.Exists(current) ? EntryKind.Folder : EntryKind.File;
    }

    public IEnumerable<TreeEntry> Below(string path) => Walk(Path.Combine(root, path), path);

    private static IEnumerable<TreeEntry> Walk(string folder, string prefix)
    {
        foreach (var info in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false }))
        {
            if (info.Name.StartsWith('.')) continue;
            var path = prefix.Length == 0 ? info.Name : $"{prefix}/{info.Name}";
            if (info.LinkTarget is not null)
            {
                yield return new TreeEntry(path, Directory.Exists(info.FullName) ? EntryKind.LinkToFolder : EntryKind.LinkToFile, 0, () => []);
            }
            else if (info is DirectoryInfo)
            {
                if (Path.Exists(Path.Combine(info.FullName, ".git")))
                {
                    yield return new TreeEntry(path, EntryKind.Submodule, 0, () => []);
                    continue;
                }

                foreach (var below in Walk(info.FullName, path)) yield return below;
            }
            else if (Posix.FactsOf(info.FullName) is { IsRegular: true } facts)
            {
                yield return new TreeEntry(path, EntryKind.File, (long)facts.Size, () => File.ReadAllBytes(info.FullName));
            }
        }
    }
}

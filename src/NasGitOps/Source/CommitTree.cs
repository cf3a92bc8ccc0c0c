using LibGit2Sharp;

namespace NasGitOps.Source;

/// <summary>The tree of a commit, read without a work tree: nothing is checked out, so no filter, hook or link can act.</summary>
internal sealed class CommitTree(Tree root) : ITree
{
    public EntryKind? KindOf(string path)
    {
        if (path.Length == 0) return EntryKind.Folder;
        return root[path] is { } entry ? KindOf(entry, path) : null;
    }

    public IEnumerable<TreeEntry> Below(string path) => Walk(path.Length == 0 ? root : (Tree)root[path].Target, path);

    private IEnumerable<TreeEntry> Walk(Tree folder, string prefix)
    {
        foreach (var entry in folder)
        {
            var path = prefix.Length == 0 ? entry.Name : $"{prefix}/{entry.Name}";
            if (entry.Name.StartsWith('.')) continue;
            var kind = KindOf(entry, path);
            if (kind == EntryKind.Folder)
            {
                foreach (var below in Walk((Tree)entry.Target, path)) yield return below;
                continue;
            }

            var blob = kind == EntryKind.Submodule ? null : (Blob)entry.Target;
            yield return new TreeEntry(path, kind, blob?.Size ?? 0, () => Read(blob!));
        }
    }

    private EntryKind KindOf(LibGit2Sharp.TreeEntry entry, string path) => entry.Mode switch
    {
        Mode.Directory => EntryKind.Folder,
        Mode.GitLink => EntryKind.Submodule,
        Mode.SymbolicLink => LeadsToFolder((Blob)entry.Target, path) ? EntryKind.LinkToFolder : EntryKind.LinkToFile,
        _ => EntryKind.File,
    };

    /// <summary>Whether a link's target is a folder of this commit; what leads out of it is no folder that anyone could have meant.</summary>
    private bool LeadsToFolder(Blob link, string path)
    {
        if (link.Size > 4096) return false;
        var parts = new List<string>(path.Split('/')[..^1]);
        foreach (var part in link.GetContentText().Split('/'))
        {
            if (part is "" or ".") continue;
            if (part != "..") parts.Add(part);
            else if (parts.Count == 0) return false;
            else parts.RemoveAt(parts.Count - 1);
        }

        return parts.Count == 0 || root[string.Join('/', parts)]?.Mode == Mode.Directory;
    }

    private static byte[] Read(Blob blob)
    {
        var content = new byte[blob.Size];
        using var stream = blob.GetContentStream();
        stream.ReadExactly(content);
        return content;
    }
}

using NasGitOps.Core.Loading;
using NasGitOps.Core.Manifests;

namespace NasGitOps.Source;

internal enum EntryKind
{
    File,
    Folder,
    LinkToFile,
    LinkToFolder,
    Submodule,
}

/// <summary>One entry below a path.</summary>
/// <param name="Path">Relative to the repository, with forward slashes.</param>
/// <param name="Size">Bytes, for files.</param>
internal sealed record TreeEntry(string Path, EntryKind Kind, long Size, Func<byte[]> Read);

/// <summary>A commit's tree or a folder: what the choice of manifest files needs of either.</summary>
internal interface ITree
{
    /// <summary>Null when there is nothing of that path; the empty path is the root.</summary>
    EntryKind? KindOf(string path);

    /// <summary>Everything below a folder that is no folder itself; links are told and never followed, hidden folders left out.</summary>
    IEnumerable<TreeEntry> Below(string path);
}

/// <summary>Chooses which files of a repository a host reads.</summary>
internal static class TreeSelection
{
    private const string Common = "common";

    /// <param name="paths">The configured ones; empty for the default.</param>
    /// <param name="host">Empty for a look at the whole repository: then the secrets of every host are checked.</param>
    public static SourceTree Read(ITree tree, IReadOnlyList<string> paths, string host)
    {
        var notes = new List<string>();
        var missing = new List<string>();
        var problems = new List<ManifestProblem>();
        var files = new SortedDictionary<string, SourceFile>(StringComparer.Ordinal);
        foreach (var path in paths.Count > 0 ? paths.Select(Normalize) : Default(tree, host, notes))
        {
            switch (tree.KindOf(path))
            {
                case null:
                    missing.Add(path);
                    break;
                case EntryKind.Folder:
                    // A large file is an accident or an attack, and is not even read.
                    foreach (var entry in tree.Below(path)) Take(entry, files, problems);
                    break;
                case EntryKind.File:
                    missing.Add(path);
                    problems.Add(Problem(path, "a configured path must be a folder, and this is a file", "name its folder in repository.paths of the agent's configuration"));
                    break;
                case var kind:
                    missing.Add(path);
                    problems.Add(Refusal(path, kind.Value));
                    break;
            }
        }

        return new SourceTree([.. files.Values], problems, missing.Count == 0 && files.Count > 0, missing, notes) { Encrypted = Encrypted(tree, host, problems) };
    }

    private static IEnumerable<string> Default(ITree tree, string host, List<string> notes)
    {
        var own = $"hosts/{host}";
        var hasCommon = tree.KindOf(Common) is not null;
        if (!hasCommon && tree.KindOf("hosts") is null)
        {
            // With a hosts folder the root would bring in what is meant for other hosts.
            notes.Add($"the repository has neither '{Common}' nor 'hosts': the whole of it is read (set repository.paths to choose)");
            return [""];
        }

        return hasCommon ? [Common, own] : [own];
    }

    /// <summary>Whatever the configured paths are: what is encrypted is no manifest.</summary>
    private static List<SourceFile> Encrypted(ITree tree, string host, List<ManifestProblem> problems)
    {
        var files = new List<SourceFile>();
        foreach (var folder in host.Length == 0 ? ["hosts", SecretFile.Folder] : SecretFile.Folders(host))
        {
            // A host's folder that is a link is told where it is read.
            if (folder.Contains('/', StringComparison.Ordinal) && tree.KindOf(folder[..folder.LastIndexOf('/')]) != EntryKind.Folder) continue;
            if (tree.KindOf(folder) is not { } kind) continue;
            if (kind != EntryKind.Folder)
            {
                problems.Add(kind == EntryKind.File ? Problem(folder, "this must be a folder, and is a file", "put encrypted secrets into it, or name it otherwise") : Refusal(folder, kind));
                continue;
            }

            foreach (var entry in tree.Below(folder).Where(e => SecretFile.IsPlace(e.Path)))
            {
                if (entry.Kind != EntryKind.File) problems.Add(Refusal(entry.Path, entry.Kind));
                else if (SecretFile.Check(entry.Path, entry.Size, entry.Read) is { } problem) problems.Add(problem);
                else files.Add(new SourceFile(entry.Path, entry.Read()));
            }
        }

        return [.. files.OrderBy(f => f.Path, StringComparer.Ordinal)];
    }

    private static void Take(TreeEntry entry, SortedDictionary<string, SourceFile> files, List<ManifestProblem> problems)
    {
        if (entry.Kind is EntryKind.LinkToFolder or EntryKind.Submodule || (entry.Kind == EntryKind.LinkToFile && SourceFile.IsManifest(entry.Path)))
        {
            problems.Add(Refusal(entry.Path, entry.Kind));
        }
        else if (entry.Kind == EntryKind.File && SourceFile.IsManifest(entry.Path))
        {
            if (entry.Path.Any(char.IsControl)) problems.Add(Problem(entry.Path, "the file's name holds a line break or another control character", "rename it"));
            else if (entry.Size > Limits.FileBytes) problems.Add(Problem(entry.Path, $"the file has {entry.Size} bytes; a manifest file may have {Limits.FileBytes} at most", "split it"));
            else files.TryAdd(entry.Path, new SourceFile(entry.Path, entry.Read()));
        }
    }

    private static string Normalize(string path) => path.Trim('/') is "." ? "" : path.Trim('/');

    private static ManifestProblem Refusal(string path, EntryKind kind) => kind switch
    {
        EntryKind.LinkToFile => Problem(path, "a manifest must be a file, and this is a symbolic link, which is never followed", "put the file itself here"),
        EntryKind.LinkToFolder => Problem(path, "this symbolic link stands for a folder, and links are never followed: what is behind it would be left out", "put the files themselves here"),
        _ => Problem(path, "this is a submodule, which is never fetched: what is in it would be left out", "put the files themselves here, or move it out of the configured paths"),
    };

    /// <summary>Names in Git may hold anything but a slash; what is told of them stays on one line.</summary>
    private static string OnOneLine(string path) => string.Concat(path.Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : $"{c}"));

    private static ManifestProblem Problem(string file, string message, string wayOut) => new(Severity.Error, OnOneLine(file), 0, 0, "", message, wayOut);
}

using Microsoft.Extensions.Logging;
using NasGitOps.Core.Loading;
using NasGitOps.Execution;

namespace NasGitOps.State;

/// <summary>The manifests in force.</summary>
/// <param name="Complete">As the source said then: false forbids removals.</param>
internal sealed record LastGood(string Commit, bool Complete, IReadOnlyList<SourceFile> Files)
{
    /// <summary>Secrets that lie encrypted in that commit.</summary>
    public IReadOnlyList<SourceFile> Encrypted { get; init; } = [];
}

/// <summary>The manifests in force as plain files, so that a lost mirror is no loss, and a person can read them without git.</summary>
internal sealed class LastGoodFiles(string folder, ILogger log)
{
    /// <summary>Written last: a folder without it was cut off.</summary>
    private const string Marker = ".commit";

    /// <summary>What earlier versions saved has no encrypted secrets with it, and is saved again.</summary>
    private const string SecretsWord = "secrets";

    private readonly string next = folder + ".new";
    private readonly string previous = folder + ".old";

    public void Save(LastGood lastGood)
    {
        if (MarkerOf(folder) == (lastGood.Commit, lastGood.Complete, true)) return;
        Remove(next);
        Directory.CreateDirectory(next, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var file in lastGood.Files.Concat(lastGood.Encrypted))
        {
            var path = Path.GetFullPath(Path.Combine(next, file.Path));
            if (!path.StartsWith(next + "/", StringComparison.Ordinal)) throw new IOException($"the manifest path {file.Path} leads out of the repository");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            AtomicFile.Write(path, file.Content, AtomicFile.Private);
        }

        AtomicFile.Write(Path.Combine(next, Marker), System.Text.Encoding.UTF8.GetBytes($"{lastGood.Commit} {(lastGood.Complete ? "complete" : "incomplete")} {SecretsWord}\n"), AtomicFile.Private);
        Remove(previous);
        if (Directory.Exists(folder)) Directory.Move(folder, previous);
        Directory.Move(next, folder);
        Posix.SyncDirectory(Path.GetDirectoryName(folder)!);
        Remove(previous);
    }

    /// <summary>Null when nothing was ever saved. A save that was cut off between its renames is found in the folder beside.</summary>
    public LastGood? Load()
    {
        foreach (var candidate in (string[])[folder, next, previous])
        {
            if (MarkerOf(candidate) is not { } marker) continue;
            if (candidate != folder) log.LogWarning("The last good manifests are read from {Folder}: the last save was cut off", candidate);
            var files = Directory.EnumerateFiles(candidate, "*", SearchOption.AllDirectories)
                .Select(f => new SourceFile(Path.GetRelativePath(candidate, f), File.ReadAllBytes(f)))
                .OrderBy(f => f.Path, StringComparer.Ordinal)
                .ToList();
            return new LastGood(marker.Commit, marker.Complete, [.. files.Where(f => SourceFile.IsManifest(f.Path))]) { Encrypted = [.. files.Where(f => SecretFile.NameOf(f.Path) is not null)] };
        }

        return null;
    }

    private static (string Commit, bool Complete, bool WithSecrets)? MarkerOf(string folder)
    {
        var file = Path.Combine(folder, Marker);
        if (!File.Exists(file)) return null;
        return File.ReadAllText(file).Trim().Split(' ') is [var commit, "complete" or "incomplete", ..] words ? (commit, words[1] == "complete", words.Contains(SecretsWord)) : null;
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
    }
}

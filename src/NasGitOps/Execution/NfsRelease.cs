using NasGitOps.Core.Steps;

namespace NasGitOps.Execution;

/// <summary>Makes the kernel's NFS server let go of file systems: takes their exports out of the kernel, drops the state that clients hold, and flushes its caches.</summary>
/// <remarks>Source: exportfs(8), nfsd(7) on unlock_filesystem; the order was found by trying. The exports files stay: whoever needs an export again runs <c>exportfs -ra</c>.</remarks>
internal static class NfsRelease
{
    private const string ExportTable = "/var/lib/nfs/etab";
    private const string Unlock = "/proc/fs/nfsd/unlock_filesystem";

    /// <summary>Null when it is done or there was nothing to do; else the evidence.</summary>
    public static async Task<string?> RunAsync(string root, ICommandRunner runner, CancellationToken ct)
    {
        if (!File.Exists(ExportTable)) return null;
        var entries = Entries(File.ReadAllLines(ExportTable), root).ToList();
        if (entries.Count == 0) return null;
        foreach (var (path, client) in entries)
        {
            var removed = await runner.RunAsync(Command.Of("exportfs", "-u", $"{client}:{path}"), CommandOptions.None, ct);
            if (!removed.Succeeded) return removed.Evidence();
        }

        if (File.Exists(Unlock))
        {
            foreach (var mount in Mounts.AtAndBelow(root)) await File.WriteAllTextAsync(Unlock, mount + "\n", ct);
        }

        var flushed = await runner.RunAsync(Command.Of("exportfs", "-f"), CommandOptions.None, ct);
        return flushed.Succeeded ? null : flushed.Evidence();
    }

    /// <summary>Path and client of each line of etab at or below the root. Blanks in paths stand as <c>\040</c>.</summary>
    internal static IEnumerable<(string Path, string Client)> Entries(IEnumerable<string> table, string root)
    {
        foreach (var line in table)
        {
            var columns = line.Split('\t', 2);
            var options = columns.Length == 2 ? columns[1].IndexOf('(', StringComparison.Ordinal) : -1;
            if (options <= 0) continue;
            var path = columns[0].Replace("\\040", " ", StringComparison.Ordinal);
            if (path == root || path.StartsWith(root.TrimEnd('/') + "/", StringComparison.Ordinal)) yield return (path, columns[1][..options]);
        }
    }
}

using System.Text;
using NasGitOps.Core.Steps;

namespace NasGitOps.Execution;

/// <summary>Files of one change: put in place atomically, with what stood there before kept in memory until the read-back passed.</summary>
internal sealed class FileTransaction
{
    private readonly Dictionary<string, (byte[]? Content, UnixFileMode Mode)> previous = [];

    public bool IsEmpty => previous.Count == 0;

    public IEnumerable<string> Paths => previous.Keys.Order(StringComparer.Ordinal);

    /// <summary>Null when the file stands; else why its own tool refused it. Then nothing was changed.</summary>
    public async Task<string?> InstallAsync(InstallFile step, ICommandRunner runner, CancellationToken ct)
    {
        var folder = Path.GetDirectoryName(step.Path)!;
        EnsureFolder(folder);
        var mode = (UnixFileMode)Convert.ToInt32(step.Mode, 8);
        // A dot file: the services that read whole folders pass over it.
        var candidate = Path.Combine(folder, $".{Path.GetFileName(step.Path)}.new");
        AtomicFile.Write(candidate, Encoding.UTF8.GetBytes(step.Content), mode);
        try
        {
            if (step.Check is { } check && await ComplaintAsync(check, candidate, runner, ct) is { } complaint) return complaint;
            Keep(step.Path);
            File.Move(candidate, step.Path, overwrite: true);
            Posix.SyncDirectory(folder);
            return null;
        }
        finally
        {
            File.Delete(candidate);
        }
    }

    public void Delete(string path)
    {
        Keep(path);
        File.Delete(path);
    }

    /// <summary>Puts everything back as it was.</summary>
    public void RollBack()
    {
        foreach (var (path, (content, mode)) in previous)
        {
            if (content is null) File.Delete(path);
            else AtomicFile.Write(path, content, mode);
        }

        previous.Clear();
    }

    /// <summary>Services that run as others read there, whatever our umask is.</summary>
    private static void EnsureFolder(string folder)
    {
        if (Directory.Exists(folder)) return;
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
    }

    private void Keep(string path)
    {
        if (previous.ContainsKey(path)) return;
        previous[path] = File.Exists(path) ? (File.ReadAllBytes(path), File.GetUnixFileMode(path)) : (null, default);
    }

    private static async Task<string?> ComplaintAsync(FileCheck check, string candidate, ICommandRunner runner, CancellationToken ct)
    {
        var command = check.Command with { Arguments = [.. check.Command.Arguments.Select(a => a.Replace("{file}", candidate, StringComparison.Ordinal))] };
        var result = await runner.RunAsync(command, CommandOptions.None, ct);
        if (!result.Succeeded) return result.Evidence();
        var complaint = check.Complaints.FirstOrDefault(c => result.Errors.Contains(c, StringComparison.OrdinalIgnoreCase));
        return complaint is null ? null : $"'{result.Command}' complains: {result.Errors.Trim()}";
    }
}

using System.Text;
using NasGitOps.Core.Steps;

namespace NasGitOps.Execution;

/// <summary>Files of one change: put in place atomically, with what stood there before kept in memory until the read-back passed.</summary>
internal sealed class FileTransaction
{
    private readonly Dictionary<string, (byte[]? Content, UnixFileMode Mode)> previous = [];

    private readonly List<(TakeOut Step, byte[] Before, int At, int Length)> taken = [];

    public bool IsEmpty => previous.Count == 0 && taken.Count == 0;

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

    /// <summary>Null when the text is out; else why it was not taken out. Bytes, so that what others wrote stays as it is whatever its encoding.</summary>
    public string? TakeOut(TakeOut step)
    {
        var content = File.ReadAllBytes(step.Path);
        var text = Encoding.UTF8.GetBytes(step.Text);
        var at = content.AsSpan().IndexOf(text);
        if (at < 0 || content.AsSpan(at + 1).IndexOf(text) >= 0) return $"{step.Path} was changed meanwhile: the text to take out {(at < 0 ? "is not there any more" : "stands there twice")}; the next pass reads it again";
        KeepCopy(step, content, text);
        taken.Add((step, content, at, text.Length));
        AtomicFile.Write(step.Path, [.. content.AsSpan(0, at), .. content.AsSpan(at + text.Length)], File.GetUnixFileMode(step.Path));
        return null;
    }

    /// <summary>Stays whatever becomes of the change. A copy is never written over.</summary>
    private static void KeepCopy(TakeOut step, byte[] content, byte[] text)
    {
        var path = step.KeptAs;
        for (var i = 2; File.Exists(path); i++)
        {
            if (File.ReadAllBytes(path).AsSpan().IndexOf(text) >= 0) return;
            path = $"{step.KeptAs}-{i}";
        }

        AtomicFile.Write(path, content, File.GetUnixFileMode(step.Path));
    }

    /// <summary>Puts everything back as it was.</summary>
    public void RollBack()
    {
        foreach (var (step, before, at, length) in taken.AsEnumerable().Reverse()) PutBack(step.Path, before, at, length);
        taken.Clear();
        foreach (var (path, (content, mode)) in previous)
        {
            if (content is null) File.Delete(path);
            else AtomicFile.Write(path, content, mode);
        }

        previous.Clear();
    }

    /// <summary>The text alone: other changes of the same pass may have taken out theirs since, before it or behind it.</summary>
    private static void PutBack(string path, byte[] before, int at, int length)
    {
        var current = File.ReadAllBytes(path);
        ReadOnlySpan<byte> text = before.AsSpan(at, length), front = before.AsSpan(0, at), rest = before.AsSpan(at + length);
        if (current.AsSpan().IndexOf(text) >= 0) return;
        var place = current.AsSpan().EndsWith(rest) ? current.Length - rest.Length : current.AsSpan().StartsWith(front) ? at : current.Length;
        byte[] lead = place == current.Length && current.Length > 0 && current[^1] != (byte)'\n' ? [(byte)'\n'] : [];
        AtomicFile.Write(path, [.. current.AsSpan(0, place), .. lead, .. text, .. current.AsSpan(place)], File.GetUnixFileMode(path));
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

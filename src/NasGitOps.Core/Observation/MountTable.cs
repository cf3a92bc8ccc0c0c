using System.Globalization;

namespace NasGitOps.Core.Observation;

/// <summary>One line of the kernel's table of mounts.</summary>
/// <param name="Device"><c>major:minor</c> of the file system; equal for all mounts of one.</param>
/// <param name="Root">The directory of the file system that is shown.</param>
/// <param name="Point">Where it is shown.</param>
/// <param name="Options">Of this mount, as <c>rw,noatime</c>.</param>
/// <param name="SuperOptions">Of the file system.</param>
public sealed record MountEntry(ulong Id, string Device, string Root, string Point, IReadOnlyList<string> Options, string FileSystem, string Source, IReadOnlyList<string> SuperOptions);

/// <summary>What is mounted where, in the order of mounting. Source: proc_pid_mountinfo(5).</summary>
public sealed class MountTable(IReadOnlyList<MountEntry> entries)
{
    public const string Path = "/proc/self/mountinfo";

    public IReadOnlyList<MountEntry> Entries { get; } = entries;

    public static MountTable Parse(IEnumerable<string> lines) => new([.. lines.Select(Entry).OfType<MountEntry>()]);

    /// <summary>The topmost mount at a path; null when nothing is mounted there.</summary>
    public MountEntry? At(string point) => Entries.LastOrDefault(e => e.Point == point);

    /// <summary>The mount that a path lies on, itself being no mount point.</summary>
    public MountEntry? Around(string path) => Entries
        .Where(e => e.Point == "/" || path.StartsWith(e.Point + "/", StringComparison.Ordinal))
        .MaxBy(e => (e.Point.Length, e.Id));

    private static MountEntry? Entry(string line)
    {
        var columns = line.Split(' ');
        var dash = Array.IndexOf(columns, "-");
        if (dash < 6 || columns.Length < dash + 4 || !ulong.TryParse(columns[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id)) return null;
        return new MountEntry(
            id, columns[2], Plain(columns[3]), Plain(columns[4]), columns[5].Split(','),
            columns[dash + 1], Plain(columns[dash + 2]), columns[dash + 3].Split(','));
    }

    private static string Plain(string text) =>
        text.Replace("\\040", " ", StringComparison.Ordinal).Replace("\\011", "\t", StringComparison.Ordinal)
            .Replace("\\012", "\n", StringComparison.Ordinal).Replace("\\134", "\\", StringComparison.Ordinal);
}

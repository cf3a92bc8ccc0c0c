namespace NasGitOps.Execution;

/// <summary>What is mounted where. Source: proc_pid_mountinfo(5).</summary>
internal static class Mounts
{
    private const string Table = "/proc/self/mountinfo";

    /// <summary>The kernel's id of the topmost mount at a path, when its source is the dataset; null otherwise.</summary>
    public static ulong? IdOf(string dataset, string root) => IdOf(dataset, root, File.ReadLines(Table));

    internal static ulong? IdOf(string dataset, string root, IEnumerable<string> table)
    {
        ulong? id = null;
        foreach (var line in table)
        {
            var columns = line.Split(' ');
            var dash = Array.IndexOf(columns, "-");
            if (dash < 0 || Unescape(columns[4]) != root) continue;
            id = Unescape(columns[dash + 2]) == dataset ? ulong.Parse(columns[0], System.Globalization.CultureInfo.InvariantCulture) : null;
        }

        return id;
    }

    /// <summary>Mount points at and below a path, the deepest first.</summary>
    public static IReadOnlyList<string> AtAndBelow(string root) =>
    [
        .. File.ReadLines(Table).Select(line => Unescape(line.Split(' ')[4]))
            .Where(path => path == root || path.StartsWith(root.TrimEnd('/') + "/", StringComparison.Ordinal))
            .Distinct()
            .OrderByDescending(path => path.Length),
    ];

    private static string Unescape(string text) =>
        text.Replace("\\040", " ", StringComparison.Ordinal).Replace("\\011", "\t", StringComparison.Ordinal)
            .Replace("\\012", "\n", StringComparison.Ordinal).Replace("\\134", "\\", StringComparison.Ordinal);
}

using System.Globalization;

namespace NasGitOps.Execution;

/// <summary>Names who uses a mount point, for the person who must ask them to let go. The service may look only into processes of root.</summary>
internal static class MountUsers
{
    private const int Most = 5;

    /// <summary>As the end of a message; says where to look when nobody is found.</summary>
    public static string Describe(string place)
    {
        var users = Mounts.AtAndBelow(place).Where(m => m != place).Select(m => $"another mount at {m}").Concat(Processes(place)).Take(Most + 1).ToList();
        if (users.Count == 0) return $"; by whom cannot be told from here: 'fuser -vm {place}' shows processes, 'exportfs -s', 'losetup' and 'swapon' show what the kernel itself has open. It is tried again; nobody is cut off by force";
        var more = users.Count > Most ? ", and more" : "";
        return $"; in use by {string.Join(", ", users.Take(Most))}{more}. It is tried again; nobody is cut off by force";
    }

    private static IEnumerable<string> Processes(string place)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) continue;
            if (Uses(folder, place) is { } what) yield return $"{NameOf(folder)} (process {pid}: {what})";
        }
    }

    private static string? Uses(string process, string place)
    {
        try
        {
            if (IsAt(Target($"{process}/cwd"), place) is { } cwd) return $"works in {cwd}";
            if (IsAt(Target($"{process}/root"), place) is { } root) return $"has its root at {root}";
            return Directory.EnumerateFileSystemEntries($"{process}/fd").Select(f => IsAt(Target(f), place)).FirstOrDefault(f => f is not null) is { } file ? $"has {file} open" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // it has just ended
        }
    }

    private static string? Target(string link) => new FileInfo(link).LinkTarget;

    private static string? IsAt(string? path, string place) => path is not null && (path == place || path.StartsWith(place.TrimEnd('/') + "/", StringComparison.Ordinal)) ? path : null;

    private static string NameOf(string process)
    {
        try
        {
            return File.ReadAllText($"{process}/comm").Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "a process";
        }
    }
}

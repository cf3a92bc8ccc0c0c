using Microsoft.Extensions.Logging;

namespace NasGitOps.Source;

/// <summary>Lock files that a killed git left in a mirror: with them no later git would do anything.</summary>
internal static class StaleLocks
{
    /// <summary>Removes them unless a git works there still (the agent was killed, its child not). The mirror's own lock must be held.</summary>
    public static void Clear(string mirror, ILogger log)
    {
        var locks = Find(mirror).ToList();
        if (locks.Count == 0 || GitRunsOn(mirror)) return;
        foreach (var file in locks)
        {
            File.Delete(file);
            log.LogWarning("Removed {Lock}, left by a git that was killed", file);
        }
    }

    private static IEnumerable<string> Find(string mirror)
    {
        var refs = Path.Combine(mirror, "refs");
        var below = Directory.Exists(refs) ? Directory.EnumerateFiles(refs, "*.lock", SearchOption.AllDirectories) : [];
        return Directory.EnumerateFiles(mirror, "*.lock").Concat(below);
    }

    private static bool GitRunsOn(string mirror)
    {
        var mark = $"--git-dir={mirror}";
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!char.IsAsciiDigit(Path.GetFileName(folder)[0])) continue;
            try
            {
                if (File.ReadAllText(Path.Combine(folder, "cmdline")).Split('\0').Contains(mark, StringComparer.Ordinal)) return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // it has just ended
            }
        }

        return false;
    }
}

using System.Globalization;

namespace NasGitOps.Execution;

/// <summary>Ends a command with everything that it started, however far that ran away.</summary>
internal static class ProcessTree
{
    /// <summary>New children may appear while we look; after this many rounds something is forking faster than it can be ended.</summary>
    private const int Rounds = 20;

    /// <param name="leader">The command's process id, also that of its group and session.</param>
    /// <param name="cookie">The value of <see cref="CommandRunner.CookieVariable"/> in the environment of all its descendants.</param>
    /// <remarks>The group alone is not enough: a descendant may have made a session of its own, and its parent may be gone. The cookie finds it still.</remarks>
    public static void Kill(int leader, string cookie)
    {
        for (var round = 0; round < Rounds; round++)
        {
            Posix.Kill(-leader, Posix.SigKill);
            Posix.Kill(leader, Posix.SigKill);
            var survivors = Survivors($"{CommandRunner.CookieVariable}={cookie}").ToList();
            if (survivors.Count == 0) return;
            foreach (var pid in survivors) Posix.Kill(pid, Posix.SigKill);
        }
    }

    private static IEnumerable<int> Survivors(string mark)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) continue;
            string environment;
            try
            {
                environment = File.ReadAllText(Path.Combine(folder, "environ"));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue; // it has just ended, or is none of ours
            }

            if (environment.Split('\0').Contains(mark, StringComparer.Ordinal)) yield return pid;
        }
    }
}

using NasGitOps.Execution;

namespace NasGitOps.Trust;

/// <summary>Files of this host that say whom to believe: only root may be able to write or exchange them, else whoever can would be believed.</summary>
internal static class HostFile
{
    private const int MaxBytes = 4 * 1024 * 1024;
    private const int OthersMayWrite = 0b000_010_010;
    private const int OthersMayReach = 0b000_111_111;
    private const int Sticky = 0x200;

    /// <summary>The content, or null with the reason and the command that mends it.</summary>
    public static byte[]? Read(string path, out string? problem)
    {
        problem = Refuse(path, isPrivate: false);
        if (problem is not null) return null;
        try
        {
            var content = File.ReadAllBytes(path);
            if (content.Length <= MaxBytes) return content;
            problem = $"{path} has {content.Length} bytes; {MaxBytes} are the most";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = $"{path} cannot be read: {e.Message}";
        }

        return null;
    }

    /// <summary>Why a file must not be used, with the command that mends it; null when it may.</summary>
    /// <param name="isPrivate">Nobody else may read it either.</param>
    public static string? Refuse(string path, bool isPrivate)
    {
        if (Posix.FactsOf(path) is not { } file) return $"{path} does not exist, or cannot be examined: ls -l {path}";
        if (!file.IsRegular) return $"{path} is no regular file: ls -l {path}";
        if (!IsOurs(file.Uid)) return $"{path} belongs to the user id {file.Uid} and must belong to root: chown root:root {path}";
        if (isPrivate && (file.Mode & OthersMayReach) != 0) return $"{path} can be read by others (mode {Octal(file.Mode)}): chmod 0600 {path}";
        if ((file.Mode & OthersMayWrite) != 0) return $"{path} can be written by others (mode {Octal(file.Mode)}): chmod go-w {path}";
        var target = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName;
        return RefuseFolders(path) ?? (target is null ? null : RefuseFolders(target));
    }

    /// <summary>Whoever can write a folder on the way can put another file in its place; a sticky one as /tmp lets nobody exchange what is root's.</summary>
    private static string? RefuseFolders(string path)
    {
        for (var folder = Path.GetDirectoryName(path); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (Posix.FactsOf(folder) is not { } facts) return $"the folder {folder} cannot be examined: ls -ld {folder}";
            if (!IsOurs(facts.Uid)) return $"the folder {folder} belongs to the user id {facts.Uid}, who could exchange {path}: chown root:root {folder}";
            if ((facts.Mode & OthersMayWrite) != 0 && (facts.Mode & Sticky) == 0) return $"the folder {folder} can be written by others (mode {Octal(facts.Mode)}), who could exchange {path}: chmod go-w {folder}";
        }

        return null;
    }

    /// <summary>Root's, or of the user that this process runs as (root, but for tests).</summary>
    private static bool IsOurs(uint uid) => uid == 0 || uid == Posix.FactsOf("/proc/self")?.Uid;

    private static string Octal(ushort mode) => Convert.ToString(mode & 0xFFF, 8).PadLeft(4, '0');
}

using NasGitOps.Core.Observation;

namespace NasGitOps.Execution;

/// <summary>Reads small files that nobody but root may read or exchange: secrets, and keys to secrets.</summary>
internal static class PrivateFile
{
    public const int MaxBytes = 64 * 1024;

    private const int GroupOrOther = 0b000_111_111;
    private const int GroupOrOtherMayWrite = 0b000_010_010;

    /// <summary>The content, to be zeroed by the caller; Absent when there is none of that name, Unknown with the reason when it must not be used.</summary>
    /// <param name="checkOwner">False where systemd made the file and decides who reads it.</param>
    public static Reading<byte[]> Read(string path, bool checkOwner)
    {
        if (Posix.FactsOf(path) is not { } named) return Reading<byte[]>.Absent;
        if (!named.IsRegular) return Reading<byte[]>.Unknown($"{path} is no regular file"); // opening a pipe would wait for its writer
        try
        {
            using var handle = File.OpenHandle(path);
            if (Posix.FactsOf(handle) is not { } facts) return Reading<byte[]>.Unknown($"{path} cannot be examined");
            if (checkOwner && Refuse(path, facts) is { } why) return Reading<byte[]>.Unknown(why);
            if (facts.Size > MaxBytes) return Reading<byte[]>.Unknown($"{path} has {facts.Size} bytes; a secret has {MaxBytes} at most");
            var value = new byte[facts.Size];
            var length = RandomAccess.Read(handle, value, 0);
            return length == value.Length ? Reading<byte[]>.Known(value) : Reading<byte[]>.Unknown($"{path} changed while it was read");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Reading<byte[]>.Unknown($"{path} cannot be read: {e.Message}");
        }
    }

    /// <summary>A secret that others can read is none, and one that others can exchange is not ours.</summary>
    private static string? Refuse(string path, Posix.Facts file)
    {
        if (file.Uid != 0) return $"{path} belongs to the user id {file.Uid} and must belong to root: chown root:root {path}";
        if ((file.Mode & GroupOrOther) != 0) return $"{path} can be reached by others (mode {Octal(file.Mode)}): chmod 0600 {path}";
        var folder = Path.GetDirectoryName(path)!;
        return Posix.FactsOf(folder) is { } facts && (facts.Uid != 0 || (facts.Mode & GroupOrOtherMayWrite) != 0)
            ? $"the folder {folder} can be written by others (owner {facts.Uid}, mode {Octal(facts.Mode)}): chown root:root {folder} && chmod 0700 {folder}"
            : null;
    }

    private static string Octal(ushort mode) => Convert.ToString(mode & 0xFFF, 8).PadLeft(4, '0');
}

using System.Security.Cryptography;
using NasGitOps.Core.Observation;

namespace NasGitOps.Execution;

/// <summary>Finds secrets by name. A value is handed out as bytes that the caller zeroes, and is in no text of ours.</summary>
/// <param name="credentials">systemd's credentials folder; null when there is none.</param>
/// <param name="directory">The folder of secrets, as <c>/etc/nasgitops/secrets</c>.</param>
/// <param name="key">Of the fingerprints; random for each host, so that equal secrets of two hosts cannot be told.</param>
internal sealed class SecretStore(string? credentials, string directory, byte[] key)
{
    private const int MaxBytes = 64 * 1024;
    private const int FingerprintCharacters = 32;
    private const int GroupOrOther = 0b000_111_111;
    private const int GroupOrOtherMayWrite = 0b000_010_010;

    /// <summary>Whether a name can be one: no slash and no leading dot, so that it cannot leave its folder.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= 200 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>Reads a secret: Absent when there is none of that name, Unknown with the reason when it must not be used.</summary>
    /// <param name="raw">True for keys made of bytes; of a text one trailing newline is taken off.</param>
    public Reading<byte[]> Read(string name, bool raw)
    {
        if (!IsName(name)) return Reading<byte[]>.Unknown("a secret's name has letters, digits, '.', '_' and '-' only, and begins with a letter or digit");
        foreach (var folder in (string?[])[credentials, directory])
        {
            if (folder is null) continue;
            var found = ReadFile(Path.Combine(folder, name), checkOwner: folder == directory);
            if (found.State != ReadingState.Absent) return raw ? found : found.Select(StripNewline);
        }

        return Reading<byte[]>.Absent;
    }

    /// <summary>Tells whether a secret changed, and nothing else of it.</summary>
    public Reading<string> Fingerprint(string name) => Read(name, raw: false).Select(value =>
    {
        var hash = Convert.ToHexStringLower(HMACSHA256.HashData(key, value))[..FingerprintCharacters];
        CryptographicOperations.ZeroMemory(value);
        return hash;
    });

    private static Reading<byte[]> ReadFile(string path, bool checkOwner)
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

    private static byte[] StripNewline(byte[] value)
    {
        if (value is not [.., (byte)'\n']) return value;
        var length = value is [.., (byte)'\r', (byte)'\n'] ? value.Length - 2 : value.Length - 1;
        var stripped = value[..length];
        CryptographicOperations.ZeroMemory(value);
        return stripped;
    }
}

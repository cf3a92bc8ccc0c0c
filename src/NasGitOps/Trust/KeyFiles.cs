using System.Security.Cryptography;
using System.Text;
using NasGitOps.Configuration;

namespace NasGitOps.Trust;

/// <summary>Whose signatures count, as the host's files say it at this moment.</summary>
/// <param name="Hash">Of all of it: what was found out with other keys does not hold any more.</param>
internal sealed record KeyFiles(byte[]? AllowedSigners, byte[]? RevokedKeys, byte[]? GpgKeyring, string Hash)
{
    /// <param name="problem">Why they must not be used: which file, and what mends it.</param>
    public static KeyFiles? Read(VerifyConfig config, out string? problem)
    {
        problem = null;
        var files = new byte[]?[3];
        (string Field, string? Path)[] wanted =
        [
            ("allowedSignersFile", config.AllowedSignersFile), ("revokedKeysFile", config.RevokedKeysFile), ("gpgKeyringFile", config.GpgKeyringFile),
        ];
        for (var i = 0; i < wanted.Length; i++)
        {
            if (wanted[i].Path is not { } path) continue;
            files[i] = HostFile.Read(path, out var why);
            if (why is null) continue;
            problem = $"repository.verify.{wanted[i].Field} cannot be used: {why}";
            return null;
        }

        if (files[0] is { } signers && !HasLines(signers) && files[2] is null) problem = $"{config.AllowedSignersFile} allows nobody: it has no line with a principal and a key, as 'ada@example.org ssh-ed25519 AAAA…'";
        if (files[2] is { Length: 0 }) problem = $"{config.GpgKeyringFile} allows nobody: it is empty; fill it with 'gpg --export KEY… >{config.GpgKeyringFile}'";
        return problem is null ? new KeyFiles(files[0], files[1], files[2], HashOf(files)) : null;
    }

    private static bool HasLines(byte[] signers) =>
        Encoding.UTF8.GetString(signers).Split('\n').Any(l => l.Trim() is { Length: > 0 } line && line[0] != '#');

    private static string HashOf(IEnumerable<byte[]?> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files) hash.AppendData(file is null ? [0] : [1, .. SHA256.HashData(file)]);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

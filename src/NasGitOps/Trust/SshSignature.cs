using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using NasGitOps.Core.Loading;

namespace NasGitOps.Trust;

/// <summary>What an SSH signature says of itself, for messages and to refuse early; whether it is good is <c>ssh-keygen</c>'s to say.</summary>
/// <param name="KeyType">As <c>ssh-ed25519</c>.</param>
/// <param name="Fingerprint">Of the public key, as <c>SHA256:…</c>.</param>
/// <param name="Namespace">What it was made for: <c>git</c> for commits, <c>file</c> for files.</param>
internal sealed record SshSignature(string KeyType, string Fingerprint, string Namespace)
{
    /// <summary>The key for people. Of a certificate the blob is more than the key, so that its hash is no fingerprint that anybody knows.</summary>
    public string Key => KeyType.Contains("-cert-", StringComparison.Ordinal) ? $"certificate ({Show.Text(KeyType)})" : $"{Show.Text(KeyType)} key {Fingerprint}";

    private static readonly byte[] Magic = "SSHSIG"u8.ToArray();

    /// <summary>Null when it is malformed.</summary>
    public static SshSignature? Parse(string armored)
    {
        var lines = armored.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (lines is not ["-----BEGIN SSH SIGNATURE-----", .. var body, "-----END SSH SIGNATURE-----"]) return null;
        var blob = new byte[armored.Length];
        if (!Convert.TryFromBase64String(string.Concat(body), blob, out var length)) return null;
        var rest = blob.AsSpan(0, length);
        if (!rest.StartsWith(Magic) || rest.Length < Magic.Length + sizeof(uint)) return null;
        rest = rest[(Magic.Length + sizeof(uint))..];
        if (!TryTake(ref rest, out var key) || !TryTake(ref rest, out var space)) return null;
        var inKey = key;
        if (!TryTake(ref inKey, out var type)) return null;
        var fingerprint = "SHA256:" + Convert.ToBase64String(SHA256.HashData(key)).TrimEnd('=');
        return new SshSignature(Encoding.UTF8.GetString(type), fingerprint, Encoding.UTF8.GetString(space));
    }

    private static bool TryTake(ref Span<byte> rest, out Span<byte> taken)
    {
        taken = default;
        if (rest.Length < sizeof(uint) || BinaryPrimitives.ReadUInt32BigEndian(rest) is var length && length > rest.Length - sizeof(uint)) return false;
        taken = rest.Slice(sizeof(uint), (int)length);
        rest = rest[(sizeof(uint) + (int)length)..];
        return true;
    }
}

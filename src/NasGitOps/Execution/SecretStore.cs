using System.Security.Cryptography;
using NasGitOps.Core.Loading;
using NasGitOps.Core.Observation;

namespace NasGitOps.Execution;

/// <summary>Finds secrets by name: systemd's credentials first, then the folder of secrets, then what lies encrypted in the commit in force. A value is handed out as bytes that the caller zeroes, and is in no text of ours.</summary>
/// <param name="credentials">systemd's credentials folder; null when there is none.</param>
/// <param name="directory">The folder of secrets, as <c>/etc/nasgitops/secrets</c>.</param>
/// <param name="key">Of the fingerprints; random for each host, so that equal secrets of two hosts cannot be told.</param>
/// <param name="age">Null where the repository's secrets are not read.</param>
internal sealed class SecretStore(string? credentials, string directory, byte[] key, AgeSecrets? age = null)
{
    private const int FingerprintCharacters = 32;

    /// <summary>The same store with what lies encrypted in a commit.</summary>
    public SecretStore With(IEnumerable<SourceFile> encrypted) => new(credentials, directory, key, age?.With(encrypted));

    /// <summary>Reads a secret: Absent when there is none of that name, Unknown with the reason when it must not be used.</summary>
    /// <param name="raw">True for keys made of bytes; of a text one trailing newline is taken off.</param>
    public async Task<Reading<byte[]>> ReadAsync(string name, bool raw)
    {
        var found = OnHost(name);
        if (found.State == ReadingState.Absent && age is not null) found = await age.ReadAsync(name);
        return raw ? found : found.Select(StripNewline);
    }

    /// <summary>Tells whether a secret changed, and nothing else of it.</summary>
    public async Task<Reading<string>> FingerprintAsync(string name)
    {
        var found = OnHost(name);
        return found.State == ReadingState.Absent && age is not null ? await age.FingerprintAsync(name, Fingerprint) : found.Select(Fingerprint);
    }

    /// <summary>Fingerprints of many, by name.</summary>
    public async Task<IReadOnlyDictionary<string, Reading<string>>> FingerprintsAsync(IEnumerable<string> names)
    {
        var found = new Dictionary<string, Reading<string>>();
        foreach (var name in names.Distinct()) found[name] = await FingerprintAsync(name);
        return found;
    }

    private Reading<byte[]> OnHost(string name)
    {
        if (!SecretFile.IsName(name)) return Reading<byte[]>.Unknown("a secret's name has letters, digits, '.', '_' and '-' only, and begins with a letter or digit");
        foreach (var folder in (string?[])[credentials, directory])
        {
            if (folder is null) continue;
            var found = PrivateFile.Read(Path.Combine(folder, name), checkOwner: folder == directory);
            if (found.State != ReadingState.Absent) return found;
        }

        return Reading<byte[]>.Absent;
    }

    private string Fingerprint(byte[] found)
    {
        var value = StripNewline(found);
        var hash = Convert.ToHexStringLower(HMACSHA256.HashData(key, value))[..FingerprintCharacters];
        CryptographicOperations.ZeroMemory(value);
        return hash;
    }

    private static byte[] StripNewline(byte[] value)
    {
        if (value is not [.., (byte)'\n']) return value;
        var length = value is [.., (byte)'\r', (byte)'\n'] ? value.Length - 2 : value.Length - 1;
        var stripped = value[..length];
        CryptographicOperations.ZeroMemory(value);
        return stripped;
    }
}

using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Loading;

/// <summary>Secrets that lie encrypted in a repository: <c>secrets/NAME.age</c> for every host, <c>hosts/HOST/secrets/NAME.age</c> for one.</summary>
public static class SecretFile
{
    public const string Folder = "secrets";

    /// <summary>Of the encrypted file; the secret itself has 64 KiB at most, and armour makes it a third longer.</summary>
    public const long MaxBytes = 128 * 1024;

    private const string Suffix = ".age";

    /// <summary>What every file that age wrote begins with. Source: the specification at C2SP.org/age.</summary>
    private static readonly byte[][] Headers = ["age-encryption.org/v1\n"u8.ToArray(), "-----BEGIN AGE ENCRYPTED FILE-----"u8.ToArray()];

    /// <summary>Whether a name can be a secret's: no slash and no leading dot, so that it cannot leave its folder.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= 200 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>Where a host's encrypted secrets are looked for; what is its own comes first.</summary>
    public static IReadOnlyList<string> Folders(string host) => [$"hosts/{host}/{Folder}", Folder];

    /// <summary>Whether a path lies where only encrypted secrets may.</summary>
    public static bool IsPlace(string path) => path.Split('/') is [Folder, _, ..] or ["hosts", _, Folder, _, ..];

    /// <summary>The secret's name; null where the path is not that of an encrypted secret.</summary>
    public static string? NameOf(string path)
    {
        if (!IsPlace(path) || !path.EndsWith(Suffix, StringComparison.Ordinal)) return null;
        var parts = path.Split('/');
        var name = parts[^1][..^Suffix.Length];
        return parts.Length is 2 or 4 && IsName(name) ? name : null;
    }

    /// <summary>What is wrong with a file in such a place; nothing of its content is ever repeated. Null when it is what it should be.</summary>
    public static ManifestProblem? Check(string path, long size, Func<byte[]> read)
    {
        if (!path.EndsWith(Suffix, StringComparison.Ordinal))
        {
            return Problem(
                path, "only files that age encrypted belong here, and this one may be a secret in plain text",
                $"take it out of the commit and, if it was pushed, change that secret; encrypt it with 'age -r RECIPIENT -o {path}{Suffix} {path}'");
        }

        if (NameOf(path) is null) return Problem(path, "this is not the place and name of a secret", "as secrets/NAME.age or hosts/HOST/secrets/NAME.age, NAME of letters, digits, '.', '_' and '-'");
        if (size > MaxBytes) return Problem(path, $"the file has {size} bytes; an encrypted secret may have {MaxBytes} at most", "a secret is a password or a key");
        var content = read();
        return Headers.Any(h => content.AsSpan().StartsWith(h))
            ? null
            : Problem(path, "the file does not begin as one that age encrypted, and may be a secret in plain text", "encrypt it with 'age -r RECIPIENT' and, if it was pushed as it is, change that secret");
    }

    private static ManifestProblem Problem(string path, string message, string wayOut) => new(Severity.Error, path, 0, 0, "", message, wayOut);
}

namespace NasGitOps.Configuration;

internal enum VerifyMode
{
    /// <summary>Whoever can push is believed.</summary>
    None,

    /// <summary>The newest commit must be signed.</summary>
    Head,

    /// <summary>Every commit since the last accepted one must be signed.</summary>
    Range,
}

/// <summary>Whose commits are followed. Everything it names is a file on the host, never one of the repository.</summary>
/// <param name="Mode">How much of the history must be signed.</param>
internal sealed record VerifyConfig(VerifyMode Mode)
{
    public static VerifyConfig None { get; } = new(VerifyMode.None);

    /// <summary>SSH keys, in the format of ssh-keygen(1), ALLOWED SIGNERS.</summary>
    public string? AllowedSignersFile { get; init; }

    /// <summary>SSH keys that are never accepted: a key revocation list, or public keys.</summary>
    public string? RevokedKeysFile { get; init; }

    /// <summary>GPG keys: what <c>gpg --export</c> writes. Every key in it may sign.</summary>
    public string? GpgKeyringFile { get; init; }

    /// <summary>The full id of a commit that is trusted with its whole history.</summary>
    public string? Anchor { get; init; }

    /// <summary>Who may change what; what no rule names, every allowed signer may.</summary>
    public IReadOnlyList<SignerRule> Rules { get; init; } = [];
}

/// <summary>Only these signers may change a part of the repository.</summary>
/// <param name="Signers">Principals of the allowed signers file, or fingerprints of keys.</param>
internal abstract record SignerRule(IReadOnlyList<string> Signers);

/// <param name="Glob">Of paths in the repository, as <c>pools/**</c>.</param>
internal sealed record PathRule(string Glob, IReadOnlyList<string> Signers) : SignerRule(Signers);

/// <summary>Protects manifests of a kind in whatever file they stand.</summary>
internal sealed record KindRule(string Kind, IReadOnlyList<string> Signers) : SignerRule(Signers);

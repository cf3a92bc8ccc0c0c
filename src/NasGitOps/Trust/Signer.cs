namespace NasGitOps.Trust;

/// <summary>Whose valid signature a commit carries.</summary>
/// <param name="Name">For people: the principal, or the user id of a GPG key.</param>
/// <param name="Identities">What a rule may call it: principals of an SSH key, fingerprints of the key (for GPG also of its primary key).</param>
internal sealed record Signer(string Name, IReadOnlyList<string> Identities)
{
    public bool IsOneOf(IReadOnlyList<string> signers) => Identities.Any(i => signers.Contains(i, StringComparer.Ordinal));

    public override string ToString() => $"{Name} ({Identities[^1]})";

    /// <summary>A GPG fingerprint as people copy it (<c>gpg --fingerprint</c> prints blanks) in the one form that is compared; anything else stays as it is.</summary>
    public static string Normalize(string identity)
    {
        var bare = identity.Replace(" ", "", StringComparison.Ordinal);
        return bare.Length is 40 or 64 && bare.All(char.IsAsciiHexDigit) ? bare.ToUpperInvariant() : identity;
    }
}

/// <summary>Why a commit is not followed.</summary>
/// <param name="Reason">The condition's reason, one word.</param>
/// <param name="Message">What, where, why, and what to do.</param>
internal sealed record TrustRefusal(string Reason, string Message)
{
    public const string Unsigned = "UnsignedCommit";
    public const string Untrusted = "UntrustedSigner";
    public const string Bad = "BadSignature";

    /// <summary>It could not be found out: a tool or a file of this host fails. It is tried again with the next pass.</summary>
    public const string CheckFailed = "SignatureCheckFailed";

    public const string NoAnchor = "NoTrustAnchor";
    public const string Rewritten = "HistoryRewritten";
}

/// <summary>What looking at one commit gave: its signer, or why there is none.</summary>
internal sealed record Verdict(Signer? Signer, TrustRefusal? Refusal)
{
    public static Verdict Good(Signer signer) => new(signer, null);

    public static Verdict No(string reason, string message) => new(null, new TrustRefusal(reason, message));
}

namespace NasGitOps.Trust;

/// <summary>What <c>gpg --status-fd</c> says of one signature.</summary>
internal static class GpgStatus
{
    private const string Prefix = "[GNUPG:] ";

    /// <summary>What each word means for us; anything but a good signature by a key that is valid now is refused.</summary>
    private static readonly (string Word, string Reason, string Why)[] Refusals =
    [
        ("BADSIG", TrustRefusal.Bad, "its GPG signature does not fit its content: one of them was changed afterwards"),
        ("REVKEYSIG", TrustRefusal.Untrusted, "the GPG key that signed it is revoked"),
        ("EXPKEYSIG", TrustRefusal.Untrusted, "the GPG key that signed it has expired"),
        ("EXPSIG", TrustRefusal.Untrusted, "its GPG signature has expired"),
        ("NO_PUBKEY", TrustRefusal.Untrusted, "the GPG key that signed it is not in the keyring"),
        ("ERRSIG", TrustRefusal.Bad, "its GPG signature cannot be checked"),
        ("NODATA", TrustRefusal.Bad, "its GPG signature is malformed"),
    ];

    /// <returns>The verdict; null when gpg said nothing that we know.</returns>
    public static Verdict? Read(string output)
    {
        var lines = output.Split('\n').Where(l => l.StartsWith(Prefix, StringComparison.Ordinal)).Select(l => l[Prefix.Length..].TrimEnd().Split(' ')).ToList();
        if (Refusals.FirstOrDefault(r => lines.Exists(l => l[0] == r.Word)) is { Word: not null } refusal)
        {
            var key = lines.FirstOrDefault(l => l[0] == refusal.Word) is [_, var id, ..] ? $" (key {id})" : "";
            return Verdict.No(refusal.Reason, refusal.Why + key);
        }

        var good = lines.Where(l => l[0] == "GOODSIG").ToList();
        var valid = lines.Where(l => l[0] == "VALIDSIG").ToList();
        if (good.Count > 1 || valid.Count > 1) return Verdict.No(TrustRefusal.Bad, "it carries more than one GPG signature");
        if (good.Count == 0 || valid.Count == 0) return null;

        // VALIDSIG <fingerprint> <date> <timestamp> <expiry> <version> <reserved> <algorithm> <hash> <class> [<primary fingerprint>]
        var fields = valid[0];
        if (fields.Length < 10 || fields[9] != "00") return Verdict.No(TrustRefusal.Bad, "its GPG signature is none over a document");
        var primary = fields.Length > 10 ? fields[10] : fields[1];
        return Verdict.Good(new Signer(string.Join(' ', good[0].Skip(2)), [.. new[] { fields[1], primary }.Distinct()]));
    }
}

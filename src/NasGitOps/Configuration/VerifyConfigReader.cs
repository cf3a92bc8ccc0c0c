using NasGitOps.Core.Loading;
using NasGitOps.Kinds;
using NasGitOps.Trust;

namespace NasGitOps.Configuration;

/// <summary>Reads <c>repository.verify</c>. What would protect nothing (a typo in a glob or a kind, keys without a mode) is an error and never ignored.</summary>
internal static class VerifyConfigReader
{
    private const int CommitLength = 40;
    private const string SignersWayOut = "principals of the allowed signers file, or key fingerprints, as [ada@example.org, 'SHA256:…']";

    public static VerifyConfig Read(ConfigMap map)
    {
        var hasFields = map.Names.Any();
        var mode = map.Choice<VerifyMode>("mode");
        if (hasFields && !map.Has("mode")) map.Problem("", "verify has no mode, so nothing would be verified", "add 'mode: range', 'mode: head' or 'mode: none'");
        var config = new VerifyConfig(mode ?? VerifyMode.None)
        {
            AllowedSignersFile = map.Folder("allowedSignersFile"),
            RevokedKeysFile = map.Folder("revokedKeysFile"),
            GpgKeyringFile = map.Folder("gpgKeyringFile"),
            Anchor = ReadAnchor(map),
            Rules = [.. map.Maps("paths").Select(ReadPath).OfType<SignerRule>(), .. map.Maps("kinds").Select(ReadKind).OfType<SignerRule>()],
        };
        if (config.Mode != VerifyMode.None && config.AllowedSignersFile is null && config.GpgKeyringFile is null && !map.Has("allowedSignersFile") && !map.Has("gpgKeyringFile"))
        {
            map.Problem("mode", "commits are to be signed, and nobody may sign", "give allowedSignersFile (SSH keys), gpgKeyringFile (GPG keys) or both");
        }

        if (config.RevokedKeysFile is not null && config.AllowedSignersFile is null) map.Problem("revokedKeysFile", "it is about SSH keys, and there is no allowedSignersFile", "take keys out of the GPG keyring instead, or import their revocation there");
        if (config.Mode == VerifyMode.Head)
        {
            const string why = "with mode 'head' only the newest commit is looked at, so that";
            if (map.Has("anchor")) map.Problem("anchor", $"{why} no range begins anywhere", "say 'mode: range', or take it out");
            foreach (var rules in new[] { "paths", "kinds" }.Where(map.Has)) map.Problem(rules, $"{why} a change in an older one would pass the rule by", "say 'mode: range'");
        }

        map.Finish();
        return config;
    }

    private static string? ReadAnchor(ConfigMap map)
    {
        if (map.Text("anchor") is not { } anchor) return null;
        if (anchor.Length == CommitLength && anchor.All(char.IsAsciiHexDigit)) return anchor.ToLowerInvariant();
        map.Problem("anchor", $"'{Show.Text(anchor)}' is no full commit id of {CommitLength} hexadecimal digits", "as 'git rev-parse HEAD' prints it, in quotes");
        return null;
    }

    private static PathRule? ReadPath(ConfigMap map)
    {
        var glob = map.Text("path");
        var signers = ReadSigners(map);
        if (!map.Has("path")) map.Problem("", "the rule names no path", "as {path: 'pools/**', signers: […]}");
        else if (glob is not null && PathGlob.Refuse(glob) is { } why) map.Problem("path", $"'{Show.Text(glob)}' is no pattern: {why}", "as 'pools/**', '**/pool.yaml' or 'hosts/nas?/*.yaml', relative to the repository's root");
        map.Finish();
        return glob is null ? null : new PathRule(glob, signers);
    }

    private static KindRule? ReadKind(ConfigMap map)
    {
        var kind = map.Text("kind");
        var signers = ReadSigners(map);
        var kinds = BuiltInKinds.All.Select(k => k.Name).ToList();
        if (!map.Has("kind")) map.Problem("", "the rule names no kind", "as {kind: Pool, signers: […]}");
        else if (kind is not null && !kinds.Contains(kind)) map.Problem("kind", $"unknown kind '{Show.Text(kind)}'{Nearest.Hint(kind, kinds)}", $"known kinds: {Show.List(kinds)}");
        map.Finish();
        return kind is null ? null : new KindRule(kind, signers);
    }

    private static List<string> ReadSigners(ConfigMap map)
    {
        var signers = map.Texts("signers").Select(s => Signer.Normalize(s.Text)).ToList();
        if (!map.Has("signers")) map.Problem("", "the rule names no signers, so that nobody could ever change this", $"signers: {SignersWayOut}");
        else if (signers.Count == 0 || signers.Any(s => s.Length == 0 || s.Any(char.IsControl))) map.Problem("signers", "at least one signer is expected here, and none is empty", SignersWayOut);
        return signers;
    }
}

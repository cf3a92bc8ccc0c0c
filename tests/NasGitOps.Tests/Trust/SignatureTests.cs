using System.Text;
using NasGitOps.Configuration;
using NasGitOps.Trust;

namespace NasGitOps.Tests.Trust;

/// <summary>One commit, good or bad, with real ssh-keygen.</summary>
public sealed class SignatureTests : IDisposable
{
    private readonly TrustLab lab = new();

    public void Dispose() => lab.Dispose();

    [Fact]
    public async Task A_commit_signed_by_an_allowed_key_is_followed_and_its_signer_told()
    {
        var commit = lab.Commit("ada", "signed");

        var desired = await lab.Read();

        Assert.Equal((commit, null), (desired.InForce, desired.Failure));
        Assert.Equal($"ada@example.org ({lab.Fingerprint("ada")})", desired.Trust!.Signer);
    }

    [Fact]
    public async Task An_unsigned_commit_is_refused_with_its_author_its_subject_and_what_to_do()
    {
        await lab.Read();
        var commit = lab.Commit(null, "nobody signed this");

        var message = await lab.Refused("UnsignedCommit");

        Assert.Contains($"commit {commit[..12]} of t (nobody signed this) is not followed: it is not signed", message, StringComparison.Ordinal);
        Assert.Contains($"git show {commit[..12]}", message, StringComparison.Ordinal);
        Assert.Contains($"set repository.verify.anchor to {commit}", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_not_allowed_is_named()
    {
        await lab.Read();
        lab.Commit("mallory", "hello");

        Assert.Contains($"allows the ssh-ed25519 key {lab.Fingerprint("mallory")}", await lab.Refused("UntrustedSigner"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signature_moved_to_another_content_is_refused()
    {
        await lab.Read();
        var signed = lab.Object(lab.Commit("ada", "honest"));
        lab.PushObject(signed.Replace("honest", "forged", StringComparison.Ordinal));

        Assert.Contains("does not fit its content", await lab.Refused("BadSignature"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signature_in_the_message_is_none()
    {
        await lab.Read();
        var signed = lab.Object(lab.Commit("ada", "honest"));
        var (head, signature, rest) = Split(signed);
        lab.PushObject($"{head}\n{signature}{rest}");

        await lab.Refused("UnsignedCommit");
    }

    [Theory]
    [InlineData("gpgsig-sha256")]
    [InlineData("gpgsig")]
    public async Task A_second_signature_is_refused(string header)
    {
        await lab.Read();
        var (head, signature, rest) = Split(lab.Object(lab.Commit("ada", "honest")));
        lab.PushObject($"{head}{signature}{header}{signature["gpgsig".Length..]}{rest}");

        Assert.Contains("more than one signature", await lab.Refused("BadSignature"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signature_made_for_files_is_none_for_commits()
    {
        await lab.Read();
        var (head, _, rest) = Split(lab.Object(lab.Commit("ada", "honest")));
        File.WriteAllText(lab["payload"], head + rest);
        TrustLab.Run("ssh-keygen", "-q", "-Y", "sign", "-n", "file", "-f", lab["ada"], lab["payload"]);
        lab.PushObject($"{head}gpgsig {File.ReadAllText(lab["payload.sig"]).TrimEnd().Replace("\n", "\n ", StringComparison.Ordinal)}\n{rest}");

        Assert.Contains("was made for 'file' and not for 'git'", await lab.Refused("BadSignature"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-----BEGIN SIGNED MESSAGE-----\n x\n -----END SIGNED MESSAGE-----", "UntrustedSigner", "X.509")]
    [InlineData("-----BEGIN SSH SIGNATURE-----\n x\n -----END SSH SIGNATURE-----", "BadSignature", "is malformed")]
    [InlineData("-----BEGIN NONSENSE-----\n x\n -----END NONSENSE-----", "BadSignature", "unknown format")]
    [InlineData("-----BEGIN PGP SIGNATURE-----\n x\n -----END PGP SIGNATURE-----", "UntrustedSigner", "gpgKeyringFile is not set")]
    public async Task What_is_no_signature_of_ours_is_told_apart(string signature, string reason, string expected)
    {
        await lab.Read();
        var (head, _, rest) = Split(lab.Object(lab.Commit("ada", "honest")));
        lab.PushObject($"{head}gpgsig {signature}\n{rest}");

        Assert.Contains(expected, await lab.Refused(reason), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_commit_that_is_not_UTF8_cannot_be_judged()
    {
        await lab.Read();
        var text = lab.Object(lab.Commit("ada", "caf#"));
        lab.PushObject([.. Encoding.UTF8.GetBytes(text).Select(b => b == (byte)'#' ? (byte)0xE9 : b)]);

        Assert.Contains("not written in UTF-8", await lab.Refused("BadSignature"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_key_signs_nothing_more_whatever_time_the_commit_claims()
    {
        await lab.Read();
        lab.AllowLines($"ada@example.org valid-before=\"20240101\" {lab.PublicKey("ada")}");
        lab.Work("-c", "gpg.format=ssh", "-c", $"user.signingkey={lab["ada"]}", "-c", "alias.old=!GIT_COMMITTER_DATE='2023-06-01T12:00:00Z' git commit -q -S --allow-empty --date 2023-06-01T12:00:00Z -m old", "old");
        lab.Push();

        Assert.Contains("key has expired", await lab.Refused("UntrustedSigner"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_key_signs_nothing_more()
    {
        File.Copy(lab["ada.pub"], lab["revoked"]);
        lab.Verify = lab.Verify with { RevokedKeysFile = lab["revoked"] };
        var good = lab.Commit("bob", "good");
        await lab.MustFollow(good);
        lab.Commit("ada", "stolen");

        Assert.Contains("is in " + lab["revoked"], await lab.Refused("UntrustedSigner"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_principal_may_have_several_names_and_wildcards()
    {
        lab.AllowLines($"ops@example.org,ada@example.org namespaces=\"git\" {lab.PublicKey("ada")}", $"*@example.net {lab.PublicKey("bob")}");
        await lab.MustFollow(lab.Commit("ada", "one"));
        await lab.MustFollow(lab.Commit("bob", "two"));
    }

    [Fact]
    public async Task A_certificate_of_an_allowed_authority_signs_and_is_known_by_its_key()
    {
        lab.MakeKey("authority");
        TrustLab.Run("ssh-keygen", "-q", "-s", lab["authority"], "-I", "id", "-n", "ada@example.org", lab["ada.pub"]);
        lab.AllowLines($"*@example.org cert-authority,namespaces=\"git\" {lab.PublicKey("authority")}");
        lab.Verify = lab.Verify with { Rules = [new PathRule("pools/**", [lab.Fingerprint("ada")])] };
        lab.Write(("pools/x", "x"));
        var git = $"git -C {lab.Git.Work} -c user.name=t -c user.email=t@example.org -c gpg.format=ssh -c user.signingkey={lab["ada-cert.pub"]}";
        TrustLab.Run("ssh-agent", "sh", "-c", $"ssh-add -q {lab["ada"]} && {git} commit -q -S -m certified");

        await lab.MustFollow(lab.Push());
    }

    [Fact]
    public async Task A_key_allowed_for_other_purposes_only_is_refused()
    {
        await lab.Read();
        lab.AllowLines($"ada@example.org namespaces=\"file\" {lab.PublicKey("ada")}");
        lab.Commit("ada", "one");

        await lab.Refused("UntrustedSigner");
    }

    [Fact]
    public async Task Without_ssh_keygen_nothing_is_followed_until_it_is_there()
    {
        await lab.Read();
        var commit = lab.Commit("ada", "one");
        lab.Missing = "ssh-keygen";
        Assert.Contains("ssh-keygen does not exist", await lab.Refused("SignatureCheckFailed"), StringComparison.Ordinal);

        lab.Missing = null;
        await lab.MustFollow(commit);
    }

    [Fact]
    public async Task With_a_broken_file_nothing_is_followed()
    {
        await lab.Read();
        lab.AllowLines("ada@example.org ssh-ed25519 nonsense");
        lab.Commit("ada", "one");

        await lab.Refused("UntrustedSigner");
    }

    [Theory]
    [InlineData("", "allows nobody")]
    [InlineData("# ada@example.org ssh-ed25519 AAAA\n\n", "allows nobody")]
    [InlineData(null, "does not exist")]
    public async Task Files_that_allow_nobody_are_told(string? content, string expected)
    {
        await lab.Read();
        lab.Commit("ada", "one");
        if (content is null) File.Delete(lab["allowed_signers"]);
        else File.WriteAllText(lab["allowed_signers"], content);

        Assert.Contains(expected, await lab.Refused("SignatureCheckFailed"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_others_can_write_or_exchange_are_refused_with_what_mends_it()
    {
        await lab.Read();
        lab.Commit("ada", "one");
        var file = lab["allowed_signers"];
        File.SetUnixFileMode(file, (UnixFileMode)0b110_110_100);
        Assert.Contains($"chmod go-w {file}", await lab.Refused("SignatureCheckFailed"), StringComparison.Ordinal);
        File.SetUnixFileMode(file, (UnixFileMode)0b110_100_100);
        File.SetUnixFileMode(Path.GetDirectoryName(file)!, (UnixFileMode)0b111_111_101);
        Assert.Contains($"chmod go-w {Path.GetDirectoryName(file)}", await lab.Refused("SignatureCheckFailed"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Head_asks_for_the_newest_commit_only()
    {
        lab.Verify = lab.Verify with { Mode = VerifyMode.Head, Anchor = null };
        lab.Commit(null, "unsigned");
        await lab.MustFollow(lab.Commit("ada", "signed"));
        lab.Commit(null, "unsigned again");

        Assert.Contains("put a signed commit on top", await lab.Refused("UnsignedCommit"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pass_without_news_starts_no_tool()
    {
        lab.Verify = lab.Verify with { Mode = VerifyMode.Head, Anchor = null };
        await lab.MustFollow(lab.Commit("ada", "signed"));
        lab.Git.Runner.Runs.Clear();
        await lab.Read();
        Assert.Equal("git", Assert.Single(lab.Git.Runner.Runs).Command.Tool);

        // Other keys, another look.
        lab.Allow("bob");
        await lab.Refused("UntrustedSigner");
    }

    private static (string Head, string Signature, string Tail) Split(string signed)
    {
        var start = signed.IndexOf("gpgsig ", StringComparison.Ordinal);
        var end = signed.IndexOf("\n\n", start, StringComparison.Ordinal) + 1;
        return (signed[..start], signed[start..end], signed[end..]);
    }
}

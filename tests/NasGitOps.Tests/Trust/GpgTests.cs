using NasGitOps.Configuration;
using NasGitOps.Trust;

namespace NasGitOps.Tests.Trust;

/// <summary>GPG signatures, with real gpg.</summary>
public sealed class GpgTests : IDisposable
{
    private readonly TrustLab lab = new();

    public GpgTests()
    {
        Directory.CreateDirectory(lab["gpg"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Wrapper("gpg.sh", "");
        lab.Verify = lab.Verify with { AllowedSignersFile = null, GpgKeyringFile = lab["signers.gpg"] };
    }

    public void Dispose()
    {
        TrustLab.Run("gpgconf", "--homedir", lab["gpg"], "--kill", "all");
        lab.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("--armor")]
    public async Task A_key_of_the_keyring_may_sign_and_another_may_not(string armor)
    {
        var gia = MakeKey("gia");
        MakeKey("eve");
        Export(gia, armor);
        var commit = Commit("gia", "signed");
        var desired = await lab.Read();
        Assert.Equal((commit, $"gia <gia@example.org> ({gia})"), (desired.InForce, desired.Trust?.Signer));
        Commit("eve", "not mine");

        Assert.Contains("is not in the keyring", await lab.Refused("UntrustedSigner"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_names_a_key_by_its_fingerprint()
    {
        var gia = MakeKey("gia");
        Export(gia);
        lab.Verify = lab.Verify with { Rules = [new PathRule("pools/**", [Signer.Normalize(string.Join(' ', gia.ToLowerInvariant().Chunk(4).Select(c => new string(c))))])] };
        lab.Write(("pools/x", "x"));

        await lab.MustFollow(Commit("gia", "pools"));
    }

    [Fact]
    public async Task A_changed_content_is_refused()
    {
        Export(MakeKey("gia"));
        await lab.MustFollow(lab.First);
        lab.PushObject(lab.Object(Commit("gia", "honest")).Replace("honest", "forged", StringComparison.Ordinal));

        Assert.Contains("does not fit its content", await lab.Refused("BadSignature"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_key_signs_nothing_more_whatever_time_its_signature_claims()
    {
        Wrapper("old.sh", "--faked-system-time 20200101T120000");
        Export(MakeKey("gia", "old.sh", "1d"));
        await lab.MustFollow(lab.First);
        Commit("gia", "in time, it says", "old.sh");

        Assert.Contains("has expired", await lab.Refused("UntrustedSigner"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_key_signs_nothing_more()
    {
        var gia = MakeKey("gia");
        Export(gia);
        await lab.MustFollow(lab.First);
        Commit("gia", "before");
        File.WriteAllText(lab["revoke"], File.ReadAllText(lab[$"gpg/openpgp-revocs.d/{gia}.rev"]).Replace(":-----BEGIN", "-----BEGIN", StringComparison.Ordinal));
        TrustLab.Run(lab["gpg.sh"], "--import", lab["revoke"]);
        Export(gia);

        Assert.Contains("is revoked", await lab.Refused("UntrustedSigner"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_keyring_that_is_none_is_told()
    {
        MakeKey("gia");
        await File.WriteAllTextAsync(lab["signers.gpg"], "ada@example.org ssh-ed25519 AAAA\n");
        Commit("gia", "signed");

        Assert.Contains("is no export of GPG keys", await lab.Refused("SignatureCheckFailed"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SSH_and_GPG_may_both_sign()
    {
        Export(MakeKey("gia"));
        lab.Verify = lab.Verify with { AllowedSignersFile = lab["allowed_signers"] };
        lab.Commit("ada", "by ssh");
        await lab.MustFollow(Commit("gia", "by gpg"));
    }

    private void Wrapper(string name, string options)
    {
        File.WriteAllText(lab[name], $"#!/bin/sh\nexec gpg --homedir {lab["gpg"]} --batch {options} \"$@\"\n");
        File.SetUnixFileMode(lab[name], (UnixFileMode)0b111_101_101);
    }

    private string MakeKey(string name, string gpg = "gpg.sh", string expires = "0")
    {
        TrustLab.Run(lab[gpg], "--quiet", "--passphrase", "", "--quick-gen-key", $"{name} <{name}@example.org>", "ed25519", "sign", expires);
        return TrustLab.Run(lab[gpg], "--with-colons", "--list-keys", name).Split('\n').First(l => l.StartsWith("fpr:", StringComparison.Ordinal)).Split(':')[9];
    }

    private void Export(string key, string armor = "")
    {
        string[] options = armor.Length == 0 ? [] : [armor];
        TrustLab.Run(lab["gpg.sh"], ["--yes", .. options, "--output", lab["signers.gpg"], "--export", key]);
    }

    private string Commit(string name, string message, string gpg = "gpg.sh")
    {
        lab.Work("-c", $"gpg.program={lab[gpg]}", "-c", $"user.signingkey={name}", "commit", "-q", "--allow-empty", "-S", "-m", message);
        return lab.Push();
    }
}

using System.Text;
using NasGitOps.Configuration;

namespace NasGitOps.Tests.Configuration;

public sealed class VerifyConfigTests
{
    private const string Anchor = "0123456789ABCDEF0123456789abcdef01234567";

    [Fact]
    public void Every_field_is_read()
    {
        var result = Read($$$"""
            repository:
              url: /x
              verify:
                mode: range
                allowedSignersFile: /etc/nasgitops/allowed_signers
                revokedKeysFile: /etc/nasgitops/revoked
                gpgKeyringFile: /etc/nasgitops/signers.gpg
                anchor: "{{{Anchor}}}"
                paths: [{path: "pools/**", signers: [ada@example.org, "SHA256:abc"]}]
                kinds: [{kind: Pool, signers: ["abcd ef01 2345 6789 abcd  ef01 2345 6789 abcd ef01"]}]
            status: {branch: s, sign: {sshKeyFile: /etc/nasgitops/status.key}}
            """);

        Assert.Empty(result.Problems.Select(p => p.ToString()));
        var verify = result.Config!.Repository.Verify;
        Assert.Equal((VerifyMode.Range, Anchor.ToLowerInvariant(), "/etc/nasgitops/revoked"), (verify.Mode, verify.Anchor, verify.RevokedKeysFile));
        Assert.Equal(("/etc/nasgitops/allowed_signers", "/etc/nasgitops/signers.gpg"), (verify.AllowedSignersFile, verify.GpgKeyringFile));
        Assert.Equal("pools/**", Assert.IsType<PathRule>(verify.Rules[0]).Glob);
        Assert.Equal(["ada@example.org", "SHA256:abc"], verify.Rules[0].Signers);
        Assert.Equal(("Pool", "ABCDEF0123456789ABCDEF0123456789ABCDEF01"), (Assert.IsType<KindRule>(verify.Rules[1]).Kind, verify.Rules[1].Signers[0]));
        Assert.Equal("/etc/nasgitops/status.key", result.Config.Status.SignKeyFile);
    }

    [Theory]
    [InlineData("{}", null)]
    [InlineData("{mode: none, allowedSignersFile: /x}", null)]
    [InlineData("{allowedSignersFile: /x}", "verify has no mode, so nothing would be verified")]
    [InlineData("{mode: heads, allowedSignersFile: /x}", "did you mean 'head'?")]
    [InlineData("{mode: range}", "nobody may sign")]
    [InlineData("{mode: range, gpgKeyringFile: /x, revokedKeysFile: /y}", "there is no allowedSignersFile")]
    [InlineData("{mode: range, allowedSignersFile: x}", "is no absolute path")]
    [InlineData("{mode: range, allowedSignersFile: /x, anchor: main}", "is no full commit id")]
    [InlineData("{mode: range, allowedSignersFile: /x, anchor: 0123456}", "is no full commit id")]
    [InlineData("{mode: head, allowedSignersFile: /x, anchor: '0123456789012345678901234567890123456789'}", "no range begins anywhere")]
    [InlineData("{mode: head, allowedSignersFile: /x, paths: [{path: 'a/**', signers: [a]}]}", "would pass the rule by")]
    [InlineData("{mode: head, allowedSignersFile: /x, kinds: [{kind: Pool, signers: [a]}]}", "would pass the rule by")]
    [InlineData("{mode: range, allowedSignersFile: /x, paths: [{path: 'a/', signers: [a]}]}", "is no pattern")]
    [InlineData("{mode: range, allowedSignersFile: /x, paths: [{path: 'a/**'}]}", "names no signers")]
    [InlineData("{mode: range, allowedSignersFile: /x, paths: [{path: 'a/**', signers: []}]}", "at least one signer")]
    [InlineData("{mode: range, allowedSignersFile: /x, paths: [{signers: [a]}]}", "names no path")]
    [InlineData("{mode: range, allowedSignersFile: /x, paths: [a/**]}", "a list of mappings")]
    [InlineData("{mode: range, allowedSignersFile: /x, paths: [{path: 'a/**', signer: [a]}]}", "did you mean 'signers'?")]
    [InlineData("{mode: range, allowedSignersFile: /x, kinds: [{kind: pool, signers: [a]}]}", "did you mean 'Pool'?")]
    public void What_would_protect_nothing_is_told(string verify, string? expected)
    {
        var problems = string.Join('\n', Read($"repository: {{url: /x, verify: {verify}}}").Problems);
        if (expected is null) Assert.Equal("", problems);
        else Assert.Contains(expected, problems, StringComparison.Ordinal);
    }

    [Fact]
    public void A_signature_without_a_key_is_told() =>
        Assert.Contains("status.sign.sshKeyFile is missing", string.Join('\n', Read("repository: {url: /x}\nstatus: {sign: {}}").Problems), StringComparison.Ordinal);

    private static ConfigResult Read(string yaml) => AgentConfigReader.Read("agent.yaml", Encoding.UTF8.GetBytes(yaml), "machine");
}

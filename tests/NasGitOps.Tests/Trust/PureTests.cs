using NasGitOps.Trust;

namespace NasGitOps.Tests.Trust;

public sealed class PathGlobTests
{
    [Theory]
    [InlineData("pools/**", "pools/a.yaml", true)]
    [InlineData("pools/**", "pools/a/b.yaml", true)]
    [InlineData("pools/**", "pools", false)]
    [InlineData("pools/**", "Pools/a.yaml", false)]
    [InlineData("pools/**", "x/pools/a.yaml", false)]
    [InlineData("**/pool.yaml", "pool.yaml", true)]
    [InlineData("**/pool.yaml", "hosts/nas1/pool.yaml", true)]
    [InlineData("**/pool.yaml", "hosts/mypool.yaml", false)]
    [InlineData("hosts/*/pool*.yaml", "hosts/nas1/pools.yaml", true)]
    [InlineData("hosts/*/pool*.yaml", "hosts/nas1/a/pools.yaml", false)]
    [InlineData("hosts/nas?/**/x", "hosts/nas1/x", true)]
    [InlineData("a.b+(c)", "a.b+(c)", true)]
    [InlineData("a.b", "axb", false)]
    [InlineData("a", "a\n", false)]
    [InlineData("*", "a\n", true)]
    [InlineData("**", "any/thing", true)]
    public void Stars_stay_within_a_folder_and_double_ones_do_not(string pattern, string path, bool expected)
    {
        Assert.Null(PathGlob.Refuse(pattern));
        Assert.Equal(expected, new PathGlob(pattern).Matches(path));
    }

    [Theory]
    [InlineData("/pools/**")]
    [InlineData("pools/")]
    [InlineData("pools//a")]
    [InlineData("../a")]
    [InlineData("pools**")]
    [InlineData("{a,b}")]
    [InlineData("[ab]")]
    [InlineData("!a")]
    [InlineData("")]
    public void What_would_mean_something_else_elsewhere_is_refused(string pattern) => Assert.NotNull(PathGlob.Refuse(pattern));
}

public sealed class ThreeWayTests
{
    [Theory]
    [InlineData("n", "n,o", "o", false)]
    [InlineData("o", "n,o", "o", true)]
    [InlineData("o", "n,o", "n", false)]
    [InlineData("o", "o,o", "o", false)]
    [InlineData("x", "o,o", "o", true)]
    [InlineData("n", "n,n", "o", false)]
    [InlineData("o", "n,n", "o", true)]
    [InlineData("a", "a,b", "o", true)]
    [InlineData("n", "n,o", "n,o", true)]
    [InlineData("o", "o", "o", false)]
    [InlineData("n", "o", "o", true)]
    [InlineData("n", "", "", true)]
    [InlineData("", "o", "o", true)]
    public void A_value_is_touched_when_it_is_not_what_a_merge_without_a_decision_gives(string result, string parents, string bases, bool touched) =>
        Assert.Equal(touched, ThreeWay.IsTouched(result, parents.Length == 0 ? [] : parents.Split(','), bases.Split(',')));
}

public sealed class GpgStatusTests
{
    private const string Good = "[GNUPG:] GOODSIG 1234 Gia <gia@example.org>\n[GNUPG:] VALIDSIG AAAA 2026-01-01 1 0 4 0 22 8 00 BBBB\n";

    [Fact]
    public void A_signature_by_a_subkey_is_known_by_both_fingerprints() =>
        Assert.Equal(["AAAA", "BBBB"], GpgStatus.Read(Good)!.Signer!.Identities);

    [Theory]
    [InlineData("[GNUPG:] GOODSIG 1234 Gia\n", null)]
    [InlineData("", null)]
    [InlineData("gpg: [GNUPG:] GOODSIG 1 x\nVALIDSIG AAAA", null)]
    [InlineData(Good + Good, "BadSignature")]
    [InlineData(Good + "[GNUPG:] BADSIG 99 Eve\n", "BadSignature")]
    [InlineData(Good + "[GNUPG:] REVKEYSIG 99 Eve\n", "UntrustedSigner")]
    [InlineData("[GNUPG:] EXPKEYSIG 1 x\n[GNUPG:] VALIDSIG AAAA 2026-01-01 1 0 4 0 22 8 00 BBBB\n", "UntrustedSigner")]
    [InlineData("[GNUPG:] GOODSIG 1 x\n[GNUPG:] VALIDSIG AAAA 2026-01-01 1 0 4 0 22 8 10 BBBB\n", "BadSignature")]
    public void Anything_but_one_good_signature_is_none(string output, string? reason)
    {
        var verdict = GpgStatus.Read(output);
        Assert.Null(verdict?.Signer);
        Assert.Equal(reason, verdict?.Refusal?.Reason);
    }
}

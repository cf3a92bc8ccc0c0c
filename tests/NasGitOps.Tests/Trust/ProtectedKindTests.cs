using NasGitOps.Configuration;

namespace NasGitOps.Tests.Trust;

/// <summary>A kind that only some may change, wherever its manifests stand.</summary>
public sealed class ProtectedKindTests : IDisposable
{
    private const string Pool = "apiVersion: nasgitops.io/v1\nkind: Pool\nmetadata: {name: tank}\nspec: {devices: [/dev/disk/by-id/a]}\n";

    private readonly TrustLab lab = new();

    public ProtectedKindTests()
    {
        lab.Verify = lab.Verify with { Rules = [new KindRule("Pool", ["ada@example.org"])] };
        // Outside of what this host reads: rules are about the repository.
        lab.Commit("ada", "a pool", ("elsewhere/all.yaml", $"{TrustLab.Group}---\n{Pool}"));
    }

    public void Dispose() => lab.Dispose();

    [Fact]
    public async Task Everything_else_of_the_same_file_may_be_changed()
    {
        await lab.MustFollow(lab.Commit("bob", "group", ("elsewhere/all.yaml", $"# for all\n{TrustLab.Group.Replace("3000", "3001", StringComparison.Ordinal)}---\n# the tank\n{Pool}")));
        await lab.MustFollow(lab.Commit("ada", "pool", ("elsewhere/all.yaml", Pool.Replace("by-id/a", "by-id/b", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("elsewhere/all.yaml", TrustLab.Group)]
    [InlineData("elsewhere/all.yaml", "a: [broken")]
    [InlineData("elsewhere/other.yml", "kind: \"Pool\"")]
    [InlineData("anywhere/b.yaml", "x: &k Pool\n---\nkind: Pool\nmetadata: {name: b}")]
    [InlineData("anywhere/c.yaml", "p: &p {kind: Pool}\nkind: &q Pool\n")]
    public async Task A_change_a_removal_and_an_addition_are_refused(string path, string content)
    {
        lab.Commit("bob", "pool", (path, content));

        Assert.Contains($"a manifest of kind Pool in {path}, which only ada@example.org may", await lab.Refused("UntrustedSigner"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mv", "elsewhere/all.yaml", "elsewhere/more.yaml")]
    [InlineData("mv", "elsewhere/all.yaml", "elsewhere/all.txt")]
    [InlineData("rm", "-q", "elsewhere/all.yaml")]
    public async Task Moving_and_deleting_the_file_are_refused(params string[] command)
    {
        lab.Work(command);
        lab.Sign("bob", "commit", "-q", "-m", "change");
        lab.Push();

        await lab.Refused("UntrustedSigner");
    }

    [Fact]
    public async Task A_merge_of_one_file_that_both_sides_changed_is_no_change_of_the_kind_when_one_side_left_it_alone()
    {
        lab.Work("checkout", "-q", "-b", "side");
        lab.Commit("bob", "theirs", ("elsewhere/all.yaml", $"{TrustLab.Group.Replace("staff", "crew", StringComparison.Ordinal)}---\n{Pool}"));
        lab.Work("checkout", "-q", "main");
        lab.Commit("ada", "ours", ("elsewhere/all.yaml", $"{TrustLab.Group}---\n{Pool.Replace("by-id/a", "by-id/b", StringComparison.Ordinal)}"));
        lab.Sign("bob", "merge", "-q", "--no-edit", "side");
        await lab.MustFollow(lab.Push());

        lab.Write(("elsewhere/all.yaml", $"{TrustLab.Group.Replace("staff", "crew", StringComparison.Ordinal)}---\n{Pool}"));
        lab.Sign("bob", "commit", "-q", "-m", "back again");
        lab.Push();
        await lab.Refused("UntrustedSigner");
    }
}

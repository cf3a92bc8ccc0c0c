using NasGitOps.Configuration;

namespace NasGitOps.Tests.Trust;

/// <summary>Parts of the repository that only some may change: ada may change pools, bob may not, however he goes about it.</summary>
public sealed class ProtectedPartsTests : IDisposable
{
    private readonly TrustLab lab = new();
    private readonly string first;

    public ProtectedPartsTests()
    {
        lab.Verify = lab.Verify with { Rules = [new PathRule("pools/**", ["ada@example.org"])] };
        first = lab.Commit("ada", "pools", ("pools/tank.txt", "one\ntwo\nthree\nfour\nfive\n"), ("other/a.txt", "a"));
    }

    public void Dispose() => lab.Dispose();

    [Fact]
    public async Task Only_those_of_the_rule_change_it_and_everyone_the_rest()
    {
        await lab.MustFollow(lab.Commit("bob", "rest", ("other/a.txt", "b"), ("pools.txt", "not below it")));
        await lab.MustFollow(lab.Commit("ada", "pools", ("pools/tank.txt", "new")));
        lab.Commit("bob", "pools too", ("pools/tank.txt", "newer"));

        var message = await lab.Refused("UntrustedSigner");

        Assert.Contains("is signed by bob@example.org", message, StringComparison.Ordinal);
        Assert.Contains("changes pools/tank.txt (rule pools/**), which only ada@example.org may", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rm", "-q", "pools/tank.txt")]
    [InlineData("mv", "pools/tank.txt", "tank.txt")]
    [InlineData("mv", "other/a.txt", "pools/a.txt")]
    [InlineData("update-index", "--chmod=+x", "pools/tank.txt")]
    public async Task Deleting_moving_and_changing_the_mode_are_changes(params string[] command)
    {
        lab.Work(command);
        lab.Sign("bob", "commit", "-q", "-m", "change");
        lab.Push();

        await lab.Refused("UntrustedSigner");
    }

    [Fact]
    public async Task A_rule_may_name_the_key_itself()
    {
        lab.Verify = lab.Verify with { Rules = [new PathRule("pools/**", [lab.Fingerprint("bob")])], Anchor = first };
        await lab.MustFollow(lab.Commit("bob", "pools", ("pools/tank.txt", "new")));
        lab.Commit("ada", "pools", ("pools/tank.txt", "newer"));

        await lab.Refused("UntrustedSigner");
    }

    [Fact]
    public async Task A_change_that_is_taken_back_in_the_same_push_is_refused_as_well()
    {
        lab.Commit("bob", "pools", ("pools/tank.txt", "new"));
        lab.Sign("bob", "revert", "--no-edit", "HEAD");
        lab.Push();

        await lab.Refused("UntrustedSigner");
    }

    [Fact]
    public async Task Whoever_may_not_change_it_may_merge_what_others_changed()
    {
        Branches(ours: "other/a.txt", theirs: "pools/tank.txt", theirsBy: "ada");
        lab.Sign("bob", "merge", "-q", "--no-edit", "side");

        await lab.MustFollow(lab.Push());
    }

    [Fact]
    public async Task Merging_a_branch_that_does_not_have_a_change_yet_keeps_it_and_is_no_change()
    {
        Branches(ours: "pools/tank.txt", theirs: "other/a.txt", theirsBy: "bob", oursBy: "ada");
        lab.Sign("bob", "merge", "-q", "--no-edit", "side");

        await lab.MustFollow(lab.Push());
    }

    [Theory]
    [InlineData("-s", "ours", "ada", "bob")]
    [InlineData("-X", "theirs", "bob", "ada")]
    public async Task A_merge_that_drops_the_change_of_one_side_is_a_change(string option, string value, string theirsBy, string oursBy)
    {
        // Either the other side's change to pools is dropped whole, or ours is by hand.
        Branches(ours: oursBy == "ada" ? "pools/tank.txt" : "other/a.txt", theirs: theirsBy == "ada" ? "pools/tank.txt" : "other/b.txt", theirsBy, oursBy);
        lab.Sign("bob", "merge", "-q", "--no-edit", "--no-commit", "--no-ff", option, value, "side");
        if (oursBy == "ada") lab.Work("checkout", first, "--", "pools/tank.txt");
        lab.Sign("bob", "commit", "-q", "-m", "merge");
        lab.Push();

        await lab.Refused("UntrustedSigner");
    }

    [Fact]
    public async Task An_evil_merge_that_adds_something_of_its_own_is_a_change()
    {
        Branches(ours: "other/a.txt", theirs: "other/b.txt", theirsBy: "bob");
        lab.Sign("bob", "merge", "-q", "--no-commit", "--no-ff", "side");
        lab.Write(("pools/tank.txt", "evil"));
        lab.Sign("bob", "commit", "-q", "-m", "merge");
        lab.Push();

        await lab.Refused("UntrustedSigner");
    }

    [Fact]
    public async Task A_merge_of_two_changes_to_one_file_is_a_decision()
    {
        lab.Work("checkout", "-q", "-b", "side");
        lab.Commit("ada", "theirs", ("pools/tank.txt", "ONE\ntwo\nthree\nfour\nfive\n"));
        lab.Work("checkout", "-q", "main");
        lab.Commit("ada", "ours", ("pools/tank.txt", "one\ntwo\nthree\nfour\nFIVE\n"));
        lab.Sign("bob", "merge", "-q", "--no-edit", "side");
        lab.Push();

        await lab.Refused("UntrustedSigner");

        lab.Sign("ada", "commit", "-q", "--amend", "--no-edit");
        await lab.MustFollow(lab.Push());
    }

    [Fact]
    public async Task An_old_side_branch_does_not_bring_an_old_content_back()
    {
        lab.Work("checkout", "-q", "-b", "old");
        lab.Commit("bob", "on the old content", ("other/b.txt", "b"));
        lab.Work("checkout", "-q", "main");
        await lab.MustFollow(lab.Commit("ada", "new content", ("pools/tank.txt", "new")));
        lab.Sign("bob", "merge", "-q", "--no-commit", "--no-ff", "old");
        lab.Work("checkout", "old", "--", "pools/tank.txt");
        lab.Sign("bob", "commit", "-q", "-m", "merge");
        lab.Push();

        await lab.Refused("UntrustedSigner");
    }

    [Fact]
    public async Task A_decision_against_a_change_is_not_undone_by_merging_what_was_merged_already()
    {
        // ada merges a change to pools and decides against it; bob merges the two sides once more, where it wins, and then his merge with hers.
        Branches(ours: "other/a.txt", theirs: "pools/tank.txt", theirsBy: "ada", oursBy: "ada");
        var ours = lab.Work("rev-parse", "main");
        lab.Sign("ada", "merge", "-q", "--no-edit", "-s", "ours", "side");
        await lab.MustFollow(lab.Push());
        lab.Work("checkout", "-q", "-b", "again", ours);
        lab.Sign("bob", "merge", "-q", "--no-edit", "side");
        lab.Work("checkout", "-q", "main");
        lab.Sign("bob", "merge", "-q", "--no-commit", "--no-ff", "-s", "ours", "again");
        lab.Work("checkout", "again", "--", "pools/tank.txt");
        lab.Sign("bob", "commit", "-q", "-m", "undone");
        lab.Push();

        Assert.Contains("(undone)", await lab.Refused("UntrustedSigner"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_history_without_a_common_root_brings_all_its_files_as_new()
    {
        await lab.MustFollow(lab.Work("rev-parse", "HEAD"));
        lab.Work("checkout", "-q", "--orphan", "island");
        lab.Work("rm", "-rfq", ".");
        lab.Write(("pools/other.txt", "x"));
        lab.Sign("bob", "commit", "-q", "-m", "island");
        lab.Work("checkout", "-q", "main");
        lab.Sign("bob", "merge", "-q", "--allow-unrelated-histories", "--no-edit", "island");
        lab.Push();

        Assert.Contains("(island)", await lab.Refused("UntrustedSigner"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_merge_of_more_than_two_changes_all_in_which_they_differ()
    {
        foreach (var side in new[] { "one", "two" })
        {
            lab.Work("checkout", "-q", "-b", side, first);
            lab.Commit("ada", side, ($"pools/{side}.txt", side));
        }

        lab.Work("checkout", "-q", "main");
        lab.Sign("bob", "merge", "-q", "--no-edit", "--no-ff", "one", "two");
        lab.Push();
        await lab.Refused("UntrustedSigner");

        lab.Sign("ada", "commit", "-q", "--amend", "--no-edit");
        await lab.MustFollow(lab.Push());
    }

    /// <summary>Two branches from <see cref="first"/>, each with one change; main is checked out.</summary>
    private void Branches(string ours, string theirs, string theirsBy, string oursBy = "bob")
    {
        lab.Work("checkout", "-q", "-b", "side");
        lab.Commit(theirsBy, "theirs", (theirs, "theirs"));
        lab.Work("checkout", "-q", "main");
        lab.Commit(oursBy, "ours", (ours, "ours"));
    }
}

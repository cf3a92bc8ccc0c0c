using NasGitOps.Configuration;
using NasGitOps.State;

namespace NasGitOps.Tests.Trust;

/// <summary>Which commits are asked for a signature, and what becomes of history that is not what it was.</summary>
public sealed class HistoryTests : IDisposable
{
    private readonly TrustLab lab = new();

    public void Dispose() => lab.Dispose();

    [Fact]
    public async Task Every_commit_of_the_range_must_be_signed_and_the_first_bad_one_is_named_with_the_others()
    {
        await lab.MustFollow(lab.First);
        var unsigned = lab.Commit(null, "sneaked in");
        lab.Commit("ada", "fine");
        var other = lab.Commit("mallory", "not mine");
        lab.Commit("ada", "fine too");

        var message = await lab.Refused("UnsignedCommit");

        Assert.Contains($"commit {unsigned[..12]} of t (sneaked in)", message, StringComparison.Ordinal);
        Assert.Contains($"1 more: {other[..12]}", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_merge_must_be_signed_and_so_must_what_it_brings()
    {
        lab.Work("checkout", "-q", "-b", "side");
        lab.Commit(null, "unsigned on the side", ("x.txt", "x"));
        lab.Work("checkout", "-q", "main");
        lab.Commit("ada", "main goes on", ("y.txt", "y"));
        lab.Sign("ada", "merge", "-q", "--no-edit", "side");
        lab.Push();

        Assert.Contains("unsigned on the side", await lab.Refused("UnsignedCommit"), StringComparison.Ordinal);

        lab.Sign("ada", "rebase", "-q", "--exec", "git commit -q --amend --no-edit -S", lab.First);
        await lab.MustFollow(lab.Push());
    }

    [Fact]
    public async Task An_unsigned_merge_of_signed_commits_is_refused()
    {
        lab.Work("checkout", "-q", "-b", "side");
        lab.Commit("bob", "side", ("x.txt", "x"));
        lab.Work("checkout", "-q", "main");
        lab.Sign(null, "merge", "-q", "--no-ff", "-m", "merged by a web page", "side");
        lab.Push();

        Assert.Contains("merged by a web page", await lab.Refused("UnsignedCommit"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_anchor_moved_over_an_unsigned_commit_lets_the_host_go_on()
    {
        await lab.MustFollow(lab.First);
        var unsigned = lab.Commit(null, "unsigned");
        var signed = lab.Commit("ada", "signed");
        await lab.Refused("UnsignedCommit");

        lab.Verify = lab.Verify with { Anchor = unsigned };
        lab.Restart();
        await lab.MustFollow(signed);
    }

    [Fact]
    public async Task A_new_host_without_an_anchor_is_told_to_set_one()
    {
        lab.Commit("ada", "signed");
        lab.Verify = lab.Verify with { Anchor = null };

        Assert.Contains("set repository.verify.anchor", await lab.Refused("NoTrustAnchor"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_follows_already_begins_with_what_is_in_force()
    {
        lab.Verify = VerifyConfig.None;
        await lab.MustFollow(lab.Commit(null, "before"));
        lab.Verify = new VerifyConfig(VerifyMode.Range) { AllowedSignersFile = lab["allowed_signers"] };
        lab.Restart();
        await lab.MustFollow(lab.Commit("ada", "from now on"));
        lab.Restart();
        lab.Commit(null, "unsigned");

        await lab.Refused("UnsignedCommit");
    }

    [Fact]
    public async Task An_anchor_older_than_what_was_followed_unverified_has_that_verified_too()
    {
        lab.Verify = VerifyConfig.None;
        await lab.MustFollow(lab.Commit(null, "before"));
        lab.Verify = new VerifyConfig(VerifyMode.Range) { AllowedSignersFile = lab["allowed_signers"], Anchor = lab.First };
        lab.Restart();
        lab.Commit("ada", "from now on");

        Assert.Contains("(before)", await lab.Refused("UnsignedCommit"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_head_accepted_is_no_base_for_a_range()
    {
        lab.Verify = lab.Verify with { Mode = VerifyMode.Head, Anchor = null };
        lab.Commit(null, "between");
        await lab.MustFollow(lab.Commit("ada", "signed"));
        lab.Verify = lab.Verify with { Mode = VerifyMode.Range, Anchor = lab.First };
        lab.Restart();

        Assert.Contains("(between)", await lab.Refused("UnsignedCommit"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_taken_off_the_list_leaves_what_it_signed_in_force_and_signs_nothing_new()
    {
        var commit = lab.Commit("bob", "while he was here");
        await lab.MustFollow(commit);
        lab.Allow("ada");
        lab.Restart();
        await lab.MustFollow(commit);
        lab.Commit("bob", "after he left");

        await lab.Refused("UntrustedSigner");
    }

    [Fact]
    public async Task A_forced_push_is_refused_although_signed_until_it_is_accepted_and_verified_then()
    {
        var gone = lab.Commit("ada", "to be dropped");
        await lab.MustFollow(gone);
        lab.Work("reset", "-q", "--hard", lab.First);
        var unsigned = lab.Commit(null, "unsigned");
        lab.Commit("bob", "another history");

        Assert.Contains(gone, await lab.Refused("HistoryRewritten"), StringComparison.Ordinal);
        Assert.Contains(unsigned[..12], (await lab.Read(acceptRewrite: true)).Failure, StringComparison.Ordinal);

        lab.Work("reset", "-q", "--hard", lab.First);
        var signed = lab.Commit("bob", "another history");
        var accepted = await lab.Read(acceptRewrite: true);
        Assert.Equal((signed, null), (accepted.InForce, accepted.Failure));
        await lab.MustFollow(lab.Commit("ada", "and on"));
    }

    [Fact]
    public async Task An_older_commit_of_the_branch_is_a_rewrite_too()
    {
        var older = lab.Commit("ada", "older");
        await lab.MustFollow(lab.Commit("ada", "newer"));
        lab.Work("reset", "-q", "--hard", older);
        lab.Push();

        await lab.Refused("HistoryRewritten");
    }

    [Fact]
    public async Task A_branch_deleted_and_made_anew_is_a_rewrite()
    {
        await lab.MustFollow(lab.Commit("ada", "before"));
        lab.Git.Git(lab.Git.Server, "update-ref", "-d", "refs/heads/main");
        await lab.Refused("GitUnreachable");
        lab.Work("checkout", "-q", "--orphan", "again");
        lab.Commit("ada", "all new");

        await lab.Refused("HistoryRewritten");
    }

    [Fact]
    public async Task A_lost_mirror_does_not_reset_trust()
    {
        await lab.MustFollow(lab.Commit("ada", "before"));
        LoseMirror();
        lab.Commit(null, "unsigned");
        await lab.Refused("UnsignedCommit");

        lab.Work("checkout", "-q", "--orphan", "again");
        lab.Commit("ada", "another history");
        LoseMirror();
        await lab.Refused("HistoryRewritten");

        // Nothing of the old history is known any more, so that all of the new one is verified, down to its root; the anchor is not in it.
        Assert.Equal("HistoryRewritten", (await lab.Read(acceptRewrite: true)).FailureReason);
        lab.Verify = lab.Verify with { Anchor = null };
        lab.Restart();
        Assert.Null((await lab.Read(acceptRewrite: true)).Failure);
    }

    [Fact]
    public async Task A_lost_state_does_not_forget_what_is_in_force()
    {
        await lab.MustFollow(lab.Commit("ada", "before"));
        lab.State = AgentState.Empty;
        lab.Restart();
        lab.Work("reset", "-q", "--hard", lab.First);
        lab.Commit("ada", "another history");

        Assert.Equal("HistoryRewritten", (await lab.Read()).FailureReason);
    }

    [Fact]
    public async Task An_anchor_that_is_not_in_the_history_refuses_all_of_it()
    {
        lab.Verify = lab.Verify with { Anchor = "0123456789012345678901234567890123456789" };
        lab.Commit("ada", "signed");

        Assert.Contains("repository.verify.anchor", await lab.Refused("HistoryRewritten"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Approvals_of_unsigned_commits_count_neither_in_head_mode_nor_when_checks_are_turned_on()
    {
        lab.Verify = VerifyConfig.None;
        lab.Commit(null, "a\n\nNasGitOps-Approve: unsigned");
        Assert.Equal(["unsigned"], (await lab.Read()).Approvals.Select(a => a.Digest));
        lab.Verify = new VerifyConfig(VerifyMode.Head) { AllowedSignersFile = lab["allowed_signers"] };
        lab.Restart();
        lab.Commit(null, "b\n\nNasGitOps-Approve: below");
        lab.Commit("ada", "c\n\nNasGitOps-Approve: signed");

        await lab.Read();

        Assert.Equal(["signed"], lab.State.Approvals.Select(a => a.Digest));
    }

    [Fact]
    public async Task Approvals_of_every_signed_commit_of_a_range_are_remembered_over_a_restart()
    {
        lab.State = lab.State with { LastAppliedCommit = lab.Commit("ada", "applied") };
        lab.Commit("ada", "a\n\nNasGitOps-Approve: one");
        lab.Commit("bob", "b\n\nNasGitOps-Approve: two");
        await lab.Read();
        lab.Restart();
        await lab.Read();
        lab.Commit(null, "c\n\nNasGitOps-Approve: three");
        await lab.Refused("UnsignedCommit");

        Assert.Equal(["one", "two"], lab.State.Approvals.Select(a => a.Digest).Order());
    }

    private void LoseMirror()
    {
        Directory.Delete(Path.Combine(lab.Git.State, "mirror.git"), recursive: true);
        lab.Restart();
    }
}

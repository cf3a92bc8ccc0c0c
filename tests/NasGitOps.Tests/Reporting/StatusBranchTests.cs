using NasGitOps.Reporting;
using NasGitOps.Source;
using NasGitOps.Tests.Source;

namespace NasGitOps.Tests.Reporting;

public sealed class StatusBranchTests : IDisposable
{
    private readonly GitLab lab = new();
    private readonly string commit;

    public StatusBranchTests() => commit = lab.Push("first", ("common/a.yaml", "a: 1"), ("hosts/nas1/b.yaml", "b: 1"));

    public void Dispose() => lab.Dispose();

    [Fact]
    public async Task A_publication_becomes_one_commit_with_words_and_trailers()
    {
        Assert.IsType<PublishResult.Pushed>(await Publish(Branch(), "h1", "applied 3 changes"));

        Assert.Equal($"applied 3 changes\n\nNasGitOps-Commit: {commit}\nNasGitOps-Plan: plan-h1\nNasGitOps-Content: h1", OnServer("log", "--format=%B", GitLab.StatusName).Trim());
        Assert.Equal("nasgitops <nasgitops@nas1>", OnServer("log", "--format=%cn <%ce>", GitLab.StatusName).Trim());
        Assert.Equal("status: h1\n", OnServer("show", $"{GitLab.StatusName}:status.yaml"));
        Assert.Equal("inventory: h1\n", OnServer("show", $"{GitLab.StatusName}:inventory.yaml"));
    }

    [Fact]
    public async Task The_same_content_makes_no_commit_and_no_process()
    {
        var branch = Branch();
        await Publish(branch, "h1");
        lab.Runner.Runs.Clear();

        Assert.IsType<PublishResult.Unchanged>(await Publish(branch, "h1"));
        Assert.Empty(lab.Runner.Runs);
    }

    [Fact]
    public async Task A_restarted_agent_knows_what_it_published()
    {
        await Publish(Branch(), "h1");

        Assert.IsType<PublishResult.Unchanged>(await Publish(Branch(), "h1"));
        Assert.Equal(1, Count());
    }

    [Fact]
    public async Task A_new_state_directory_goes_on_where_the_branch_stands()
    {
        await Publish(Branch(), "h1");
        Directory.Delete(lab.State, recursive: true);
        Directory.CreateDirectory(lab.State);

        Assert.IsType<PublishResult.Unchanged>(await Publish(Branch(), "h1"));
        Assert.IsType<PublishResult.Pushed>(await Publish(Branch(), "h2"));
        Assert.Equal(2, Count());
    }

    [Fact]
    public async Task A_heartbeat_makes_a_commit_although_nothing_changed()
    {
        var branch = Branch();
        await Publish(branch, "h1");

        Assert.IsType<PublishResult.Pushed>(await Publish(branch, "h1", force: true));
        Assert.Equal(2, Count());
    }

    [Fact]
    public async Task While_the_server_is_away_states_are_kept_and_pushed_later_in_order()
    {
        var branch = Branch();
        await Publish(branch, "h1", "one");
        Directory.Move(lab.Server, lab.Server + ".away");

        Assert.Equal(1, Assert.IsType<PublishResult.Spooled>(await Publish(branch, "h2", "two")).Commits);
        var spooled = Assert.IsType<PublishResult.Spooled>(await Publish(Branch(), "h3", "three"));
        Assert.Equal(2, spooled.Commits);
        Assert.Contains("cannot push the status branch", spooled.Message, StringComparison.Ordinal);

        Directory.Move(lab.Server + ".away", lab.Server);
        Assert.IsType<PublishResult.Pushed>(await Publish(Branch(), "h3", "three"));
        Assert.Equal("three\ntwo\none", OnServer("log", "--format=%s", GitLab.StatusName).Trim());
    }

    [Fact]
    public async Task The_first_state_is_kept_too_when_the_server_was_never_reached()
    {
        Directory.Move(lab.Server, lab.Server + ".away");
        Assert.IsType<PublishResult.Spooled>(await Publish(Branch(), "h1", "one"));
        Directory.Move(lab.Server + ".away", lab.Server);

        Assert.IsType<PublishResult.Pushed>(await Publish(Branch(), "h2", "two"));
        Assert.Equal("two\none", OnServer("log", "--format=%s", GitLab.StatusName).Trim());
    }

    [Fact]
    public async Task A_push_of_someone_else_in_between_is_kept_and_ours_comes_on_top()
    {
        var branch = Branch();
        await Publish(branch, "h1", "one");
        var raced = false;
        lab.Runner.Before = command =>
        {
            if (raced || !command.Arguments.Contains("push")) return;
            raced = true;
            PushToStatusBranch("README.md", "by a person");
        };

        Assert.IsType<PublishResult.Pushed>(await Publish(branch, "h2", "two"));

        Assert.True(raced);
        Assert.Equal("two\nby a person\none", OnServer("log", "--format=%s", GitLab.StatusName).Trim());
        Assert.Equal("README.md\ninventory.yaml\nstatus.yaml", OnServer("ls-tree", "--name-only", GitLab.StatusName).Trim());
        Assert.Equal("status: h2\n", OnServer("show", $"{GitLab.StatusName}:status.yaml"));
    }

    [Fact]
    public async Task A_server_that_moves_at_every_attempt_ends_in_the_spool_and_overwrites_nothing()
    {
        var branch = Branch();
        await Publish(branch, "h1", "one");
        var pushes = 0;
        lab.Runner.Before = command =>
        {
            if (command.Arguments.Contains("push")) PushToStatusBranch($"file{++pushes}", "by a person");
        };

        Assert.IsType<PublishResult.Spooled>(await Publish(branch, "h2", "two"));
        lab.Runner.Before = null;
        Assert.IsType<PublishResult.Pushed>(await Publish(branch, "h2", "two"));

        Assert.Equal(5, pushes);
        Assert.Equal(1 + pushes + 1, Count());
    }

    [Fact]
    public async Task A_branch_that_was_deleted_on_the_server_is_made_again()
    {
        var branch = Branch();
        await Publish(branch, "h1", "one");
        OnServer("update-ref", "-d", $"refs/heads/{GitLab.StatusName}");

        Assert.IsType<PublishResult.Pushed>(await Publish(branch, "h2", "two"));
        Assert.Equal("two", OnServer("log", "-1", "--format=%s", GitLab.StatusName).Trim());
    }

    [Theory]
    [InlineData("pre-receive")]
    [InlineData("update")]
    public async Task A_hook_that_refuses_is_told_apart_from_a_race(string hook)
    {
        Hook(hook, "echo 'hosts may not write here' >&2; exit 1");

        var refused = Assert.IsType<PublishResult.Refused>(await Publish(Branch(), "h1"));

        Assert.Contains("hook declined", refused.Message, StringComparison.Ordinal);
        Assert.Contains("hosts may not write here", refused.Message, StringComparison.Ordinal);
        Assert.Single(lab.Runner.Runs, r => r.Command.Arguments.Contains("push"));
        File.Delete(Path.Combine(lab.Server, "hooks", hook));
        Assert.IsType<PublishResult.Pushed>(await Publish(Branch(), "h1"));
    }

    [Fact]
    public async Task A_status_commit_is_no_news_for_the_followed_branch()
    {
        var source = lab.Source();
        await source.FetchAsync(CancellationToken.None);
        await Publish(StatusBranch.Create(lab.Config(), source.Mirror, lab.Runner, TimeProvider.System, lab.Log)!, "h1");

        Assert.Equal(new FetchResult.Unchanged(commit), await source.FetchAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Another_repository_can_carry_the_status()
    {
        lab.Git(lab.Work, "init", "-q", "--bare", lab["other.git"]);
        var config = lab.Config();
        config = config with { Status = config.Status with { Remote = new GitRemote(lab["other.git"], new GitAuth()) } };
        var branch = StatusBranch.Create(config, lab.Source().Mirror, lab.Runner, TimeProvider.System, lab.Log)!;

        Assert.IsType<PublishResult.Pushed>(await Publish(branch, "h1", "one"));

        Assert.Equal("one", lab.Git(lab["other.git"], "log", "--format=%s", GitLab.StatusName).Trim());
        Assert.Equal("", OnServer("branch", "--list", GitLab.StatusName));
        Assert.True(Directory.Exists(Path.Combine(lab.State, "status.git")));
    }

    [Fact]
    public async Task A_signed_status_commit_is_accepted_by_git_also_after_somebody_else_pushed()
    {
        Keygen("-q", "-t", "ed25519", "-N", "", "-f", lab["key"]);
        File.WriteAllText(lab["allowed"], $"nas1 {File.ReadAllText(lab["key.pub"])}");
        var branch = Signing(lab["key"]);
        Assert.IsType<PublishResult.Pushed>(await Publish(branch, "h1"));
        PushToStatusBranch("README.md", "by somebody");

        Assert.IsType<PublishResult.Pushed>(await Publish(branch, "h2", "tö\n"));

        foreach (var signed in new[] { GitLab.StatusName, GitLab.StatusName + "~2" }) OnServer("-c", $"gpg.ssh.allowedSignersFile={lab["allowed"]}", "verify-commit", signed);
        Assert.Equal("G nas1\nN \nG nas1", OnServer("-c", $"gpg.ssh.allowedSignersFile={lab["allowed"]}", "log", "--format=%G? %GS", GitLab.StatusName).Trim());
        OnServer("fsck", "--strict");
    }

    [Fact]
    public async Task A_key_that_cannot_be_used_lets_nothing_out_unsigned()
    {
        Keygen("-q", "-t", "ed25519", "-N", "", "-f", lab["key"]);
        Keygen("-q", "-t", "ed25519", "-N", "secret", "-f", lab["locked"]);
        Assert.Contains("without a passphrase", Assert.IsType<PublishResult.Spooled>(await Publish(Signing(lab["locked"]), "h1")).Message, StringComparison.Ordinal);
        File.SetUnixFileMode(lab["key"], (UnixFileMode)0b110_100_000);
        Assert.Contains($"chmod 0600 {lab["key"]}", Assert.IsType<PublishResult.Spooled>(await Publish(Signing(lab["key"]), "h1")).Message, StringComparison.Ordinal);

        Assert.Equal("", OnServer("branch", "--list", GitLab.StatusName));
    }

    private StatusBranch Signing(string key)
    {
        var config = lab.Config();
        return StatusBranch.Create(config with { Status = config.Status with { SignKeyFile = key } }, lab.Source().Mirror, lab.Runner, TimeProvider.System, lab.Log)!;
    }

    private static void Keygen(params string[] arguments) => Trust.TrustLab.Run("ssh-keygen", arguments);

    private StatusBranch Branch() => StatusBranch.Create(lab.Config(), lab.Source().Mirror, lab.Runner, TimeProvider.System, lab.Log)!;

    private Task<PublishResult> Publish(StatusBranch branch, string hash, string subject = "one", bool force = false) =>
        branch.PublishAsync(new StatusPublication($"status: {hash}\n", () => $"inventory: {hash}\n", hash, subject, commit, $"plan-{hash}"), force, CancellationToken.None);

    private int Count() => int.Parse(OnServer("rev-list", "--count", GitLab.StatusName), System.Globalization.CultureInfo.InvariantCulture);

    private string OnServer(params string[] arguments) => lab.Git(lab.Server, arguments);

    private void PushToStatusBranch(string file, string message)
    {
        var clone = lab[$"clone-{Guid.NewGuid():N}"];
        lab.Git("/", "clone", "-q", "--branch", GitLab.StatusName, lab.Server, clone);
        File.WriteAllText(Path.Combine(clone, file), "x");
        lab.Git(clone, "add", "-A");
        lab.Git(clone, "commit", "-q", "-m", message);
        lab.Git(clone, "push", "-q", "origin", "HEAD");
    }

    private void Hook(string name, string script)
    {
        var file = Path.Combine(lab.Server, "hooks", name);
        File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
    }
}

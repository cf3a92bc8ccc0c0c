using NasGitOps.Source;

namespace NasGitOps.Tests.Source;

public sealed class GitSourceTests : IDisposable
{
    private readonly GitLab lab = new();

    public void Dispose() => lab.Dispose();

    [Fact]
    public async Task The_first_fetch_brings_the_commit_and_its_manifests()
    {
        var commit = lab.Push("first", ("common/a.yaml", "a: 1"), ("hosts/nas1/b.yml", "b: 2"), ("hosts/nas2/c.yaml", "c: 3"), ("common/README.md", "no"), ("common/.hidden/d.yaml", "no"));
        var source = lab.Source();

        Assert.Equal(new FetchResult.Fetched(commit), await source.FetchAsync(CancellationToken.None));
        var tree = source.ReadTree(commit);
        Assert.Equal(["common/a.yaml", "hosts/nas1/b.yml"], tree.Files.Select(f => f.Path));
        Assert.Equal("b: 2"u8.ToArray(), tree.Files[1].Content);
        Assert.True(tree.Complete);
    }

    [Theory]
    [InlineData("file")]
    [InlineData("path")]
    public async Task An_unchanged_fetch_is_one_git_process(string form)
    {
        var commit = lab.Push("first", ("common/a.yaml", "a: 1"));
        var source = lab.Source(form == "file" ? "file://" + lab.Server : lab.Server);
        await source.FetchAsync(CancellationToken.None);
        lab.Runner.Runs.Clear();

        Assert.Equal(new FetchResult.Unchanged(commit), await source.FetchAsync(CancellationToken.None));
        Assert.Single(lab.Runner.Runs);
    }

    [Fact]
    public async Task A_restarted_agent_says_unchanged_for_what_the_mirror_has()
    {
        var commit = lab.Push("first", ("common/a.yaml", "a: 1"));
        await lab.Source().FetchAsync(CancellationToken.None);

        Assert.Equal(new FetchResult.Unchanged(commit), await lab.Source().FetchAsync(CancellationToken.None));
    }

    [Fact]
    public async Task An_unreachable_repository_is_told_with_its_command_and_a_way_out()
    {
        var result = Assert.IsType<FetchResult.Failed>(await lab.Source(lab["nowhere.git"]).FetchAsync(CancellationToken.None));

        Assert.Contains("there is no repository of that name", result.Message, StringComparison.Ordinal);
        Assert.Contains("exit code 128", result.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_down_is_told_and_what_was_fetched_stays_readable()
    {
        var commit = lab.Push("first", ("common/a.yaml", "a: 1"));
        var source = lab.Source();
        await source.FetchAsync(CancellationToken.None);
        Directory.Move(lab.Server, lab.Server + ".away");

        Assert.IsType<FetchResult.Failed>(await source.FetchAsync(CancellationToken.None));
        Assert.Single(source.ReadTree(commit).Files);
    }

    [Fact]
    public async Task A_refused_connection_names_the_port()
    {
        var result = Assert.IsType<FetchResult.Failed>(await lab.Source("ssh://git@127.0.0.1:1/x.git").FetchAsync(CancellationToken.None));

        Assert.Contains("nothing listens there", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_branch_that_is_not_there_is_told()
    {
        lab.Push("first", ("common/a.yaml", "a: 1"));
        lab.Git(lab.Server, "branch", "-m", "main", "trunk");

        var result = Assert.IsType<FetchResult.Failed>(await lab.Source().FetchAsync(CancellationToken.None));

        Assert.Contains("the branch does not exist there", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rewritten_history_is_seen_as_no_descendant()
    {
        var first = lab.Push("first", ("common/a.yaml", "a: 1"));
        var second = lab.Push("second", ("common/a.yaml", "a: 2"));
        var source = lab.Source();
        await source.FetchAsync(CancellationToken.None);
        lab.Git(lab.Work, "reset", "-q", "--hard", first);
        var other = lab.Push("other", ("common/a.yaml", "a: 3"));

        Assert.Equal(new FetchResult.Fetched(other), await source.FetchAsync(CancellationToken.None));
        Assert.True(source.IsDescendant(first, other));
        Assert.True(source.IsDescendant(first, first));
        Assert.False(source.IsDescendant(second, other));
        Assert.False(source.IsDescendant(other, first));
        Assert.False(source.IsDescendant("0123456789012345678901234567890123456789", other));
    }

    [Fact]
    public async Task Approvals_are_read_from_the_trailers_of_every_commit_of_a_range()
    {
        var first = lab.Push("first\n\nNasGitOps-Approve: before", ("common/a.yaml", "a: 1"));
        lab.Push("second\n\nSome words.\n\nSigned-off-by: x <x@y>\nNasGitOps-Approve: abc", ("common/a.yaml", "a: 2"));
        var third = lab.Push("third\n\nNasGitOps-Approve: in the text\n\nThe end.", ("common/a.yaml", "a: 3"));
        var source = lab.Source();
        await source.FetchAsync(CancellationToken.None);

        var commits = source.Between(first, third);

        Assert.Equal(["third", "second"], commits.Select(c => c.Subject));
        Assert.Equal(["abc"], commits.SelectMany(c => c.Trailers(CommitTrailers.Approve)));
        Assert.Equal(3, source.Between(null, third).Count);
    }

    [Fact]
    public async Task The_last_good_commit_is_a_ref_that_outlives_the_branch()
    {
        var first = lab.Push("first", ("common/a.yaml", "a: 1"));
        var source = lab.Source();
        await source.FetchAsync(CancellationToken.None);
        Assert.Null(source.LastGood);
        source.LastGood = first;
        lab.Git(lab.Work, "checkout", "-q", "--orphan", "new");
        lab.Push("unrelated", ("common/b.yaml", "b: 1"));
        await source.FetchAsync(CancellationToken.None);
        lab.Git(source.Mirror.Path, "gc", "-q", "--prune=now");

        Assert.Equal(first, lab.Source().LastGood);
        Assert.Equal("common/a.yaml", Assert.Single(source.ReadTree(first).Files).Path);
    }

    [Fact]
    public async Task A_branch_a_commit_and_a_pull_request_can_be_resolved()
    {
        var first = lab.Push("first", ("common/a.yaml", "a: 1"));
        lab.Git(lab.Work, "commit", "-q", "--allow-empty", "-m", "proposal");
        var proposal = lab.Git(lab.Work, "rev-parse", "HEAD").Trim();
        lab.Git(lab.Work, "push", "-q", lab.Server, "HEAD:refs/pull/7/head", "HEAD:refs/heads/feature/x");
        var source = lab.Source();

        Assert.Null(await source.FetchForAsync("feature/x", CancellationToken.None));
        Assert.Null(await source.FetchForAsync("refs/pull/7/head", CancellationToken.None));
        Assert.Equal(proposal, source.Resolve("feature/x"));
        Assert.Equal(proposal, source.Resolve("refs/pull/7/head"));
        Assert.Equal(first, source.Resolve("main"));
        Assert.Equal(first, source.Resolve(first[..10]));
        Assert.Null(source.Resolve("no-such"));
        Assert.Null(source.Resolve("--upload-pack=x"));
        Assert.Equal("a: 1", source.ReadFile(proposal, "common/a.yaml"));
        Assert.Null(source.ReadFile(proposal, "common/b.yaml"));
    }

    [Fact]
    public async Task A_repository_of_another_owner_is_followed_all_the_same()
    {
        var commit = lab.Push("first", ("common/a.yaml", "a: 1"));
        lab.Git(lab.Work, "update-ref", "refs/keep", "HEAD");
        await new NasGitOps.Execution.CommandRunner().RunAsync(NasGitOps.Core.Steps.Command.Of("chown", "-R", "65534:65534", lab.Server), NasGitOps.Execution.CommandOptions.None, CancellationToken.None);

        Assert.Equal(new FetchResult.Fetched(commit), await lab.Source().FetchAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_token_goes_through_the_environment_and_is_on_no_command_line()
    {
        var file = lab["token"];
        File.WriteAllText(file, "s3cret-token\n");
        var config = lab.Config();
        config = config with { Repository = config.Repository with { Remote = new GitRemote("https://127.0.0.1:1/x.git", new GitAuth(Username: "bot", TokenFile: file)) } };

        var result = Assert.IsType<FetchResult.Failed>(await GitSource.Create(config, lab.Runner, TimeProvider.System, lab.Log).FetchAsync(CancellationToken.None));

        var encoded = Convert.ToBase64String("bot:s3cret-token"u8);
        var (command, options) = lab.Runner.Runs[^1];
        Assert.Contains($"Authorization: Basic {encoded}", options.Environment!.Values);
        foreach (var text in (string[])[command.ToString(), result.Message, result.Evidence, .. lab.Log.Lines])
        {
            Assert.DoesNotContain(encoded, text, StringComparison.Ordinal);
            Assert.DoesNotContain("s3cret", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Git_may_speak_the_configured_protocol_only()
    {
        lab.Push("first", ("common/a.yaml", "a: 1"));
        await lab.Source().FetchAsync(CancellationToken.None);

        var environment = lab.Runner.Runs[^1].Options.Environment!;
        var settings = Enumerable.Range(0, int.Parse(environment["GIT_CONFIG_COUNT"], System.Globalization.CultureInfo.InvariantCulture))
            .Select(i => $"{environment[$"GIT_CONFIG_KEY_{i}"]}={environment[$"GIT_CONFIG_VALUE_{i}"]}").ToList();
        Assert.Contains("protocol.allow=never", settings);
        Assert.Contains("protocol.file.allow=always", settings);
        Assert.Contains("core.hooksPath=/dev/null", settings);
        Assert.Contains("transfer.fsckObjects=true", settings);
    }
}

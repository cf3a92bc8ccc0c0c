using NasGitOps.Core.Steps;
using NasGitOps.Execution;
using NasGitOps.Source;

namespace NasGitOps.Tests.Source;

public sealed class DamagedMirrorTests : IDisposable
{
    private readonly GitLab lab = new();
    private readonly string commit;

    public DamagedMirrorTests() => commit = lab.Push("first", ("common/a.yaml", "a: 1"));

    public void Dispose() => lab.Dispose();

    [Fact]
    public async Task A_mirror_without_its_head_is_moved_aside_and_made_anew()
    {
        var source = await Fetched();
        File.Delete(Path.Combine(source.Mirror.Path, "HEAD"));

        Assert.Equal(new FetchResult.Fetched(commit), await source.FetchAsync(CancellationToken.None));
        Assert.Single(Directory.EnumerateDirectories(lab.State, "mirror.git.corrupt-*"));
        Assert.Contains(lab.Log.Lines, l => l.Contains("is damaged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Damaged_objects_are_noticed_when_they_are_read_and_mended_by_the_next_fetch()
    {
        var source = await Fetched();
        source.LastGood = commit;
        DamageObjects(source);

        Assert.Throws<SourceException>(() => source.ReadTree(commit));
        Assert.Equal(new FetchResult.Fetched(commit), await source.FetchAsync(CancellationToken.None));
        Assert.Single(source.ReadTree(commit).Files);
        Assert.Equal(commit, source.LastGood);
    }

    [Fact]
    public async Task A_new_agent_looks_once_whether_the_mirror_it_finds_is_readable()
    {
        DamageObjects(await Fetched());

        Assert.Equal(new FetchResult.Fetched(commit), await lab.Source().FetchAsync(CancellationToken.None));
        Assert.Single(lab.Source().ReadTree(commit).Files);
    }

    [Fact]
    public async Task An_empty_ref_file_as_a_power_cut_leaves_it_is_mended()
    {
        var source = await Fetched();
        File.WriteAllText(Path.Combine(source.Mirror.Path, "refs/remotes/origin/main"), "");

        Assert.Equal(new FetchResult.Fetched(commit), await source.FetchAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Locks_of_a_killed_git_are_cleared()
    {
        var source = await Fetched();
        File.WriteAllText(Path.Combine(source.Mirror.Path, "refs/remotes/origin/main.lock"), "");
        File.WriteAllText(Path.Combine(source.Mirror.Path, "packed-refs.lock"), "");
        var second = lab.Push("second", ("common/a.yaml", "a: 2"));

        Assert.Equal(new FetchResult.Fetched(second), await source.FetchAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_lock_of_a_git_that_still_runs_is_left_alone()
    {
        var source = await Fetched();
        var stale = Path.Combine(source.Mirror.Path, "packed-refs.lock");
        File.WriteAllText(stale, "");
        var started = lab["started"];
        using var stop = new CancellationTokenSource();
        var running = new CommandRunner().RunAsync(
            Command.Of("git", $"--git-dir={source.Mirror.Path}", "-c", $"alias.linger=!touch '{started}'; sleep 600", "linger"), CommandOptions.None, stop.Token);
        while (!File.Exists(started) && !running.IsCompleted) await Task.Delay(10);

        await source.FetchAsync(CancellationToken.None);
        Assert.True(File.Exists(stale));

        await stop.CancelAsync();
        await running;
        await source.FetchAsync(CancellationToken.None);
        Assert.False(File.Exists(stale));
    }

    [Fact]
    public async Task Without_a_server_a_damaged_mirror_says_so_and_does_not_crash()
    {
        var source = await Fetched();
        DamageObjects(source);
        Directory.Move(lab.Server, lab.Server + ".away");

        Assert.IsType<FetchResult.Failed>(await source.FetchAsync(CancellationToken.None));
    }

    private async Task<GitSource> Fetched()
    {
        var source = lab.Source();
        await source.FetchAsync(CancellationToken.None);
        return source;
    }

    private static void DamageObjects(GitSource source)
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(source.Mirror.Path, "objects"), "*", SearchOption.AllDirectories))
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.WriteAllBytes(file, []);
        }
    }
}

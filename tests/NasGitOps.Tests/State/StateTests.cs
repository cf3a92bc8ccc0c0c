using NasGitOps.Core.Loading;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Status;
using NasGitOps.State;
using NasGitOps.Tests.Source;

namespace NasGitOps.Tests.State;

public sealed class StateTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly RecordingLog log = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void State_is_read_back_as_it_was_saved_and_is_private()
    {
        var id = new ResourceId("Dataset", "tank/a b");
        var condition = new Condition(Condition.Ready, "True", "Applied", "ok", DateTimeOffset.UnixEpoch);
        var covered = new CoveredChange(id, ChangeAction.Quarantine, [new CoveredField("quota", null)], ["123"]);
        var state = new AgentState(
            "c2",
            "c1",
            "c1",
            [new Applied(id, "c1", new Dictionary<string, string> { ["quota"] = "1" }, new Dictionary<string, string> { ["key"] = "f" }, "123", "quarantine")],
            [condition],
            new Dictionary<string, IReadOnlyList<Condition>> { ["Dataset/tank/a b"] = [condition] })
        {
            Approvals = [new Approval("digest", "c2") { Covers = [covered] }, new Approval("other", "c1")],
            Offers = [new ApprovalOffer("other", [covered])],
        };

        Store().Save(state);
        var read = Store().Load();

        Assert.Equivalent(state, read, strict: true);
        Assert.Equal("123", read.Ownership.Records[id].Guid);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder["state.json"]));
        Assert.Single(Directory.EnumerateFileSystemEntries(folder.Root));
    }

    [Fact]
    public void A_state_of_before_approvals_had_a_memory_is_read()
    {
        folder.Write("state.json", """{"lastAttemptedCommit":"c1","lastAppliedCommit":"c1","inForceCommit":"c1","records":[],"approvedDigests":["d"],"conditions":[],"resourceConditions":{}}""");

        var read = Store().Load();

        Assert.Equal("c1", read.LastAppliedCommit);
        Assert.Empty(read.Ownership.Approvals);
        Assert.Empty(read.Ownership.Offers);
    }

    [Fact]
    public void Without_a_file_the_state_is_empty_and_nothing_is_wrong()
    {
        var store = Store();

        Assert.Equal(AgentState.Empty, store.Load());
        Assert.Null(store.Trouble);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"records\": [")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"lastAttemptedCommit":null,"lastAppliedCommit":null,"inForceCommit":"","records":[null],"conditions":[],"resourceConditions":{}}""")]
    [InlineData("""{"lastAttemptedCommit":null,"lastAppliedCommit":null,"inForceCommit":"","records":[],"conditions":[],"resourceConditions":{"Pool/tank":null}}""")]
    [InlineData("\0\0\0\0")]
    public void A_corrupt_state_is_moved_aside_and_told(string content)
    {
        folder.Write("state.json", content);
        var store = Store();

        Assert.Equal(AgentState.Empty, store.Load());

        var aside = Assert.Single(Directory.EnumerateFiles(folder.Root, "state.json.corrupt-*"));
        Assert.Equal(content, File.ReadAllText(aside));
        Assert.Contains(aside, store.Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public void The_fingerprint_key_is_made_once_and_private()
    {
        var key = Store().FingerprintKey();

        Assert.Equal(32, key.Length);
        Assert.Equal(key, Store().FingerprintKey());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder["fingerprint.key"]));
    }

    [Fact]
    public void A_damaged_fingerprint_key_is_replaced_and_told()
    {
        folder.Write("fingerprint.key", "short");
        var store = Store();

        Assert.Equal(32, store.FingerprintKey().Length);
        Assert.Contains("every secret counts as changed", store.Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_good_manifests_are_plain_files_that_are_replaced_as_a_whole()
    {
        Store().LastGood.Save(new LastGood("c1", true, [new SourceFile("common/a.yaml", "a: 1"u8.ToArray()), new SourceFile("b.yaml", "b: 1"u8.ToArray())]));
        Store().LastGood.Save(new LastGood("c2", false, [new SourceFile("common/a.yaml", "a: 2"u8.ToArray())]));

        var read = Store().LastGood.Load()!;

        Assert.Equal(("c2", false), (read.Commit, read.Complete));
        Assert.Equal("a: 2"u8.ToArray(), Assert.Single(read.Files).Content);
        Assert.Equal("a: 2", File.ReadAllText(folder["last-good/common/a.yaml"]));
    }

    [Theory]
    [InlineData("last-good.old", "c1")]
    [InlineData("last-good.new", "c1")]
    public void A_save_that_was_cut_off_between_its_renames_loses_nothing(string left, string commit)
    {
        Store().LastGood.Save(new LastGood("c1", true, [new SourceFile("a.yaml", "a: 1"u8.ToArray())]));
        Directory.Move(folder["last-good"], folder[left]);

        Assert.Equal(commit, Store().LastGood.Load()!.Commit);
    }

    [Fact]
    public void A_half_written_next_folder_is_not_taken_for_the_last_good()
    {
        Store().LastGood.Save(new LastGood("c1", true, [new SourceFile("a.yaml", "a: 1"u8.ToArray())]));
        folder.Write("last-good.new/a.yaml", "a: half");
        Assert.Equal("c1", Store().LastGood.Load()!.Commit);

        Store().LastGood.Save(new LastGood("c2", true, [new SourceFile("b.yaml", "b: 2"u8.ToArray())]));

        Assert.Equal("b.yaml", Assert.Single(Store().LastGood.Load()!.Files).Path);
    }

    [Fact]
    public void One_pass_at_a_time_and_the_other_is_told_who_has_it()
    {
        using (var held = HostLock.TryTake(folder.Root, "agent", out _))
        {
            Assert.NotNull(held);
            Assert.Null(HostLock.TryTake(folder.Root, "apply", out var refusal));
            Assert.Contains($"held by pid {Environment.ProcessId} (agent)", refusal, StringComparison.Ordinal);
        }

        using var free = HostLock.TryTake(folder.Root, "apply", out _);
        Assert.NotNull(free);
    }

    [Fact]
    public async Task A_lock_that_was_given_back_is_free_although_commands_are_being_started()
    {
        // A child that is forked and has not yet called exec holds every open file of its parent, this lock's among them.
        var runner = new NasGitOps.Execution.CommandRunner();
        var starting = Task.WhenAll(Enumerable.Range(0, 200).Select(_ => runner.RunAsync(NasGitOps.Core.Steps.Command.Of("true"), NasGitOps.Execution.CommandOptions.None, CancellationToken.None)));
        while (!starting.IsCompleted)
        {
            using var taken = HostLock.TryTake(folder.Root, "agent", out var refusal);
            Assert.True(taken is not null, refusal);
        }

        await starting;
    }

    [Fact]
    public async Task The_lock_is_a_flock_that_other_programs_see()
    {
        using var held = HostLock.TryTake(folder.Root, "agent", out _);

        var other = await new NasGitOps.Execution.CommandRunner().RunAsync(
            NasGitOps.Core.Steps.Command.Of("flock", "-n", folder["lock"], "true"), NasGitOps.Execution.CommandOptions.None, CancellationToken.None);

        Assert.Equal(1, other.ExitCode);
    }

    private StateStore Store() => new(folder.Root, TimeProvider.System, log);
}

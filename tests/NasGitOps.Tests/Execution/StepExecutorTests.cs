using NasGitOps.Core.Manifests;
using NasGitOps.Core.Steps;
using NasGitOps.Execution;

namespace NasGitOps.Tests.Execution;

/// <summary>Nothing is done that is not in the journal first.</summary>
[Trait("Category", "Integration")]
public sealed class StepExecutorTests : IDisposable
{
    private static readonly ResourceId Id = new("Dataset", "tank/a");

    private readonly TempFolder folder = new();
    private readonly Recorder runner = new();
    private bool mounted;

    public void Dispose()
    {
        if (mounted) Must("umount", folder["state"]);
        folder.Dispose();
    }

    [Fact]
    public async Task With_a_full_state_directory_nothing_is_done_and_it_is_said_why()
    {
        Directory.CreateDirectory(folder["state"]);
        Must("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder["state"]);
        mounted = true;
        using var journal = Journal.Open(folder["state/journal.jsonl"], TimeProvider.System);
        var executor = Executor(journal);
        Assert.Null((await Run(executor, new Run(Command.Of("zfs", "create", "tank/a")))).Problem);
        Fill();

        // Longer than what is left of the page that the journal's end lies in.
        var full = await Run(executor, new Run(Command.Of("zfs", "set", new string('x', 3990))));

        Assert.Equal("JournalUnwritable", full.Reason);
        Assert.Contains("was not done: the journal", full.Problem, StringComparison.Ordinal);
        Assert.Contains("No space left on device", full.Problem, StringComparison.Ordinal);
        Assert.Equal(["zfs create tank/a"], runner.Ran);

        File.Delete(folder["state/fill"]);
        Assert.Null((await Run(executor, new InstallFile(folder["exports"], "text", "0644"))).Problem);
        Assert.Null(Journal.Verify(folder["state/journal.jsonl"]));
        Assert.DoesNotContain(Journal.Read(folder["state/journal.jsonl"]), e => e.Step.StartsWith("zfs set", StringComparison.Ordinal));
    }

    [Fact]
    public async Task How_a_step_ended_is_known_even_when_that_could_not_be_written_down()
    {
        Directory.CreateDirectory(folder["state"]);
        Must("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder["state"]);
        mounted = true;
        using var journal = Journal.Open(folder["state/journal.jsonl"], TimeProvider.System);
        runner.Then = Fill;

        var done = await Run(Executor(journal), new Run(Command.Of("zfs", "set", new string('x', 3900))));

        Assert.Null(done.Problem);
        Assert.Equal(["intent"], Journal.Read(folder["state/journal.jsonl"]).Select(e => e.Phase));
        Assert.Null(Journal.Verify(folder["state/journal.jsonl"]));
    }

    [Fact]
    public async Task Putting_files_back_is_in_the_journal()
    {
        folder.Write("a", "before");
        using var journal = Journal.Open(folder["journal.jsonl"], TimeProvider.System);
        var executor = Executor(journal);
        var files = new FileTransaction();
        await executor.RunAsync("c1", Id, new InstallFile(folder["a"], "after", "0644"), [], files, CancellationToken.None);

        executor.RollBack("c1", Id, files);
        executor.RollBack("c1", Id, files);

        Assert.Equal("before", File.ReadAllText(folder["a"]));
        Assert.Equal([$"intent put back as before: {folder["a"]}", $"done put back as before: {folder["a"]}"], Journal.Read(folder["journal.jsonl"]).Skip(2).Select(e => $"{e.Phase} {e.Step}"));
    }

    [Fact]
    public async Task Each_command_of_a_step_of_many_is_in_the_journal()
    {
        using var journal = Journal.Open(folder["journal.jsonl"], TimeProvider.System);
        var journalled = new JournalledRunner(runner, journal, "c1", Id);

        await journalled.RunAsync(Command.Of("exportfs", "-u", "a:/b"), CommandOptions.None, CancellationToken.None);

        Assert.Equal(["intent exportfs -u a:/b", "done exportfs -u a:/b"], Journal.Read(folder["journal.jsonl"]).Select(e => $"{e.Phase} {e.Step}"));
    }

    private StepExecutor Executor(Journal journal) => new(runner, new SecretStore(null, folder["secrets"], new byte[32]), journal);

    private static Task<StepResult> Run(StepExecutor executor, Step step) => executor.RunAsync("c1", Id, step, [], new FileTransaction(), CancellationToken.None);

    /// <summary>Until not one byte is left.</summary>
    private void Fill()
    {
        using var file = new FileStream(folder["state/fill"], FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0);
        file.Position = file.Length;
        try
        {
            while (true) file.Write(new byte[4096]);
        }
        catch (IOException)
        {
            // full
        }
    }

    private static void Must(string tool, params string[] arguments)
    {
        var result = new CommandRunner().RunAsync(Command.Of(tool, arguments), CommandOptions.None, CancellationToken.None).GetAwaiter().GetResult();
        Assert.True(result.Succeeded, result.Evidence());
    }

    private sealed class Recorder : ICommandRunner
    {
        public List<string> Ran { get; } = [];

        public Action? Then { get; set; }

        public Task<CommandResult> RunAsync(Command command, CommandOptions options, CancellationToken ct)
        {
            Ran.Add(command.ToString());
            Then?.Invoke();
            return Task.FromResult(new CommandResult(command, 0, "", "", TimeSpan.Zero, null));
        }
    }
}

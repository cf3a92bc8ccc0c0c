using NasGitOps.Core.Jobs;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Steps;
using NasGitOps.Execution;
using NasGitOps.Jobs;
using NasGitOps.Kinds;
using NasGitOps.Observing;
using NasGitOps.Kinds.SnapshotSchedule;

namespace NasGitOps.Tests.Jobs;

/// <summary>What becomes of a retention run when the host's answers are not the usual ones.</summary>
public sealed class RetentionTaskTests : IDisposable
{
    private const string Old = "tank/data@auto-daily_GMT-2026.01.01-03.00.00";
    private const string New = "tank/data@auto-daily_GMT-2026.01.02-03.00.00";
    private static readonly ResourceId Daily = new(SnapshotScheduleKind.KindName, "daily");

    private readonly TempFolder folder = new();
    private readonly List<string> destroyed = [];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Details_that_cannot_be_read_prune_nothing_and_are_a_problem_of_the_run()
    {
        var outcome = await RunAsync(_ => Failed(1, "", "cannot open 'tank/data': I/O error\n"));

        Assert.False(outcome.Succeeded);
        Assert.Contains("I/O error", outcome.Message, StringComparison.Ordinal);
        Assert.Empty(destroyed);
    }

    [Fact]
    public async Task A_snapshot_that_went_away_meanwhile_is_no_problem()
    {
        var outcome = await RunAsync(_ => Failed(1, "", $"cannot open '{Old}': dataset does not exist\n"));

        Assert.True(outcome.Succeeded, outcome.Message);
        Assert.Empty(destroyed);
    }

    [Fact]
    public async Task One_of_ours_is_destroyed_and_one_without_the_mark_is_not()
    {
        Assert.True((await RunAsync(_ => Said(Details("daily", "local")))).Succeeded);
        Assert.Equal([Old], destroyed);
        destroyed.Clear();

        Assert.True((await RunAsync(_ => Said(Details("daily", "inherited from tank")))).Succeeded);
        Assert.Empty(destroyed);
    }

    private static string Details(string schedule, string source) =>
        $"{Old}\tguid\t1\t-\n{Old}\tuserrefs\t0\t-\n{Old}\tclones\t\t-\n{Old}\tnasgitops:schedule\t{schedule}\t{source}\n";

    private static CommandResult Said(string output) => new(Command.Of("zfs"), 0, output, "", TimeSpan.Zero, null);

    private static CommandResult Failed(int code, string output, string errors) => new(Command.Of("zfs"), code, output, errors, TimeSpan.Zero, null);

    private async Task<JobOutcome> RunAsync(Func<Command, CommandResult> details)
    {
        var runner = new ScriptedRunner(command => command.Arguments[0] switch
        {
            "list" => Said($"{Old}\t1\t10\n{New}\t2\t20\n"),
            "get" => details(command),
            "destroy" => Destroy(command.Arguments[1]),
            _ => throw new InvalidOperationException(command.ToString()),
        });
        var fields = new Dictionary<string, string> { ["datasets"] = "tank/data", ["cron"] = "0 3 * * *", ["timeZone"] = "UTC", ["nameFormat"] = "auto-daily_GMT-%Y.%m.%d-%H.%M.%S", ["retention.keepLast"] = "1" };
        var record = new Applied(Daily, "c1", fields, new Dictionary<string, string>());
        var context = new JobContext(OwnershipRecords.Empty with { Records = new Dictionary<ResourceId, Applied> { [Daily] = record } }, new ManifestSet([]));
        var steps = new JobSteps(new HostProbes(runner), runner, new SecretStore(null, folder["secrets"], new byte[32]), folder["journal.jsonl"], TimeProvider.System);
        var outcomes = await new RetentionTask(BuiltInKinds.Storage, steps, TimeProvider.System).RunAsync("tank", context, CancellationToken.None);
        return outcomes[Daily];
    }

    private CommandResult Destroy(string name)
    {
        destroyed.Add(name);
        return Said("");
    }

    /// <summary>A host that answers as the test says.</summary>
    private sealed class ScriptedRunner(Func<Command, CommandResult> answer) : ICommandRunner
    {
        public Task<CommandResult> RunAsync(Command command, CommandOptions options, CancellationToken ct) => Task.FromResult(answer(command));
    }
}

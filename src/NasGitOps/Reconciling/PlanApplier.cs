using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Execution;

namespace NasGitOps.Reconciling;

/// <summary>Applies a plan and nothing but the plan: change after change, reloads together by stage, and after a reload a read-back that puts files back where it does not find what was wanted.</summary>
/// <param name="replan">Observes again and plans again.</param>
internal sealed class PlanApplier(StepExecutor executor, Func<CancellationToken, Task<Plan>> replan)
{
    private readonly Dictionary<ResourceId, Outcome> outcomes = [];
    private readonly List<Pending> pending = [];
    private string commit = "";

    /// <summary>A change whose steps ran and whose reload and read-back are still to come.</summary>
    private sealed record Pending(Change Change, FileTransaction Files, IReadOnlyList<Reload> Reloads);

    /// <param name="stop">Asked between steps: the running one ends, the rest waits.</param>
    public async Task<IReadOnlyDictionary<ResourceId, Outcome>> ApplyAsync(Plan plan, CancellationToken stop)
    {
        commit = plan.Commit;
        var stage = 0;
        foreach (var change in plan.ToApply)
        {
            if (change.Stage != stage || change.Needs.Any(n => pending.Exists(p => p.Change.Id == n))) await SettleAsync();
            stage = change.Stage;
            if (stop.IsCancellationRequested) break;
            await ApplyAsync(change, stop);
        }

        await SettleAsync();
        return outcomes;
    }

    private async Task ApplyAsync(Change change, CancellationToken stop)
    {
        if (change.Needs.FirstOrDefault(n => outcomes.GetValueOrDefault(n) is { State: not OutcomeState.Done }) is { Kind: not null } failed)
        {
            outcomes[change.Id] = new Outcome(change.Id, OutcomeState.Skipped, "DependencyNotReady", $"it needs {failed}, which failed; it is tried again with it");
            return;
        }

        var captures = new Dictionary<string, string>();
        var files = new FileTransaction();
        foreach (var step in change.Steps.Where(s => s is not Reload))
        {
            if (stop.IsCancellationRequested)
            {
                outcomes[change.Id] = new Outcome(change.Id, OutcomeState.Skipped, "Stopping", "the agent is being stopped; the next pass goes on");
                executor.RollBack(commit, change.Id, files);
                return;
            }

            // A step that began is ended: only the gaps between steps are places to stop.
            var result = await executor.RunAsync(commit, change.Id, step, captures, files, CancellationToken.None);
            if (result.Problem is null) continue;
            executor.RollBack(commit, change.Id, files);
            outcomes[change.Id] = new Outcome(change.Id, OutcomeState.Failed, result.Reason, result.Problem);
            return;
        }

        outcomes[change.Id] = Outcome.Done(change.Id);
        var reloads = change.Steps.OfType<Reload>().ToList();
        if (reloads.Count > 0) pending.Add(new Pending(change, files, reloads));
    }

    /// <summary>Reloads what the last stage touched, once each, and reads back.</summary>
    private async Task SettleAsync()
    {
        if (pending.Count == 0) return;
        var complaints = await ReloadAsync([.. pending]);
        var after = await replan(CancellationToken.None);
        var failed = new List<Pending>();
        foreach (var entry in pending)
        {
            if (ReadBack.Problem(entry.Change, after) is not { } found) continue;
            failed.Add(entry);
            executor.RollBack(commit, entry.Change.Id, entry.Files);
            outcomes[entry.Change.Id] = new Outcome(
                entry.Change.Id, OutcomeState.Failed, "ReadBackFailed",
                $"after the reload the service does not have what was written ({found}); the previous files were put back. {string.Join("; ", complaints)}".TrimEnd());
        }

        if (failed.Count > 0) await ReloadAsync(failed);
        pending.Clear();
    }

    private async Task<List<string>> ReloadAsync(IReadOnlyList<Pending> entries)
    {
        var complaints = new List<string>();
        foreach (var reload in entries.SelectMany(e => e.Reloads).DistinctBy(r => (r.Service, r.Command)))
        {
            var result = await RunAsync(entries[0].Change.Id, reload);
            if (result.Problem is not null) complaints.Add(result.Problem);
        }

        foreach (var (id, command) in entries.SelectMany(e => e.Reloads.SelectMany(r => r.Then.Select(t => (e.Change.Id, t)))))
        {
            var result = await RunAsync(id, new Run(command));
            if (result.Problem is not null) complaints.Add(result.Problem);
        }

        return complaints;
    }

    private Task<StepResult> RunAsync(ResourceId id, Step step) => executor.RunAsync(commit, id, step, [], new FileTransaction(), CancellationToken.None);
}

using Microsoft.Extensions.Logging;
using NasGitOps.Configuration;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Status;
using NasGitOps.Execution;
using NasGitOps.Jobs;
using NasGitOps.Observing;
using NasGitOps.Reporting;
using NasGitOps.State;

namespace NasGitOps.Reconciling;

/// <summary>What one pass found and did.</summary>
/// <param name="Input">After applying: what the published inventory carries.</param>
/// <param name="Planned">The first plan: what was to be done.</param>
/// <param name="Left">The last plan: what still differs.</param>
internal sealed record PassResult(DesiredState Desired, PlanInput Input, Plan Planned, Plan Left, IReadOnlyDictionary<ResourceId, Outcome> Outcomes, HostStatus Status, TimeSpan Took)
{
    public bool Succeeded => Desired.Failure is null && Desired.Problems.All(p => p.Severity != Severity.Error) && Outcomes.Values.All(o => o.State == OutcomeState.Done);
}

/// <summary>One straight line: fetch, load, observe, plan, apply, report. Everything it decides is decided in the pure core.</summary>
internal sealed class Pass(
    AgentConfig config, DesiredStateReader source, HostObserver observer, Planner planner, ICommandRunner runner, SecretStore secrets, StateStore store, JobBoard jobs, TimeProvider time, ILogger log)
{
    /// <summary>A first round can reveal what only a mounted dataset or an imported pool shows; more rounds than this mean that something does not settle.</summary>
    private const int MaxRounds = 4;

    public async Task<PassResult> RunAsync(bool acceptRewrite, CancellationToken stop)
    {
        var started = time.GetTimestamp();
        var state = source.Vouched(store.Load());
        var desired = await source.ReadAsync(state, acceptRewrite, stop);
        state = state with
        {
            LastAttemptedCommit = desired.Attempted,
            InForceCommit = desired.InForce,
            Trust = desired.Trust,
            Approvals = desired.Approvals,
            Clock = ClockWatch.Remember(state.Clock, HostClock.Read(time)),
        };
        store.Save(state);

        var input = await ObserveAsync(desired, state, stop);
        var planned = planner.Plan(input);
        state = Gated(state, planned);
        var outcomes = new Dictionary<ResourceId, Outcome>();
        var plan = planned;
        for (var round = 0; round < MaxRounds && desired.InForce is not null && !stop.IsCancellationRequested; round++)
        {
            if (!plan.ToApply.Any(c => CanStillApply(c, outcomes))) break;
            state = await ApplyAsync(desired, state, input, plan, outcomes, stop);
            input = await ObserveAsync(desired, state, CancellationToken.None);
            plan = planner.Plan(input);
            state = Gated(state, plan);
        }

        state = Finish(desired, state, input, plan, outcomes);
        var status = StatusBuilder.Build(
            Previous(state), config.Host, Versions.Product, time.GetUtcNow(),
            new SourceStatus(desired.Attempted, desired.InForce, state.LastAppliedCommit, desired.Problems, desired.Failure, desired.FailureReason),
            Told(planned, plan, outcomes), outcomes, id => state.Records.FirstOrDefault(r => r.Id == id)?.Commit) with
        {
            Pools = [.. input.Observed.Pools.Value?.Items.Values.OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => new PoolSummary(p.Name, p.Health, p.Scan, p.Progress)) ?? []],
            Jobs = jobs.Reports,
            Signer = desired.Trust?.Signer,
        };
        state = state with { Conditions = status.Conditions, ResourceConditions = status.Resources.ToDictionary(r => r.Id.ToString(), r => r.Conditions) };
        store.Save(state);
        return new PassResult(desired, input with { Ownership = state.Ownership }, planned, plan, outcomes, status, time.GetElapsedTime(started));
    }

    public async Task<PlanInput> ObserveAsync(DesiredState desired, AgentState state, CancellationToken ct)
    {
        var observed = await observer.ObserveAsync(desired.Manifests, [.. state.Records.Select(r => r.Id)], config.HostPaths, ct);
        var clock = HostClock.Read(time);
        observed = observed with { ClockProblem = ClockWatch.Problem(ClockWatch.Remember(state.Clock, clock), clock) };
        return new PlanInput(await desired.ToDesiredAsync(secrets), observed, state.Ownership, config.Policy, config.HostPaths, time.GetUtcNow());
    }

    private async Task<AgentState> ApplyAsync(DesiredState desired, AgentState state, PlanInput input, Plan plan, Dictionary<ResourceId, Outcome> outcomes, CancellationToken stop)
    {
        // Opened anew each time: between two passes of the agent the command line may have written to it.
        using var journal = Journal.Open(HostServices.JournalPath(config), time, config.Journal);
        var applier = new PlanApplier(new StepExecutor(runner, secrets.With(desired.Encrypted), journal), async ct => planner.Plan(await ObserveAsync(desired, state, ct)));
        var results = await applier.ApplyAsync(plan, stop);
        foreach (var change in plan.ToApply.Where(c => results.ContainsKey(c.Id)))
        {
            var outcome = results[change.Id];
            outcomes[change.Id] = outcome;
            Telemetry.Applied(change, outcome);
            if (outcome.State != OutcomeState.Done)
            {
                log.LogError("{Resource}: {Reason}: {Message}", change.Id, outcome.Reason, outcome.Message);
                continue;
            }

            log.LogInformation("{Resource}: {Action} ({Cause}) done", change.Id, change.Action, change.Cause);
            state = state.With(RecordKeeper.AfterDone(state.Ownership, change, plan, input));
        }

        store.Save(state);
        return state;
    }

    /// <summary>Keeps what was approved before anything of it is done.</summary>
    private AgentState Gated(AgentState state, Plan plan)
    {
        state = state.With(RecordKeeper.AfterGate(state.Ownership, plan));
        store.Save(state);
        return state;
    }

    private static bool CanStillApply(Change change, Dictionary<ResourceId, Outcome> outcomes) =>
        !outcomes.TryGetValue(change.Id, out var outcome) || outcome.State == OutcomeState.Done;

    /// <summary>Brings the records in line with the last plan, and closes the books on a commit whose every change was applied.</summary>
    private static AgentState Finish(DesiredState desired, AgentState state, PlanInput input, Plan plan, Dictionary<ResourceId, Outcome> outcomes)
    {
        if (desired.InForce is null) return state;
        var records = RecordKeeper.AfterPlan(state.Ownership, plan, input);
        var isWhole = RecordKeeper.IsWhole(plan) && outcomes.Values.All(o => o.State == OutcomeState.Done);
        return state.With(isWhole ? RecordKeeper.AfterWhole(records, desired.InForce) : records);
    }

    /// <summary>The changes to tell about: what was planned first, and what stands in the way at the end.</summary>
    private Plan Told(Plan planned, Plan final, Dictionary<ResourceId, Outcome> outcomes)
    {
        var done = planned.Changes.Where(c => c.Disposition == Disposition.Apply && outcomes.ContainsKey(c.Id)).ToList();
        var left = final.Changes.Where(c => !done.Exists(d => d.Id == c.Id));
        return final with { Changes = [.. done, .. left], Notices = [.. final.Notices, .. jobs.Notices.Where(n => final.InSync.Contains(n.Id) || done.Exists(c => c.Id == n.Id))] };
    }

    private HostStatus? Previous(AgentState state) => state.Conditions.Count == 0
        ? null
        : new HostStatus(
            config.Host, "", default, null, null, null, "", state.Conditions,
            [.. state.ResourceConditions.Select(r => new ResourceStatus(ResourceId.TryParse(r.Key)!.Value, null, r.Value))], []);
}

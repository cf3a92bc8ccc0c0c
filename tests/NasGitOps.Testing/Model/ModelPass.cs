using System.Collections.Immutable;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;

namespace NasGitOps.Testing.Model;

/// <summary>A commit as the pass sees it.</summary>
public sealed record ModelCommit(string Name, ManifestSet Manifests, bool Complete = true);

/// <summary>A host and what the agent remembers.</summary>
public sealed record ModelWorld(ModelState Host, OwnershipRecords Records, Policy Policy)
{
    /// <summary>How long after <see cref="ModelHost.Now"/> it is planned.</summary>
    public TimeSpan Later { get; init; }

    public ImmutableList<(ResourceId Id, Step Step)> Taken { get; init; } = [];

    /// <summary>Refused steps and things that must never happen.</summary>
    public ImmutableList<string> Faults { get; init; } = [];

    /// <summary>The last plan, after all was applied.</summary>
    public Plan? Left { get; init; }
}

/// <param name="After">What was done last.</param>
/// <param name="World">The host then, and the records as they were last saved.</param>
public sealed record CrashPoint(string After, ModelWorld World);

/// <summary>One pass on the model, in the order of Pass and PlanApplier; what it keeps and how it judges is Core's own code.</summary>
/// <param name="budget">How many steps until the kill; the agent's memory of the round under way is lost with it.</param>
public sealed class ModelPass(IReadOnlyList<IKind> kinds, int budget = int.MaxValue)
{
    private const int MaxRounds = 4;

    private readonly Planner planner = new(kinds);
    private int left = budget;
    private ModelWorld world = null!;

    /// <summary>Where given, gets the world at every instant at which a kill could find it: after each step, half-way through those that are not atomic, and before and after each time the records are saved.</summary>
    public ICollection<CrashPoint>? Trail { get; init; }

    private sealed class KilledException : Exception;

    public ModelWorld Run(ModelWorld start, ModelCommit commit)
    {
        world = start with { Taken = [], Faults = [], Left = null };
        try
        {
            return Whole(commit);
        }
        catch (KilledException)
        {
            return world;
        }
    }

    /// <param name="damage">What becomes of an answer of the host on its way.</param>
    public static PlanInput Input(IReadOnlyList<IKind> kinds, ModelWorld world, ModelCommit commit, Func<Probe, Answer, Answer>? damage = null)
    {
        var secrets = commit.Manifests.All.Select(m => m.Spec).OfType<ISecretUser>().SelectMany(s => s.SecretRefs).Distinct()
            .ToDictionary(s => s, s => world.Host.Secrets.TryGetValue(s, out var value) ? Reading<string>.Known("print of " + value) : Reading<string>.Absent);
        var observed = ModelHost.Observe(world.Host, kinds, commit.Manifests, [.. world.Records.Records.Keys], damage);
        return new PlanInput(new Desired(commit.Name, commit.Manifests, commit.Complete, secrets), observed, world.Records, world.Policy, ModelHost.Paths, observed.At + world.Later);
    }

    private ModelWorld Whole(ModelCommit commit)
    {
        var outcomes = new Dictionary<ResourceId, OutcomeState>();
        var input = Input(kinds, world, commit);
        var plan = Gated(planner.Plan(input));
        for (var round = 0; round < MaxRounds && plan.ToApply.Any(c => outcomes.GetValueOrDefault(c.Id, OutcomeState.Done) == OutcomeState.Done); round++)
        {
            var records = world.Records;
            foreach (var (id, state) in Apply(plan, commit))
            {
                outcomes[id] = state;
                if (state == OutcomeState.Done) records = RecordKeeper.AfterDone(records, plan.Changes.First(c => c.Id == id), plan, input);
            }

            world = world with { Records = records };
            Trail?.Add(new CrashPoint($"the records after round {round + 1}", world));
            input = Input(kinds, world, commit);
            plan = Gated(planner.Plan(input));
        }

        world = world with { Records = RecordKeeper.AfterPlan(world.Records, plan, input), Left = plan };
        var whole = RecordKeeper.IsWhole(plan) && outcomes.Values.All(o => o == OutcomeState.Done);
        return whole ? world with { Records = RecordKeeper.AfterWhole(world.Records, commit.Name) } : world;
    }

    private Plan Gated(Plan plan)
    {
        world = world with { Records = RecordKeeper.AfterGate(world.Records, plan) };
        return plan;
    }

    private Dictionary<ResourceId, OutcomeState> Apply(Plan plan, ModelCommit commit)
    {
        var outcomes = new Dictionary<ResourceId, OutcomeState>();
        var pending = new List<(Change Change, ModelState Before)>();
        var stage = 0;
        foreach (var change in plan.ToApply)
        {
            if (change.Stage != stage || change.Needs.Any(n => pending.Exists(p => p.Change.Id == n))) Settle(pending, outcomes, commit);
            stage = change.Stage;
            if (change.Needs.Any(n => outcomes.GetValueOrDefault(n, OutcomeState.Done) != OutcomeState.Done))
            {
                outcomes[change.Id] = OutcomeState.Skipped;
                continue;
            }

            var before = world.Host;
            var captures = new Dictionary<string, string>();
            var done = change.Steps.Where(s => s is not Reload).All(step => Take(change.Id, step, captures));
            if (!done) RollBack(change, before);
            outcomes[change.Id] = done ? OutcomeState.Done : OutcomeState.Failed;
            if (done && change.Steps.OfType<Reload>().Any()) pending.Add((change, before));
        }

        Settle(pending, outcomes, commit);
        return outcomes;
    }

    private void Settle(List<(Change Change, ModelState Before)> pending, Dictionary<ResourceId, OutcomeState> outcomes, ModelCommit commit)
    {
        if (pending.Count == 0) return;
        ReloadAll([.. pending.Select(p => p.Change)]);
        var after = planner.Plan(Input(kinds, world, commit));
        foreach (var (change, before) in pending)
        {
            if (ReadBack.Problem(change, after) is not { } found) continue;
            outcomes[change.Id] = OutcomeState.Failed;
            // Whether a directory of a dataset that is not mounted yet is there shows only when it is.
            if (after.Changes.All(c => c.Id != change.Id || c.Reason != "PathMissing")) Fault($"{change.Id}: read-back finds {found}");
            RollBack(change, before);
        }

        pending.Clear();
    }

    private void ReloadAll(List<Change> changes)
    {
        foreach (var reload in changes.SelectMany(c => c.Steps.OfType<Reload>()).DistinctBy(r => (r.Service, r.Command))) Take(changes[0].Id, reload, []);
        foreach (var (id, command) in changes.SelectMany(c => c.Steps.OfType<Reload>().SelectMany(r => r.Then.Select(t => (c.Id, t))))) Take(id, new Run(command), []);
    }

    private bool Take(ResourceId id, Step step, Dictionary<string, string> captures)
    {
        if (left-- <= 0) throw new KilledException();
        if (Trail is not null)
        {
            foreach (var half in HalfSteps.Of(world.Host, step, captures)) Trail.Add(new CrashPoint($"half of {id}: {step.Describe()}", world with { Host = half }));
        }

        var result = ModelHost.Apply(world.Host, step, captures);
        world = world with { Taken = world.Taken.Add((id, step)), Host = result.State ?? world.Host };
        Trail?.Add(new CrashPoint($"{id}: {step.Describe()}", world));
        // A failed reload fails nothing by itself: the read-back decides. A wrong key shows only when it is tried.
        if (result.Refusal?.Contains("Incorrect key", StringComparison.Ordinal) != true && (step is Reload ? result.Violation : result.Refusal ?? result.Violation) is { } fault) Fault($"{id}: {step.Describe()}: {fault}");
        return result.Refusal is null;
    }

    private void Fault(string text) => world = world with { Faults = world.Faults.Add(text) };

    private void RollBack(Change change, ModelState before)
    {
        var paths = change.Steps.Select(s => s switch { InstallFile i => i.Path, DeleteFile d => d.Path, TakeOut t => t.Path, _ => null }).OfType<string>();
        foreach (var path in paths)
        {
            var files = before.Files.TryGetValue(path, out var text) ? world.Host.Files.SetItem(path, text) : world.Host.Files.Remove(path);
            world = world with { Host = world.Host with { Files = files } };
            Trail?.Add(new CrashPoint($"{change.Id}: {path} put back", world));
        }
    }
}

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
    public ImmutableList<(ResourceId Id, Step Step)> Taken { get; init; } = [];

    /// <summary>Refused steps and things that must never happen.</summary>
    public ImmutableList<string> Faults { get; init; } = [];

    /// <summary>The last plan, after all was applied.</summary>
    public Plan? Left { get; init; }
}

/// <summary>One pass on the model, by the rules of Pass, PlanApplier and RecordKeeper.</summary>
/// <param name="budget">How many steps until the kill; the agent's memory of the round under way is lost with it.</param>
public sealed class ModelPass(IReadOnlyList<IKind> kinds, int budget = int.MaxValue)
{
    private const int MaxRounds = 4;

    private readonly Planner planner = new(kinds);
    private int left = budget;
    private ModelWorld world = null!;

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

    public static PlanInput Input(IReadOnlyList<IKind> kinds, ModelWorld world, ModelCommit commit)
    {
        var secrets = commit.Manifests.All.Select(m => m.Spec).OfType<ISecretUser>().SelectMany(s => s.SecretRefs).Distinct()
            .ToDictionary(s => s, s => world.Host.Secrets.TryGetValue(s, out var value) ? Reading<string>.Known("print of " + value) : Reading<string>.Absent);
        var observed = ModelHost.Observe(world.Host, kinds, commit.Manifests, [.. world.Records.Records.Keys]);
        return new PlanInput(new Desired(commit.Name, commit.Manifests, commit.Complete, secrets), observed, world.Records, world.Policy, ModelHost.Paths, observed.At);
    }

    private ModelWorld Whole(ModelCommit commit)
    {
        var outcomes = new Dictionary<ResourceId, OutcomeState>();
        var input = Input(kinds, world, commit);
        var plan = planner.Plan(input);
        for (var round = 0; round < MaxRounds && plan.ToApply.Any(c => outcomes.GetValueOrDefault(c.Id, OutcomeState.Done) == OutcomeState.Done); round++)
        {
            var records = world.Records;
            foreach (var (id, state) in Apply(plan, commit))
            {
                outcomes[id] = state;
                if (state == OutcomeState.Done) records = AfterDone(records, plan.Changes.First(c => c.Id == id), plan, input);
            }

            world = world with { Records = records };
            input = Input(kinds, world, commit);
            plan = planner.Plan(input);
        }

        world = world with { Records = AfterPlan(world.Records, plan, input), Left = plan };
        var whole = plan.Changes.All(c => c.Reason is "DriftReported" or "Suspended") && outcomes.Values.All(o => o == OutcomeState.Done);
        return whole ? world with { Records = world.Records with { LastAppliedCommit = commit.Name, RemovalsSinceLastApplied = 0, ApprovedDigests = [] } } : world;
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
        var after = planner.Plan(Input(kinds, world, commit)).Changes.ToDictionary(c => c.Id);
        foreach (var (change, before) in pending.Where(p => after.TryGetValue(p.Change.Id, out var left) && !IsAsPlanned(left)))
        {
            outcomes[change.Id] = OutcomeState.Failed;
            // Whether a directory of a dataset that is not mounted yet is there shows only when it is.
            if (after[change.Id].Reason != "PathMissing") Fault($"{change.Id}: read-back finds {string.Join(", ", after[change.Id].Fields.Select(f => $"{f.Name}: {f.Before} → {f.After}"))} ({after[change.Id].Reason})");
            RollBack(change, before);
        }

        pending.Clear();
    }

    private static bool IsAsPlanned(Change left) => left.Disposition is Disposition.ReportOnly || left is { Action: ChangeAction.Adopt, Disposition: Disposition.Apply, Fields.Count: 0 };

    private void ReloadAll(List<Change> changes)
    {
        foreach (var reload in changes.SelectMany(c => c.Steps.OfType<Reload>()).DistinctBy(r => (r.Service, r.Command))) Take(changes[0].Id, reload, []);
        foreach (var (id, command) in changes.SelectMany(c => c.Steps.OfType<Reload>().SelectMany(r => r.Then.Select(t => (c.Id, t))))) Take(id, new Run(command), []);
    }

    private bool Take(ResourceId id, Step step, Dictionary<string, string> captures)
    {
        if (left-- <= 0) throw new KilledException();
        var result = ModelHost.Apply(world.Host, step, captures);
        world = world with { Taken = world.Taken.Add((id, step)), Host = result.State ?? world.Host };
        // A failed reload fails nothing by itself: the read-back decides. A wrong key shows only when it is tried.
        if (result.Refusal?.Contains("Incorrect key", StringComparison.Ordinal) != true && (step is Reload ? result.Violation : result.Refusal ?? result.Violation) is { } fault) Fault($"{id}: {step.Describe()}: {fault}");
        return result.Refusal is null;
    }

    private void Fault(string text) => world = world with { Faults = world.Faults.Add(text) };

    private void RollBack(Change change, ModelState before)
    {
        var paths = change.Steps.Select(s => s switch { InstallFile i => i.Path, DeleteFile d => d.Path, _ => null }).OfType<string>();
        foreach (var path in paths)
        {
            var files = before.Files.TryGetValue(path, out var text) ? world.Host.Files.SetItem(path, text) : world.Host.Files.Remove(path);
            world = world with { Host = world.Host with { Files = files } };
        }
    }

    private static OwnershipRecords AfterDone(OwnershipRecords records, Change change, Plan plan, PlanInput input)
    {
        if (change.IsRemoval())
        {
            return records with
            {
                Records = records.Records.Where(r => r.Key != change.Id).ToDictionary(),
                RemovalsSinceLastApplied = records.RemovalsSinceLastApplied + (change.Cause == Cause.Commit ? 1 : 0),
            };
        }

        if (change.MovedFrom is { } from) records = records with { Records = records.Records.Values.Select(r => Renamed(r, from, change.Id)).DistinctBy(r => r.Id).ToDictionary(r => r.Id) };
        return With(records, change.Id, plan, input);
    }

    private static OwnershipRecords AfterPlan(OwnershipRecords records, Plan plan, PlanInput input)
    {
        records = plan.InSync.Aggregate(records, (current, id) => With(current, id, plan, input));
        var spoken = plan.Changes.Select(c => c.Id).Concat(plan.Notices.Select(n => n.Id)).ToHashSet();
        return records with { Records = records.Records.Where(r => input.Desired.Manifests.Contains(r.Key) || spoken.Contains(r.Key)).ToDictionary() };
    }

    private static OwnershipRecords With(OwnershipRecords records, ResourceId id, Plan plan, PlanInput input)
    {
        if (!plan.Wanted.TryGetValue(id, out var fields) || input.Desired.Manifests.Find(id) is not { } manifest) return records;
        var old = records.Records.GetValueOrDefault(id);
        var secrets = (manifest.Spec as ISecretUser)?.SecretRefs.Distinct().Where(s => input.Desired.Fingerprint(s).Value is not null).ToDictionary(s => s, s => input.Desired.Fingerprint(s).Value!) ?? [];
        var guid = id.Kind == "Pool" ? input.Observed.Pool(id.Name).Value?.Guid : input.Observed.Dataset(id.Name).Value?.Guid;
        var same = old is not null && Same(old.Fields, fields) && Same(old.SecretFingerprints, secrets);
        return records with { Records = records.Records.Where(r => r.Key != id).Append(new(id, new Applied(id, same ? old!.Commit : input.Desired.Commit, fields, secrets, guid ?? old?.Guid))).ToDictionary() };
    }

    private static bool Same(IReadOnlyDictionary<string, string> a, IReadOnlyDictionary<string, string> b) => a.Count == b.Count && a.All(p => b.GetValueOrDefault(p.Key) == p.Value);

    private static Applied Renamed(Applied record, ResourceId from, ResourceId to)
    {
        if (record.Id == from) return record with { Id = to };
        return record.Id.Kind == from.Kind && DatasetPaths.IsBelow(record.Id.Name, from.Name)
            ? record with { Id = record.Id with { Name = to.Name + record.Id.Name[from.Name.Length..] } }
            : record;
    }
}

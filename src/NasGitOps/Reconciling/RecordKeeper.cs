using NasGitOps.Core.Manifests;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.State;

namespace NasGitOps.Reconciling;

/// <summary>Keeps the applied records, which make the difference three-way.</summary>
internal static class RecordKeeper
{
    public static AgentState AfterDone(AgentState state, Change change, Plan plan, PlanInput input)
    {
        if (change.IsRemoval())
        {
            return state with
            {
                Records = [.. state.Records.Where(r => r.Id != change.Id)],
                RemovalsSinceLastApplied = state.RemovalsSinceLastApplied + (change.Cause == Cause.Commit ? 1 : 0),
            };
        }

        if (change.MovedFrom is { } from) state = state with { Records = Renamed(state.Records, from, change.Id) };
        return With(state, change.Id, plan, input);
    }

    /// <summary>What is as wanted is recorded too; what is gone and undeclared is dropped.</summary>
    public static AgentState AfterPlan(AgentState state, Plan plan, PlanInput input)
    {
        state = plan.InSync.Aggregate(state, (current, id) => With(current, id, plan, input));
        var spoken = plan.Changes.Select(c => c.Id).Concat(plan.Notices.Select(n => n.Id)).ToHashSet();
        return state with { Records = [.. state.Records.Where(r => input.Desired.Manifests.Contains(r.Id) || spoken.Contains(r.Id)).OrderBy(r => r.Id)] };
    }

    private static AgentState With(AgentState state, ResourceId id, Plan plan, PlanInput input)
    {
        if (!plan.Wanted.TryGetValue(id, out var fields) || input.Desired.Manifests.Find(id) is not { } manifest) return state;
        var old = state.Records.FirstOrDefault(r => r.Id == id);
        var secrets = (manifest.Spec as ISecretUser)?.SecretRefs.Distinct()
            .Select(name => (Name: name, Fingerprint: input.Desired.Fingerprint(name).Value))
            .Where(s => s.Fingerprint is not null)
            .ToDictionary(s => s.Name, s => s.Fingerprint!) ?? [];
        var guid = id.Kind == "Pool" ? input.Observed.Pool(id.Name).Value?.Guid : input.Observed.Dataset(id.Name).Value?.Guid;
        var same = old is not null && Same(old.Fields, fields) && Same(old.SecretFingerprints, secrets);
        var record = new Applied(id, same ? old!.Commit : input.Desired.Commit, fields, secrets, guid ?? old?.Guid);
        return state with { Records = [.. state.Records.Where(r => r.Id != id), record] };
    }

    private static bool Same(IReadOnlyDictionary<string, string> a, IReadOnlyDictionary<string, string> b) =>
        a.Count == b.Count && a.All(pair => b.GetValueOrDefault(pair.Key) == pair.Value);

    /// <summary>Records follow the rename; one that stood under the new name told of something that is gone.</summary>
    internal static IReadOnlyList<Applied> Renamed(IReadOnlyList<Applied> records, ResourceId from, ResourceId to)
    {
        var moved = records.Where(r => IsMoved(r.Id, from)).Select(r => r with { Id = r.Id with { Name = to.Name + r.Id.Name[from.Name.Length..] } });
        return [.. moved.Concat(records.Where(r => !IsMoved(r.Id, from))).DistinctBy(r => r.Id)];
    }

    private static bool IsMoved(ResourceId id, ResourceId from) => id == from || (id.Kind == from.Kind && DatasetPaths.IsBelow(id.Name, from.Name));
}

using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Planning;

/// <summary>Puts changes in the order they are applied: removals first (the other way round), then by what they need, then by stage and name. Dependents of what stays unready are blocked.</summary>
internal static class DependencyOrder
{
    public static IReadOnlyList<Change> Sort(IReadOnlyList<Change> changes, IReadOnlyList<Draft> drafts)
    {
        var needs = drafts.Where(d => d.IsDeclared).ToDictionary(d => d.Id, d => d.Needs);
        var leaving = changes.Where(c => c.IsRemoval()).ToList();
        // What stands on it goes first; where that fails, it stays.
        var removals = leaving.OrderByDescending(c => c.Stage).ThenByDescending(c => c.Id)
            .Select(c => c with { Needs = [.. leaving.Where(o => o.Id != c.Id && needs.GetValueOrDefault(o.Id)?.Contains(c.Id) == true).Select(o => o.Id)] });
        var others = Topological([.. changes.Where(c => !c.IsRemoval())], drafts.Where(d => d.IsDeclared).ToDictionary(d => d.Id));
        return [.. removals, .. others];
    }

    private static List<Change> Topological(List<Change> changes, Dictionary<ResourceId, Draft> declared)
    {
        var byId = changes.ToDictionary(c => c.Id);
        var sorted = new List<Change>();
        var unready = new HashSet<ResourceId>();
        var visited = new HashSet<ResourceId>();
        foreach (var draft in declared.Values.OrderBy(d => d.Change?.Stage ?? 0).ThenBy(d => d.Id)) Visit(draft);
        return sorted;

        // References form no cycles within a kind (a dataset needs its parent) and kinds need earlier stages; the visited set ends any other.
        void Visit(Draft draft)
        {
            if (!visited.Add(draft.Id)) return;
            foreach (var need in draft.Needs)
            {
                if (declared.TryGetValue(need, out var needed)) Visit(needed);
            }

            var missing = draft.Needs.Where(unready.Contains).ToList();
            if (!byId.TryGetValue(draft.Id, out var change))
            {
                if (!draft.IsUsable) unready.Add(draft.Id);
                return;
            }

            if (missing.Count > 0 && change.Disposition is (Disposition.Apply or Disposition.Blocked))
            {
                change = change.Held(Disposition.Blocked, new Blocker(
                    "DependencyNotReady", $"it needs {string.Join(", ", missing)}, which is not ready", "mend that first; this follows by itself"));
            }

            if (change.Disposition == Disposition.Apply && draft.Needs.Where(IsImported).ToList() is { Count: > 0 } imports)
            {
                change = change.Held(Disposition.Waiting, new Blocker(
                    "DependencyNotReady", $"it needs {string.Join(", ", imports)}, which is imported first", "what is there shows only then; this follows by itself"));
            }

            if (change.Disposition != Disposition.Apply && !draft.IsUsable) unready.Add(draft.Id);
            sorted.Add(change);
        }

        // To the observation an exported pool is empty: what lies on it would be made a second time.
        bool IsImported(ResourceId need) => byId.TryGetValue(need, out var change) && change is { Action: ChangeAction.Import, Disposition: Disposition.Apply };
    }
}

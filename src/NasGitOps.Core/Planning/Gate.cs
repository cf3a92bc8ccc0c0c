namespace NasGitOps.Core.Planning;

/// <summary>Decides what of a plan may be applied now. What would happen is said even where it may not.</summary>
internal static class Gate
{
    public static IReadOnlyList<Change> Decide(IReadOnlyList<Draft> drafts, PlanInput input)
    {
        var changes = drafts.Where(d => d.Change is not null).Select(d => (Draft: d, Change: Early(d, input))).ToList();
        changes = [.. BlastRadius(changes, input)];
        return Approvals(changes, input);
    }

    private static Change Early(Draft draft, PlanInput input)
    {
        var change = draft.Change!;
        if (draft.IsSuspended)
        {
            return change.Held(Disposition.ReportOnly, new Blocker("Suspended", "the manifest says suspend: true", "remove it to have this applied"));
        }

        if (change.Disposition != Disposition.Apply) return change;
        if (input.Policy.Mode == ReconcileMode.Report)
        {
            return change.Held(Disposition.ReportOnly, new Blocker("ReportMode", "this host only reports", "set reconcile.mode: enforce in agent.yaml"));
        }

        if (change.IsRemoval() && !input.Desired.SourceComplete && !input.Policy.AllowEmpty)
        {
            return change.Held(Disposition.Blocked, new Blocker(
                "EmptySource",
                "the repository has no manifests, or a configured path is missing, and nothing is ever removed because of that",
                "mend the repository or the agent's repository.paths"));
        }

        return change;
    }

    /// <summary>Removals since the last fully applied commit are counted together: above the limit all of them wait, so that they can neither trickle through nor half-happen.</summary>
    private static IEnumerable<(Draft Draft, Change Change)> BlastRadius(List<(Draft Draft, Change Change)> changes, PlanInput input)
    {
        var pending = changes.Count(c => Counts(c.Change));
        var total = pending + input.Ownership.RemovalsSinceLastApplied;
        if (pending == 0 || total <= input.Policy.MaxRemovals) return changes;
        var why = new Blocker(
            "BlastRadius",
            $"{total} removals since the last fully applied commit are more than safety.maxRemovals ({input.Policy.MaxRemovals}), so all of them wait",
            "look whether they are meant; approve them with the trailer that 'nasgitops approve' prints");
        return changes.Select(c => Counts(c.Change) ? (c.Draft with { NeedsApproval = true }, c.Change.Held(Disposition.Waiting, why)) : c);
    }

    private static bool Counts(Change change) => change.IsRemoval() && change.Cause == Cause.Commit && change.Disposition == Disposition.Apply;

    private static IReadOnlyList<Change> Approvals(List<(Draft Draft, Change Change)> changes, PlanInput input)
    {
        var why = new Blocker("ApprovalRequired", "this cannot be undone", "look at what is at stake, then approve it with the trailer that 'nasgitops approve' prints");
        var held = changes
            .Select(c => c.Draft.NeedsApproval && c.Change.Disposition == Disposition.Apply ? (c.Draft, Change: c.Change.Held(Disposition.NeedsApproval, why)) : c)
            .ToList();
        var digest = Digest.OfApproval(held.Select(c => c.Change));
        if (digest.Length == 0 || !input.Ownership.ApprovedDigests.Contains(digest)) return [.. held.Select(c => c.Change)];
        return [.. held.Select(c => Digest.IsApprovable(c.Change) ? c.Change with { Disposition = Disposition.Apply, Reason = "", Message = "" } : c.Change)];
    }
}

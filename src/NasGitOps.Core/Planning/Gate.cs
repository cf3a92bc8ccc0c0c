using NasGitOps.Core.Ownership;

namespace NasGitOps.Core.Planning;

/// <summary>Decides what of a plan may be applied now. What would happen is said even where it may not.</summary>
internal static class Gate
{
    public static GateResult Decide(IReadOnlyList<Draft> drafts, PlanInput input)
    {
        var changes = drafts.Where(d => d.Change is not null).Select(d => (Draft: d, Change: Early(d, input))).ToList();
        // In the order in which they are told: what only a person lifts comes first.
        Func<Draft, Change, Hold?>[] rules = [BlastRadius.Rule(changes.Select(c => c.Change), input), Irreversible, PoolHold.Rule(input), MaintenanceWindows.Rule(input)];
        var shut = drafts.Where(d => d.IsShut).Select(d => d.Id).ToHashSet();
        return ApprovalGate.Decide([.. changes.Select(c => new Gated(c.Draft, c.Change, [.. Holds(c.Draft, c.Change, rules).Where(h => h.NeedsPerson || !IsShut(c.Draft))]))], input.Ownership);

        // Nobody can be cut off from what the start of the host has left closed: all that waits is done there as it is opened.
        bool IsShut(Draft draft) => draft.IsShut || draft.Needs.Any(shut.Contains);
    }

    private static IEnumerable<Hold> Holds(Draft draft, Change change, Func<Draft, Change, Hold?>[] rules) =>
        change.Disposition == Disposition.Apply ? rules.Select(rule => rule(draft, change)).OfType<Hold>() : [];

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

    private static Hold? Irreversible(Draft draft, Change change) => draft.NeedsApproval
        ? new Hold(Disposition.NeedsApproval, new Blocker("ApprovalRequired", "this cannot be undone", "look at what is at stake, then approve it with the trailer that 'nasgitops approve' prints"), NeedsPerson: true)
        : null;
}

/// <summary>Why a change that could be applied has to wait. An approval lifts it.</summary>
/// <param name="NeedsPerson">False where it ends by itself.</param>
internal sealed record Hold(Disposition Disposition, Blocker Why, bool NeedsPerson);

/// <param name="Holds">The strongest first.</param>
internal sealed record Gated(Draft Draft, Change Change, IReadOnlyList<Hold> Holds)
{
    public bool NeedsPerson => Holds.Any(h => h.NeedsPerson);

    public CoveredChange Covered { get; } = CoveredChange.Of(Change);

    /// <summary>The change as it waits.</summary>
    /// <param name="stale">Why a given approval does not lift it; null where none speaks of it.</param>
    public Change Waiting(string? stale)
    {
        var first = Holds[0];
        var why = first.Why with { Message = string.Join("; also ", Holds.Select(h => h.Why.Message)) };
        if (stale is not null) why = why with { Reason = NeedsPerson ? StaleApproval.Reason : why.Reason, Message = $"{stale}; {why.Message}" };
        return Change.Held(first.Disposition, why);
    }
}

/// <param name="Offers">What the digests of the plan cover.</param>
/// <param name="Approvals">Those given, with what those that were accepted now cover.</param>
internal sealed record GateResult(IReadOnlyList<Change> Changes, IReadOnlyList<ApprovalOffer> Offers, IReadOnlyList<Approval> Approvals);

using NasGitOps.Core.Ownership;

namespace NasGitOps.Core.Planning;

/// <summary>Lifts what persons approved, and that alone.</summary>
/// <remarks>
/// An approval is accepted as a whole: by its digest, or, where this host knows what the digest covered, when all that needs a person is still in that.
/// From then on it lifts item by item, because what it named becomes less while it is applied, or fails half-way, or is cut short by a kill.
/// </remarks>
internal static class ApprovalGate
{
    public static GateResult Decide(IReadOnlyList<Gated> gated, OwnershipRecords records)
    {
        var inForce = records.Approvals.SelectMany(a => a.Covers ?? []).ToList();
        var waiting = gated.Where(g => g.Holds.Count > 0 && !IsIn(inForce, g)).ToList();
        var accepted = Accepted(waiting, records);
        var left = waiting.Where(g => !accepted.Values.Any(covers => IsIn(covers, g))).ToList();
        var stays = left.Select(g => g.Change.Id).ToHashSet();
        IReadOnlyList<Approval> approvals = [.. records.Approvals.Select(a => accepted.TryGetValue(a, out var covers) ? a with { Covers = covers } : a)];
        var stale = StaleApproval.Tell(left, records with { Approvals = approvals });
        return new GateResult(
            [.. gated.Select(g => stays.Contains(g.Change.Id) ? g.Waiting(stale(g)) : g.Change)],
            Offers(left),
            approvals);
    }

    private static Dictionary<Approval, IReadOnlyList<CoveredChange>> Accepted(List<Gated> waiting, OwnershipRecords records)
    {
        var offers = Offers(waiting).Concat(records.Offers).ToList();
        var known = records.Approvals
            .Where(a => a.Covers is null)
            .Distinct()
            .Select(a => (Approval: a, offers.Find(o => o.Digest == a.Digest)?.Covers))
            .Where(k => k.Covers is not null && waiting.Any(g => IsIn(k.Covers, g)))
            .ToDictionary(k => k.Approval, k => k.Covers!);
        // Something beside what they named would make it another decision.
        return waiting.Where(g => g.NeedsPerson).All(g => known.Values.Any(covers => IsIn(covers, g))) ? known : [];
    }

    /// <summary>What needs a person, and all that waits: so an approval that was given for a pull request does not depend on the time of day at which it is merged.</summary>
    private static List<ApprovalOffer> Offers(List<Gated> waiting)
    {
        var sets = new[] { waiting.Where(g => g.NeedsPerson), waiting };
        return [.. sets.Select(s => s.Select(g => g.Covered).OrderBy(c => c.Id).ToList()).Where(s => s.Count > 0).Select(s => new ApprovalOffer(Digest.OfApproval(s), s)).DistinctBy(o => o.Digest)];
    }

    private static bool IsIn(IReadOnlyList<CoveredChange> covers, Gated gated) => covers.Any(c => c.Includes(gated.Covered));
}

using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Planning;

/// <summary>Turns what is wanted and what is there into a plan. A pure function: no clock, no I/O, no log.</summary>
public sealed class Planner(IReadOnlyList<IKind> kinds)
{
    private readonly Dictionary<string, IKind> byName = kinds.ToDictionary(k => k.Name);

    public Plan Plan(PlanInput input)
    {
        var moves = kinds.SelectMany(k => k.Moves(input)).ToList();
        var after = moves.Aggregate(input, (current, move) => move.Apply(current));
        var movedTo = moves.ToDictionary(m => m.To);

        var drafts = new List<Draft>();
        foreach (var manifest in after.Desired.Manifests.All)
        {
            drafts.Add(new DeclaredResource(byName[manifest.Id.Kind], manifest, after, movedTo.GetValueOrDefault(manifest.Id)).Draft());
        }

        drafts.AddRange(Absent(after));
        var gated = Gate.Decide(drafts, input);
        var ordered = DependencyOrder.Sort(gated.Changes, drafts);
        return new Plan(
            input.Desired.Commit,
            Digest.OfPlan(ordered),
            Digest.OfApproval(ordered.Where(Digest.IsApprovable)),
            ordered,
            [.. drafts.SelectMany(d => d.Notices).OrderBy(n => n.Id).ThenBy(n => n.Reason, StringComparer.Ordinal)],
            [.. drafts.Where(d => d is { Change: null, IsDeclared: true, IsUsable: true }).Select(d => d.Id)])
        {
            ApproveAllDigest = ordered.Any(Digest.IsHeldBack) ? Digest.OfApproval(ordered.Where(c => Digest.IsApprovable(c) || Digest.IsHeldBack(c))) : "",
            Offers = gated.Offers,
            Approvals = gated.Approvals,
            Wanted = drafts.Where(d => d.Wanted is not null).ToDictionary(d => d.Id, d => d.Wanted!),
        };
    }

    private IEnumerable<Draft> Absent(PlanInput input)
    {
        var ours = kinds.SelectMany(k => k.Owned(input)).Concat(input.Ownership.Records.Keys).Distinct().Order();
        foreach (var id in ours)
        {
            if (input.Desired.Manifests.Contains(id) || !byName.TryGetValue(id.Kind, out var kind)) continue;
            yield return AbsentDraft(id, kind, kind.Absent(id, input));
        }
    }

    private static Draft AbsentDraft(ResourceId id, IKind kind, Absence absence)
    {
        IReadOnlyList<Notice> notices = absence.Orphan is null ? [] : [absence.Orphan];
        if (absence.Action is not { } action) return new Draft(id, null, notices);
        var change = new Change(
            id, kind.Stage, action, absence.Cause, absence.Risk, Disposition.Apply, "", "", absence.Fields, absence.AtStake, absence.Steps, []);
        return new Draft(id, absence.Blocker is null ? change : change.Held(Disposition.Blocked, absence.Blocker), notices) { NeedsApproval = absence.NeedsApproval, Needs = absence.Needs };
    }
}

/// <summary>What planning found about one resource, before the gates.</summary>
/// <param name="Change">Null where nothing differs or nothing can be said.</param>
internal sealed record Draft(ResourceId Id, Change? Change, IReadOnlyList<Notice> Notices)
{
    public bool IsDeclared { get; init; }

    /// <summary>Whether others can rely on it as the host is now.</summary>
    public bool IsUsable { get; init; } = true;

    /// <summary>Whether a person must approve the change.</summary>
    public bool NeedsApproval { get; init; }

    public bool IsSuspended { get; init; }

    /// <summary>Whether a start of the host left it closed: not mounted, its key not loaded.</summary>
    public bool IsShut { get; init; }

    /// <summary>Canonical wanted values; null where nothing can be said.</summary>
    public IReadOnlyDictionary<string, string>? Wanted { get; init; }

    public IReadOnlyList<ResourceId> Needs { get; init; } = [];
}

public static class ChangeExtensions
{
    /// <summary>The same change, kept from being applied.</summary>
    public static Change Held(this Change change, Disposition disposition, Blocker why) =>
        change with { Disposition = disposition, Reason = why.Reason, Message = why.WayOut.Length == 0 ? why.Message : $"{why.Message}; {why.WayOut}" };

    public static bool IsRemoval(this Change change) => change.Action is ChangeAction.Remove or ChangeAction.Quarantine;
}

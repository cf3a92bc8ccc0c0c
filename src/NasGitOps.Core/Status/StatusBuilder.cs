using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Publishing;

namespace NasGitOps.Core.Status;

/// <summary>What a pass says about the source, before any resource.</summary>
/// <param name="Problems">Of the attempted commit; any error keeps the last good one in force.</param>
/// <param name="SourceFailure">Why the repository could not be followed, or null.</param>
/// <param name="SourceReason">One word for <paramref name="SourceFailure"/>, as <c>GitUnreachable</c> or <c>HistoryRewritten</c>.</param>
public sealed record SourceStatus(
    string? AttemptedCommit, string? InForceCommit, string? LastAppliedCommit, IReadOnlyList<ManifestProblem> Problems, string? SourceFailure, string SourceReason);

/// <summary>Turns what a pass found and did into conditions. Pure; a condition's time moves only when its status does, its words only when there is news.</summary>
public static class StatusBuilder
{
    public static HostStatus Build(
        HostStatus? previous, string host, string version, DateTimeOffset now, SourceStatus source, Plan plan,
        IReadOnlyDictionary<ResourceId, Outcome> outcomes, Func<ResourceId, string?> appliedCommit)
    {
        var before = previous?.Resources.ToDictionary(r => r.Id) ?? [];
        var changes = plan.Changes.ToDictionary(c => c.Id);
        var notices = plan.Notices.ToLookup(n => n.Id);
        var ids = changes.Keys.Concat(plan.InSync).Concat(plan.Notices.Select(n => n.Id)).Concat(outcomes.Keys.Where(id => outcomes[id].State != OutcomeState.Done)).Distinct().Order();
        var resources = ids
            .Where(id => notices.Contains(id) || !IsGone(id, changes, outcomes))
            .Select(id => Resource(id, before.GetValueOrDefault(id), changes.GetValueOrDefault(id), outcomes.GetValueOrDefault(id), [.. notices[id]], appliedCommit(id), now))
            .ToList();
        return new HostStatus(
            host, version, now, source.AttemptedCommit, source.LastAppliedCommit, source.InForceCommit, plan.PlanDigest,
            HostConditions(previous, resources, source, now), resources, source.Problems);
    }

    /// <summary>A removal that was done leaves nothing to tell about.</summary>
    private static bool IsGone(ResourceId id, Dictionary<ResourceId, Change> changes, IReadOnlyDictionary<ResourceId, Outcome> outcomes) =>
        changes.TryGetValue(id, out var change) && change.IsRemoval() && outcomes.GetValueOrDefault(id)?.State == OutcomeState.Done;

    private static ResourceStatus Resource(
        ResourceId id, ResourceStatus? previous, Change? change, Outcome? outcome, IReadOnlyList<Notice> notices, string? commit, DateTimeOffset now)
    {
        var conditions = new List<Condition> { Keep(previous?.Conditions, Ready(previous, change, outcome, notices), now) };
        if (change is { Disposition: Disposition.Blocked or Disposition.NeedsApproval or Disposition.Waiting } && outcome is null)
        {
            conditions.Add(Keep(previous?.Conditions, (Digest.IsHeldBack(change) ? Condition.Reconciling : Condition.Stalled, "True", change.Reason, change.Message), now));
        }

        foreach (var notice in notices.Where(n => n.Degraded).Take(1))
        {
            conditions.Add(Keep(previous?.Conditions, (Condition.Degraded, "True", notice.Reason, string.Join("; ", notices.Where(n => n.Degraded).Select(n => n.Message))), now));
        }

        if (notices.FirstOrDefault(n => n.IsProgress) is { } progress) conditions.Add(Keep(previous?.Conditions, (Condition.Reconciling, "True", progress.Reason, progress.Message), now));
        return new ResourceStatus(id, commit, conditions);
    }

    private static (string Type, string Status, string Reason, string Message) Ready(
        ResourceStatus? previous, Change? change, Outcome? outcome, IReadOnlyList<Notice> notices)
    {
        if (outcome is { State: not OutcomeState.Done }) return (Condition.Ready, "False", outcome.Reason, outcome.Message);
        if (notices.FirstOrDefault(n => n.Reason == Notice.Unknown) is { } unknown) return (Condition.Ready, "Unknown", unknown.Reason, unknown.Message);
        if (notices.FirstOrDefault(n => n.Reason is Notice.Expired or Notice.Quarantined) is { } away) return (Condition.Ready, "False", away.Reason, away.Message);
        if (change is not null)
        {
            return change.Disposition == Disposition.Apply
                ? (Condition.Ready, "True", change.Cause == Cause.Drift ? "DriftCorrected" : "Applied", Describe(change))
                : (Condition.Ready, "False", change.Reason, $"{change.Message}. Would {Describe(change)}");
        }

        if (notices.FirstOrDefault(n => n.Reason == "Orphaned") is { } orphan) return (Condition.Ready, "False", orphan.Reason, orphan.Message);
        return previous?.Find(Condition.Ready) is { Status: "True" } last
            ? (Condition.Ready, "True", last.Reason, last.Message)
            : (Condition.Ready, "True", "InSync", "the host has what the manifest says");
    }

    private static string Describe(Change change)
    {
        var action = change.Action.ToString().ToLowerInvariant();
        if (change.Action == ChangeAction.Create) return action;
        var fields = string.Join(", ", change.Fields.Select(f => $"{f.Name}: {Shown(f.Name, f.Before)} → {Shown(f.Name, f.After)}"));
        return fields.Length == 0 ? action : $"{action} {fields}";
    }

    private static string Shown(string field, string? value) => value is null ? "nothing" : FieldText.Shown(field, value);

    private static List<Condition> HostConditions(HostStatus? previous, IReadOnlyList<ResourceStatus> resources, SourceStatus source, DateTimeOffset now)
    {
        var notReady = resources.Where(r => r.Find(Condition.Ready) is not { Status: "True" } and not { Reason: "Orphaned" or Notice.Expired or Notice.Quarantined }).ToList();
        var error = source.Problems.FirstOrDefault(p => p.Severity == Severity.Error);
        var conditions = new List<Condition>();
        if (error is not null)
        {
            var count = source.Problems.Count(p => p.Severity == Severity.Error);
            var rest = count > 1 ? $" (and {count - 1} more)" : "";
            conditions.Add(Keep(previous?.Conditions, (Condition.Stalled, "True", "InvalidManifests", $"commit {source.AttemptedCommit} is not applied: {error}{rest}"), now));
        }
        else if (source.SourceFailure is not null && source.SourceReason != "GitUnreachable")
        {
            conditions.Add(Keep(previous?.Conditions, (Condition.Stalled, "True", source.SourceReason, source.SourceFailure), now));
        }
        else
        {
            conditions.Add(Keep(previous?.Conditions, (Condition.Stalled, "False", "Progressing", "the repository is followed"), now));
        }

        var degraded = source.SourceReason == "GitUnreachable"
            ? ("True", "GitUnreachable", $"{source.SourceFailure}; the last good commit stays enforced")
            : resources.Any(r => r.Find(Condition.Degraded) is not null)
                ? ("True", "ResourceDegraded", string.Join(", ", resources.Where(r => r.Find(Condition.Degraded) is not null).Select(r => r.Id)))
                : ("False", "Healthy", "nothing works less than it should");
        conditions.Add(Keep(previous?.Conditions, (Condition.Degraded, degraded.Item1, degraded.Item2, degraded.Item3), now));

        var ready = notReady.Count == 0
            ? error is null
                ? ("True", "Reconciled", "every declared resource is as its manifest says")
                : ("False", "InvalidManifests", "the newest commit is invalid; the last good one is enforced")
            : ("False", "ResourcesNotReady", string.Join(", ", notReady.Select(r => r.Id)));
        conditions.Insert(0, Keep(previous?.Conditions, (Condition.Ready, ready.Item1, ready.Item2, ready.Item3), now));
        return conditions;
    }

    /// <summary>The condition with the time at which its status last changed.</summary>
    private static Condition Keep(IReadOnlyList<Condition>? previous, (string Type, string Status, string Reason, string Message) now, DateTimeOffset at)
    {
        var old = previous?.FirstOrDefault(c => c.Type == now.Type);
        return new Condition(now.Type, now.Status, now.Reason, now.Message, old is not null && old.Status == now.Status ? old.LastTransitionTime : at);
    }
}

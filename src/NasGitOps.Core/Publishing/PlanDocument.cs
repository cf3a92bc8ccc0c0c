using NasGitOps.Core.Planning;

namespace NasGitOps.Core.Publishing;

/// <summary>A plan as programs read it: one change a resource, in the order of applying.</summary>
public sealed record PlanDocument(string Commit, string PlanDigest, string ApprovalDigest, IReadOnlyList<ChangeDocument> Changes, IReadOnlyList<NoticeDocument> Notices)
{
    /// <summary>Of all that waits, for a window or a pool too; empty when nothing waits for those.</summary>
    public string ApproveAllDigest { get; init; } = "";

    public static PlanDocument Of(Plan plan) => new(
        plan.Commit, plan.PlanDigest, plan.ApprovalDigest,
        [.. plan.Changes.Select(ChangeDocument.Of)],
        [.. plan.Notices.Select(n => new NoticeDocument(new ResourceDocument(n.Id.Kind, n.Id.Name), n.Reason, n.Message))])
    {
        ApproveAllDigest = plan.ApproveAllDigest,
    };
}

public sealed record ResourceDocument(string Kind, string Name);

public sealed record NoticeDocument(ResourceDocument Resource, string Reason, string Message);

/// <param name="Action"><c>create adopt import update move remove quarantine restore</c>.</param>
/// <param name="Cause"><c>Commit</c>, <c>Drift</c> or <c>Time</c>.</param>
/// <param name="Risk"><c>safe</c>, <c>disruptive</c> or <c>destructive</c>.</param>
/// <param name="Reason">Empty where nothing stands in the way.</param>
public sealed record ChangeDocument(
    ResourceDocument Resource, string Action, string Cause, string Risk, string Disposition, string Reason, string Message,
    IReadOnlyList<FieldChange> Fields, AtStake AtStake, IReadOnlyList<string> Steps)
{
    public string? MovedFrom { get; init; }

    public static ChangeDocument Of(Change change) => new(
        new ResourceDocument(change.Id.Kind, change.Id.Name),
        change.Action.ToString().ToLowerInvariant(), change.Cause.ToString(), change.Risk.ToString().ToLowerInvariant(), change.Disposition.ToString(),
        change.Reason, change.Message, change.Fields, change.AtStake, [.. change.Steps.Select(s => s.Describe())])
    {
        MovedFrom = change.MovedFrom?.Name,
    };
}

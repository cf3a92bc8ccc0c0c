using System.Text.Json.Serialization;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Steps;

namespace NasGitOps.Core.Planning;

public enum ChangeAction
{
    Create,
    Adopt,
    Import,
    Update,
    Move,
    Remove,
    Quarantine,
    Restore,
}

/// <summary>Why a difference exists.</summary>
public enum Cause
{
    /// <summary>A commit changed what is wanted.</summary>
    Commit,

    /// <summary>The host changed although no commit did.</summary>
    Drift,

    /// <summary>A deadline passed.</summary>
    Time,
}

public enum Risk
{
    Safe,

    /// <summary>Clients may be cut off or notice.</summary>
    Disruptive,

    /// <summary>Data would be lost.</summary>
    Destructive,
}

public enum Disposition
{
    Apply,
    ReportOnly,
    Waiting,
    NeedsApproval,
    Blocked,
}

/// <summary>Why a change may not be applied, and what to do about it.</summary>
/// <param name="Reason">One CamelCase word for programs, as <c>ImmutableProperty</c>.</param>
/// <param name="Message">What is so, on what.</param>
/// <param name="WayOut">What to do next.</param>
public sealed record Blocker(string Reason, string Message, string WayOut);

/// <summary>One field that differs.</summary>
/// <param name="Before">Null where nothing was there.</param>
/// <param name="After">Null where it goes away.</param>
/// <param name="Source">Where the value before came from (local, inherited…); empty where that has no meaning.</param>
/// <param name="Note">What to know, as "new data only".</param>
public sealed record FieldChange(string Name, string? Before, string? After, string Source, Cause Cause, string? Note = null)
{
    /// <summary>Whether it lives in our own books alone (the applied record, a mark), and nothing that the host serves can show it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Recorded { get; init; }

    /// <summary>Whether it gives a pool back what it lacks, as a new disk does.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Mends { get; init; }
}

/// <summary>What a change could cost.</summary>
public sealed record AtStake(IReadOnlyList<string> Guids, ulong Bytes, int Snapshots, IReadOnlyList<string> Clients)
{
    public static AtStake Nothing { get; } = new([], 0, 0, []);

    [JsonIgnore]
    public bool IsNothing => Guids.Count == 0 && Bytes == 0 && Snapshots == 0 && Clients.Count == 0;
}

/// <summary>One difference with an action. Everything about it is decided here; applying only follows.</summary>
/// <param name="Stage">Its place in the order of kinds; reloads coalesce by stage.</param>
/// <param name="Reason">One word for programs where the disposition is not Apply; empty otherwise.</param>
/// <param name="Message">What stands in the way and the way out; empty where nothing does.</param>
/// <param name="Needs">Resources whose changes must have succeeded first.</param>
public sealed record Change(
    ResourceId Id,
    int Stage,
    ChangeAction Action,
    Cause Cause,
    Risk Risk,
    Disposition Disposition,
    string Reason,
    string Message,
    IReadOnlyList<FieldChange> Fields,
    AtStake AtStake,
    IReadOnlyList<Step> Steps,
    IReadOnlyList<ResourceId> Needs)
{
    /// <summary>The resource it was called before, for a move.</summary>
    public ResourceId? MovedFrom { get; init; }
}

/// <summary>Something to tell about a resource that is no difference: a host name that does not resolve, an orphan.</summary>
/// <param name="Degraded">Whether the resource works less than it should.</param>
public sealed record Notice(ResourceId Id, string Reason, string Message, bool Degraded)
{
    /// <summary>Whether it tells of work under way, and how far it is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsProgress { get; init; }

    /// <summary>The reason of a notice on something that could not be read.</summary>
    public const string Unknown = "Unknown";

    /// <summary>The reason of a notice on something whose time was over.</summary>
    public const string Expired = "Expired";

    /// <summary>The reason of a notice on something that lies in quarantine.</summary>
    public const string Quarantined = "Quarantined";
}

/// <summary>All changes of one pass, in order.</summary>
/// <param name="Commit">The commit whose manifests are wanted; empty for a working copy.</param>
/// <param name="PlanDigest">Of everything but times; equal plans have equal digests.</param>
/// <param name="ApprovalDigest">Of exactly the changes that wait for a person's approval, with the guids they would hit; empty when there are none.</param>
/// <param name="InSync">Declared resources without any difference.</param>
public sealed record Plan(
    string Commit,
    string PlanDigest,
    string ApprovalDigest,
    IReadOnlyList<Change> Changes,
    IReadOnlyList<Notice> Notices,
    IReadOnlyList<ResourceId> InSync)
{
    /// <summary>Canonical wanted values of every declared resource that could be read: what the applied records keep.</summary>
    public IReadOnlyDictionary<ResourceId, IReadOnlyDictionary<string, string>> Wanted { get; init; } = new Dictionary<ResourceId, IReadOnlyDictionary<string, string>>();

    /// <summary>Of these and of all that waits for a maintenance window or a pool too; empty when nothing waits for those.</summary>
    public string ApproveAllDigest { get; init; } = "";

    /// <summary>What the two digests cover.</summary>
    public IReadOnlyList<ApprovalOffer> Offers { get; init; } = [];

    /// <summary>The approvals given, with what those that this plan accepted cover.</summary>
    public IReadOnlyList<Approval> Approvals { get; init; } = [];

    public IEnumerable<Change> ToApply => Changes.Where(c => c.Disposition == Disposition.Apply);

    public bool IsEmpty => Changes.Count == 0;
}

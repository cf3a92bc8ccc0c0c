using System.Text.Json.Serialization;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;

namespace NasGitOps.Core.Ownership;

/// <summary>A person's approval: a trailer of an accepted commit.</summary>
/// <param name="Digest">As the trailer says it.</param>
/// <param name="Commit">The commit that carries it.</param>
public sealed record Approval(string Digest, string Commit)
{
    /// <summary>Once it was accepted: what it still lifts, item by item, however much of it is done. Null before: then the digest decides.</summary>
    public IReadOnlyList<CoveredChange>? Covers { get; init; }

    /// <summary>The approvals that the history gives now, with what is remembered of each.</summary>
    /// <remarks>One that history no longer has is dropped. The same digest in another commit is another approval: it was given anew.</remarks>
    public static IReadOnlyList<Approval> Remembered(IEnumerable<Approval> given, IReadOnlyList<Approval> known) =>
        [.. given.DistinctBy(Key).Select(a => known.FirstOrDefault(k => Key(k) == Key(a)) ?? a)];

    private static (string Digest, string Commit) Key(Approval approval) => (approval.Digest, approval.Commit);
}

/// <summary>What a plan of this host offered for approval under one digest.</summary>
public sealed record ApprovalOffer(string Digest, IReadOnlyList<CoveredChange> Covers)
{
    /// <summary>How many are remembered: enough to tell what an approval that comes late was given for.</summary>
    public const int MaxKept = 20;

    /// <summary>The newest first.</summary>
    public static IReadOnlyList<ApprovalOffer> Kept(IReadOnlyList<ApprovalOffer> made, IReadOnlyList<ApprovalOffer> before) =>
        [.. made.Concat(before).DistinctBy(o => o.Digest).Take(MaxKept)];
}

/// <summary>One change as an approval covers it: what would be done to what. Everything else about it may change meanwhile.</summary>
/// <param name="Guids">Of what it would hit.</param>
public sealed record CoveredChange(
    ResourceId Id,
    [property: JsonConverter(typeof(JsonStringEnumConverter<ChangeAction>))] ChangeAction Action,
    IReadOnlyList<CoveredField> Fields,
    IReadOnlyList<string> Guids)
{
    /// <remarks>What stands in our own books alone hits nothing; a kill may leave some of it to be done.</remarks>
    public static CoveredChange Of(Change change) => new(change.Id, change.Action, [.. change.Fields.Where(f => !f.Recorded).Select(f => new CoveredField(f.Name, f.After))], change.AtStake.Guids);

    /// <summary>Whether the other is the same change or what is left of it: nothing in it that is not in this one.</summary>
    public bool Includes(CoveredChange other) =>
        IsLeftBy(other.Id, other.Action) && IsPart(other.Fields, Fields) && IsPart(other.Guids, Guids);

    /// <summary>Whether a change may be this one, or what a kill left of it: a dataset that is adopted, renamed or back already wants the rest as an update.</summary>
    public bool IsLeftBy(ResourceId id, ChangeAction action) =>
        Id == id && (Action == action || (action == ChangeAction.Update && Action is ChangeAction.Adopt or ChangeAction.Move or ChangeAction.Restore));

    /// <summary>One that names nothing any more is another one: it does not say what it would hit.</summary>
    private static bool IsPart<T>(IReadOnlyList<T> part, IReadOnlyList<T> whole) => part.Count == 0 ? whole.Count == 0 : part.All(whole.Contains);
}

/// <param name="After">Null where it goes away.</param>
public sealed record CoveredField(string Name, string? After);

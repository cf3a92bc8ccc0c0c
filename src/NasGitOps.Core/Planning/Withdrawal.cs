namespace NasGitOps.Core.Planning;

/// <summary>Takes away what is served from a place that cannot be trusted any more: held back alone, it would go on being served.</summary>
/// <remarks>Planned as an update of one field. Afterwards nothing is there, and the blocker says why until the place is right again.</remarks>
public static class Withdrawal
{
    private const string FieldName = "place";

    /// <param name="blocker">Why it may not be served.</param>
    public static Assessment Of(Blocker blocker) => new(
        Existence.Present,
        // Also with drift: report. Whoever made the place untrue is not the hand whose changes are to be left alone.
        [new Field(FieldName, $"not served ({blocker.Reason}: {blocker.Message})", "served", Equal: false, FromCommit: true)])
    {
        RecordsNothing = true,
    };

    public static bool Is(IReadOnlyList<FieldChange> fields) => fields is [{ Name: FieldName, Before: "served" }];
}

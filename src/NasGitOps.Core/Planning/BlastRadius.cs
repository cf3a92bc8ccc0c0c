namespace NasGitOps.Core.Planning;

/// <summary>Removals since the last fully applied commit are counted together: above the limit all of them wait, so that they can neither trickle through nor half-happen.</summary>
internal static class BlastRadius
{
    public const string Reason = "BlastRadius";

    public static Func<Draft, Change, Hold?> Rule(IEnumerable<Change> changes, PlanInput input)
    {
        var pending = changes.Count(Counts);
        var total = pending + input.Ownership.RemovalsSinceLastApplied;
        if (pending == 0 || total <= input.Policy.MaxRemovals) return (_, _) => null;
        var hold = new Hold(
            Disposition.Waiting,
            new Blocker(
                Reason,
                $"{total} removals since the last fully applied commit are more than safety.maxRemovals ({input.Policy.MaxRemovals}), so all of them wait",
                "look whether they are meant; approve them with the trailer that 'nasgitops approve' prints"),
            NeedsPerson: true);
        return (_, change) => Counts(change) ? hold : null;
    }

    private static bool Counts(Change change) => change.IsRemoval() && change.Cause == Cause.Commit && change.Disposition == Disposition.Apply;
}

namespace NasGitOps.Trust;

/// <summary>Whether a commit's author made a value, or merely took what its parents bring.</summary>
internal static class ThreeWay
{
    /// <summary>
    /// A commit did not touch a value that is what a merge without any decision gives: the one that the parents changed it to since each base, or the base's where none did. So neither a
    /// merge that adds something nor one that drops a side (<c>-s ours</c>) passes for untouched. An ordinary commit has its parent as the base, a root commit nothing.
    /// </summary>
    /// <param name="result">In the commit; empty where it is not there.</param>
    /// <param name="bases">At least one.</param>
    public static bool IsTouched(string result, IReadOnlyList<string> parents, IReadOnlyList<string> bases) => bases.Any(b => Expected(parents, b) != result);

    /// <summary>Null where the parents disagree: whatever comes out is a decision.</summary>
    private static string? Expected(IReadOnlyList<string> parents, string origin)
    {
        var changed = parents.Where(p => p != origin).Distinct().ToList();
        return changed.Count switch { 0 => origin, 1 => changed[0], _ => null };
    }
}

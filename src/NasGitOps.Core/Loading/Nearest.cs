namespace NasGitOps.Core.Loading;

/// <summary>Finds what someone probably meant.</summary>
public static class Nearest
{
    private const int LongestCompared = 80;

    /// <returns>The nearest candidate by typing errors (insert, omit, replace, swap neighbours), or null where none is near.</returns>
    public static string? To(string text, IEnumerable<string> candidates)
    {
        if (text.Length is 0 or > LongestCompared) return null;
        var limit = Math.Max(1, text.Length / 3);
        string? best = null;
        foreach (var candidate in candidates)
        {
            if (candidate.Length > LongestCompared || Math.Abs(candidate.Length - text.Length) > limit) continue;
            var distance = Distance(text, candidate);
            if (distance > limit) continue;
            (best, limit) = (candidate, distance - 1);
            if (distance == 0) break;
        }

        return best;
    }

    /// <summary>Part of a sentence, as <c>; did you mean 'quota'?</c>, or nothing.</summary>
    public static string Hint(string text, IEnumerable<string> candidates) => To(text, candidates) is { } near ? $"; did you mean '{near}'?" : "";

    private static int Distance(string a, string b)
    {
        var beforeLast = new int[b.Length + 1];
        var previous = new int[b.Length + 1];
        var current = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++) previous[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                // A difference of case alone is no difference of meaning.
                var cost = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) current[j] = Math.Min(current[j], beforeLast[j - 2] + 1);
            }

            (beforeLast, previous, current) = (previous, current, beforeLast);
        }

        return previous[b.Length];
    }
}

namespace NasGitOps.Core.Manifests;

/// <summary><c>metadata.hosts</c>: names with <c>*</c> and <c>?</c>; <c>!</c> excludes. Excluded wins; only exclusions given means all others.</summary>
public static class HostPattern
{
    public static bool Matches(IReadOnlyList<string> patterns, string host)
    {
        var included = false;
        var hasInclusion = false;
        foreach (var pattern in patterns)
        {
            if (pattern.StartsWith('!'))
            {
                if (Glob(pattern.AsSpan(1), host)) return false;
                continue;
            }

            hasInclusion = true;
            included |= Glob(pattern, host);
        }

        return included || !hasInclusion;
    }

    private static bool Glob(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        int p = 0, t = 0, star = -1, mark = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && (pattern[p] == '?' || char.ToLowerInvariant(pattern[p]) == char.ToLowerInvariant(text[t])))
            {
                p++;
                t++;
            }
            else if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                mark = t;
            }
            else if (star >= 0)
            {
                p = star + 1;
                t = ++mark;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }
}

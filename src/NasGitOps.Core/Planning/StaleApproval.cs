using NasGitOps.Core.Ownership;

namespace NasGitOps.Core.Planning;

/// <summary>Says why an approval that was given does not lift what waits: what it covered, and what is different now.</summary>
public static class StaleApproval
{
    public const string Reason = "ApprovalStale";

    private const int MaxNamed = 5;

    /// <summary>Only the newest commit with approvals is spoken of: it supersedes those before it.</summary>
    /// <param name="left">What still waits.</param>
    /// <returns>What to say about one of them; null where nothing is to be said.</returns>
    internal static Func<Gated, string?> Tell(IReadOnlyList<Gated> left, OwnershipRecords records)
    {
        var newest = records.Approvals.Where(a => a.Commit == records.Approvals[0].Commit).ToList();
        var speakers = newest.Select(a => Speaker(a, a.Covers ?? records.Offers.FirstOrDefault(o => o.Digest == a.Digest)?.Covers, left)).ToList();
        return gated => string.Join("; ", speakers.Select(speak => speak(gated)).OfType<string>()) is { Length: > 0 } text ? text : null;
    }

    private static Func<Gated, string?> Speaker(Approval approval, IReadOnlyList<CoveredChange>? covered, IReadOnlyList<Gated> left)
    {
        var name = $"the approval {Short(approval.Digest)} (commit {Short(approval.Commit)})";
        if (covered is null) return g => g.NeedsPerson ? $"{name} does not match: no plan of this host had that digest" : null;
        if (approval.Covers is null && left.Any(g => g.NeedsPerson))
        {
            var now = left.Where(g => g.NeedsPerson).Select(g => g.Covered).ToList();
            var text = $"{name} covered {List(covered.Select(Describe))}; {Difference(covered, now)}";
            return g => g.NeedsPerson ? text : null;
        }

        // It lifted the rest of what it named; this alone is not what it was.
        return g => covered.Any(c => c.Id == g.Covered.Id) ? $"{name} covered {List(covered.Where(c => c.Id == g.Covered.Id).Select(Describe))}; {Difference([.. covered.Where(c => c.Id == g.Covered.Id)], [g.Covered])}" : null;
    }

    private static string Difference(IReadOnlyList<CoveredChange> covered, IReadOnlyList<CoveredChange> now)
    {
        var before = covered.ToDictionary(c => c.Id);
        var ids = now.Select(c => c.Id).ToHashSet();
        var changed = now.Where(c => before.ContainsKey(c.Id)).SelectMany(c => Changed(before[c.Id], c)).ToList();
        var more = now.Where(c => !before.ContainsKey(c.Id)).Select(Describe).ToList();
        var less = covered.Where(c => !ids.Contains(c.Id)).Select(Describe).ToList();
        return string.Join("; ", new[]
        {
            more.Count > 0 ? $"now it would also {List(more)}" : "",
            less.Count > 0 ? $"no longer {List(less)}" : "",
            List(changed),
        }.Where(part => part.Length > 0));
    }

    private static IEnumerable<string> Changed(CoveredChange before, CoveredChange now)
    {
        if (before.Action != now.Action) yield return $"now it would {Word(now.Action)} {now.Id}";
        if (!now.Guids.All(before.Guids.Contains) || (now.Guids.Count == 0 && before.Guids.Count > 0))
        {
            yield return $"the guid of {now.Id} changed from {Guids(before)} to {Guids(now)}";
        }

        var was = before.Fields.ToLookup(f => f.Name, f => f.After);
        foreach (var field in now.Fields.Where(f => !before.Fields.Contains(f)))
        {
            yield return was.Contains(field.Name)
                ? $"{field.Name} of {now.Id} would become {Value(field.After)}, not {Value(was[field.Name].First())}"
                : $"{field.Name} of {now.Id} would become {Value(field.After)}, which it did not cover";
        }
    }

    private static string Describe(CoveredChange change) => change.Guids.Count == 0 ? $"{Word(change.Action)} {change.Id}" : $"{Word(change.Action)} {change.Id} with guid {Guids(change)}";

    private static string Guids(CoveredChange change) => change.Guids.Count == 0 ? "none" : List(change.Guids);

    private static string List(IEnumerable<string> items)
    {
        var all = items.ToList();
        return string.Join(", ", all.Take(MaxNamed)) + (all.Count > MaxNamed ? $" and {all.Count - MaxNamed} more" : "");
    }

    private static string Word(ChangeAction action) => action.ToString().ToLowerInvariant();

    private static string Value(string? value) => value is null ? "nothing" : $"'{(value.Length > 60 ? value[..59] + "…" : value)}'";

    private static string Short(string text) => text.Length > 12 ? text[..12] : text;
}

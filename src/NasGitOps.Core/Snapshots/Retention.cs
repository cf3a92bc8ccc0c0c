namespace NasGitOps.Core.Snapshots;

/// <summary>What keeps a snapshot.</summary>
[Flags]
public enum KeptBy
{
    Nothing = 0,
    Last = 1,
    Hourly = 2,
    Daily = 4,
    Weekly = 8,
    Monthly = 16,
    Yearly = 32,
    Within = 64,

    /// <summary>It is the oldest and fills a period that still had a slot.</summary>
    Oldest = 128,

    /// <summary>The clock stands before the newest snapshot: then nothing is pruned.</summary>
    Clock = 256,
}

/// <param name="Name">Only tells two of the same time apart.</param>
public readonly record struct DatedSnapshot(string Name, DateTimeOffset Time);

public readonly record struct RetentionVerdict(DatedSnapshot Snapshot, KeptBy KeptBy)
{
    public bool Keep => KeptBy != KeptBy.Nothing;

    /// <summary>In words, as <c>hourly snapshot</c>; empty for one that is pruned.</summary>
    public IReadOnlyList<string> Reasons(RetentionPolicy policy)
    {
        if (KeptBy.HasFlag(KeptBy.Clock)) return ["the clock stands before the newest snapshot"];
        var oldest = KeptBy.HasFlag(KeptBy.Oldest) ? "oldest " : "";
        var reasons = new List<string>();
        foreach (var (flag, word) in Words)
        {
            if (KeptBy.HasFlag(flag)) reasons.Add(flag == KeptBy.Last ? word : oldest + word);
        }

        if (KeptBy.HasFlag(KeptBy.Within)) reasons.Add($"within {Manifests.Duration.Format(policy.KeepWithin ?? TimeSpan.Zero)} of the newest");
        return reasons;
    }

    private static readonly (KeptBy, string)[] Words =
    [
        (KeptBy.Last, "last snapshot"), (KeptBy.Hourly, "hourly snapshot"), (KeptBy.Daily, "daily snapshot"), (KeptBy.Weekly, "weekly snapshot"),
        (KeptBy.Monthly, "monthly snapshot"), (KeptBy.Yearly, "yearly snapshot"),
    ];
}

/// <summary>Which snapshots stay. A pure function with the meaning of restic's <c>forget --keep-*</c>: from newest to oldest, each rule keeps the newest of as many periods as it has slots.</summary>
public static class Retention
{
    /// <returns>Newest first; of two with the same time the greater name counts as newer.</returns>
    public static IReadOnlyList<RetentionVerdict> Decide(IEnumerable<DatedSnapshot> snapshots, RetentionPolicy policy, TimeZoneInfo zone, DateTimeOffset now)
    {
        var sorted = snapshots.ToArray();
        Array.Sort(sorted, static (a, b) => b.Time.UtcTicks.CompareTo(a.Time.UtcTicks) is var byTime and not 0 ? byTime : string.CompareOrdinal(b.Name, a.Name));
        var verdicts = new RetentionVerdict[sorted.Length];
        if (sorted.Length == 0) return verdicts;
        if (now < sorted[0].Time)
        {
            for (var i = 0; i < sorted.Length; i++) verdicts[i] = new RetentionVerdict(sorted[i], KeptBy.Clock);
            return verdicts;
        }

        var rules = Rules(policy);
        var within = policy.KeepWithin is { } span && span > TimeSpan.Zero ? sorted[0].Time.UtcTicks - span.Ticks : long.MaxValue;
        for (var i = 0; i < sorted.Length; i++)
        {
            var utc = sorted[i].Time.UtcTicks;
            var kept = utc > within ? KeptBy.Within : KeptBy.Nothing;
            var offset = rules.Length > 0 ? zone.GetUtcOffset(sorted[i].Time.UtcDateTime) : TimeSpan.Zero;
            foreach (var rule in rules) kept |= rule.Take(i, utc, offset, isOldest: i == sorted.Length - 1);
            verdicts[i] = new RetentionVerdict(sorted[i], kept);
        }

        return verdicts;
    }

    private static Rule[] Rules(RetentionPolicy policy) =>
    [
        .. new Rule[]
        {
            new(KeptBy.Last, policy.KeepLast, static (index, _, _) => index),
            // A repeated hour has another offset: it counts as two.
            new(KeptBy.Hourly, policy.KeepHourly, static (_, local, offset) => (local / TimeSpan.TicksPerHour * 4096) + (offset.Ticks / TimeSpan.TicksPerMinute) + 2048),
            new(KeptBy.Daily, policy.KeepDaily, static (_, local, _) => local / TimeSpan.TicksPerDay),
            // The first day of the calendar was a Monday, so whole weeks since then are ISO weeks.
            new(KeptBy.Weekly, policy.KeepWeekly, static (_, local, _) => local / TimeSpan.TicksPerDay / 7),
            new(KeptBy.Monthly, policy.KeepMonthly, static (_, local, _) => new DateTime(local) is var date ? (date.Year * 12) + date.Month : 0),
            new(KeptBy.Yearly, policy.KeepYearly, static (_, local, _) => new DateTime(local).Year),
        }.Where(r => r.Left > 0),
    ];

    private sealed class Rule(KeptBy flag, int slots, Func<int, long, TimeSpan, long> period)
    {
        private long? last;

        public int Left { get; private set; } = slots;

        public KeptBy Take(int index, long utc, TimeSpan offset, bool isOldest)
        {
            if (Left == 0) return KeptBy.Nothing;
            var now = period(index, utc + offset.Ticks, offset);
            var isNew = now != last;
            if (!isNew && !isOldest) return KeptBy.Nothing;
            last = now;
            Left--;
            return isNew ? flag : flag | KeptBy.Oldest;
        }
    }
}

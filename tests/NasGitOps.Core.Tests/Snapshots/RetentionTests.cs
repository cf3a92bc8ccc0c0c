using FsCheck;
using FsCheck.Fluent;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Snapshots;

namespace NasGitOps.Core.Tests.Snapshots;

public sealed class RetentionTests
{
    private static readonly string[] Zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"];
    private static readonly DateTimeOffset Newest = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private static readonly RetentionPolicy Typical = new(4, 24, 7, 4, 12, 0, TimeSpan.FromDays(2));

    [Fact]
    public void A_year_of_hourly_snapshots_keeps_what_the_rules_say()
    {
        var verdicts = Decide(Typical, Hourly(365 * 24), "Europe/Berlin");

        Assert.Equal(48, verdicts.Count(v => v.KeptBy.HasFlag(KeptBy.Within)));
        Assert.Equal((4, 24, 7, 4, 12), (Count(KeptBy.Last), Count(KeptBy.Hourly), Count(KeptBy.Daily), Count(KeptBy.Weekly), Count(KeptBy.Monthly)));

        int Count(KeptBy rule) => verdicts.Count(v => v.KeptBy.HasFlag(rule));
    }

    [Fact]
    public void The_oldest_snapshot_fills_a_rule_that_still_has_a_slot()
    {
        var verdicts = Decide(new RetentionPolicy(0, 0, 0, 0, 12, 0, null), Hourly(24), "UTC");

        Assert.Equal([KeptBy.Monthly, KeptBy.Monthly | KeptBy.Oldest], verdicts.Where(v => v.Keep).Select(v => v.KeptBy));
        Assert.Equal(["oldest monthly snapshot"], verdicts[^1].Reasons(Typical));
    }

    [Fact]
    public void The_hour_that_is_repeated_counts_as_two()
    {
        DatedSnapshot[] repeated = [At("2026-10-25T00:10:00Z"), At("2026-10-25T01:10:00Z")];
        var policy = new RetentionPolicy(0, 2, 0, 0, 0, 0, null);

        Assert.Equal(2, Decide(policy, repeated, "Europe/Berlin").Count(v => v.KeptBy == KeptBy.Hourly));
    }

    [Fact]
    public void Weeks_are_those_of_ISO_8601()
    {
        DatedSnapshot[] days = [At("2027-01-04T12:00:00Z"), At("2027-01-03T12:00:00Z"), At("2026-12-28T12:00:00Z"), At("2026-12-27T12:00:00Z")];

        Assert.Equal(["2027-01-04", "2027-01-03", "2026-12-27"], Decide(new RetentionPolicy(0, 0, 0, 3, 0, 0, null), days, "UTC").Where(v => v.Keep).Select(v => v.Snapshot.Time.ToString("yyyy-MM-dd", null)));
    }

    [Fact]
    public void Nothing_is_pruned_while_the_clock_stands_before_the_newest_snapshot() =>
        Assert.All(Retention.Decide(Hourly(100), Typical, TimeZoneInfo.Utc, Newest.AddSeconds(-1)), v => Assert.Equal(KeptBy.Clock, v.KeptBy));

    [Fact]
    public void Within_counts_back_from_the_newest_and_leaves_out_what_is_just_as_old() =>
        Assert.Equal(3, Retention.Decide(Hourly(10), new RetentionPolicy(0, 0, 0, 0, 0, 0, TimeSpan.FromHours(3)), TimeZoneInfo.Utc, Newest.AddDays(50)).Count(v => v.Keep));

    [Fact]
    public void What_any_rule_alone_keeps_stays_under_all_of_them_together() => Check((snapshots, policy, zone) =>
    {
        var together = Kept(policy, snapshots, zone);
        return Alone(policy).All(rule => Kept(rule, snapshots, zone).IsSubsetOf(together));
    });

    [Fact]
    public void Pruning_twice_prunes_nothing_more() => Check((snapshots, policy, zone) =>
    {
        var kept = Decide(policy, snapshots, zone).Where(v => v.Keep).Select(v => v.Snapshot).ToList();
        return Decide(policy, kept, zone).All(v => v.Keep);
    });

    [Fact]
    public void The_order_of_input_does_not_matter() => Check((snapshots, policy, zone) =>
        Decide(policy, snapshots, zone).SequenceEqual(Decide(policy, snapshots.Reverse(), zone)));

    [Fact]
    public void The_newest_always_stays() => Check((snapshots, policy, zone) => snapshots.Count == 0 || !policy.HasRule || Decide(policy, snapshots, zone)[0].Keep);

    [Fact]
    public void A_larger_number_keeps_no_snapshot_less() => Check((snapshots, policy, zone) =>
        Kept(policy, snapshots, zone).IsSubsetOf(Kept(policy with { KeepLast = policy.KeepLast + 2, KeepDaily = policy.KeepDaily + 3, KeepWithin = (policy.KeepWithin ?? TimeSpan.Zero) + TimeSpan.FromDays(1) }, snapshots, zone)));

    [Theory]
    [InlineData("Europe/Berlin")]
    [InlineData("America/New_York")]
    [InlineData("Australia/Adelaide")]
    [InlineData("Australia/Lord_Howe")]
    public void A_year_that_is_pruned_after_every_hourly_snapshot_never_lacks_an_hour_a_day_or_a_week(string zone)
    {
        Assert.True(Schedule.TryParse("@hourly", zone, out var schedule, out _));
        var policy = new RetentionPolicy(0, 24, 7, 4, 12, 0, null);
        var kept = new List<DatedSnapshot>();
        var day = TimeSpan.FromHours(24);
        foreach (var fire in new ScheduleTimes(schedule).Between(Newest.AddYears(-1), Newest))
        {
            kept.Add(new DatedSnapshot("", fire));
            kept = [.. Retention.Decide(kept, policy, schedule.Zone, fire).Where(v => v.Keep).Select(v => v.Snapshot)];
            var recent = kept.Select(s => s.Time).Where(t => fire - t < TimeSpan.FromHours(20)).ToList();
            Assert.All(recent.Zip(recent.Skip(1)), pair => Assert.InRange(pair.First - pair.Second, TimeSpan.FromMinutes(30), TimeSpan.FromHours(1)));
        }

        var times = kept.Select(s => s.Time).ToList();
        Assert.All(Enumerable.Range(1, 6), days => Assert.Contains(times, t => Newest - t > (day * days) - day && Newest - t <= (day * days) + day));
        var last = Retention.Decide(kept, policy, schedule.Zone, Newest);
        Assert.Equal((24, 7, 4, 12), (Count(KeptBy.Hourly), Count(KeptBy.Daily), Count(KeptBy.Weekly), Count(KeptBy.Monthly)));

        int Count(KeptBy rule) => last.Count(v => v.KeptBy.HasFlag(rule));
    }

    private static void Check(Func<IReadOnlyList<DatedSnapshot>, RetentionPolicy, string, bool> holds)
    {
        var times = Gen.Choose(0, 200).SelectMany(n => Gen.ArrayOf(Gen.Choose(0, 60 * 24 * 500), n)).Select(minutes => (IReadOnlyList<DatedSnapshot>)[.. minutes.Select((m, i) => new DatedSnapshot($"s{i}", Newest.AddMinutes(-m)))]);
        var few = Gen.Choose(0, 9);
        var policies = from last in few
                       from hourly in few
                       from daily in few
                       from weekly in few
                       from monthly in few
                       from yearly in Gen.Choose(0, 2)
                       from days in Gen.Choose(0, 4)
                       select new RetentionPolicy(last, hourly, daily, weekly, monthly, yearly, days == 0 ? null : TimeSpan.FromDays(days));
        var cases = from t in times from p in policies from z in Gen.Elements(Zones) select (t, p, z);
        Prop.ForAll(Arb.From(cases), c => holds(c.t, c.p, c.z)).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(new Replay(new Rnd(815, 817), Microsoft.FSharp.Core.FSharpOption<int>.None)));
    }

    private static IEnumerable<RetentionPolicy> Alone(RetentionPolicy p)
    {
        var none = new RetentionPolicy(0, 0, 0, 0, 0, 0, null);
        return [none with { KeepLast = p.KeepLast }, none with { KeepHourly = p.KeepHourly }, none with { KeepDaily = p.KeepDaily }, none with { KeepWeekly = p.KeepWeekly },
            none with { KeepMonthly = p.KeepMonthly }, none with { KeepYearly = p.KeepYearly }, none with { KeepWithin = p.KeepWithin }];
    }

    private static HashSet<DatedSnapshot> Kept(RetentionPolicy policy, IEnumerable<DatedSnapshot> snapshots, string zone) => [.. Decide(policy, snapshots, zone).Where(v => v.Keep).Select(v => v.Snapshot)];

    private static IReadOnlyList<RetentionVerdict> Decide(RetentionPolicy policy, IEnumerable<DatedSnapshot> snapshots, string zone) => Retention.Decide(snapshots, policy, Schedule.FindZone(zone), Newest.AddYears(1));

    private static IReadOnlyList<DatedSnapshot> Hourly(int count) => [.. Enumerable.Range(0, count).Select(i => new DatedSnapshot($"h{i}", Newest.AddHours(-i)))];

    private static DatedSnapshot At(string time) => new(time, DateTimeOffset.Parse(time, null));
}

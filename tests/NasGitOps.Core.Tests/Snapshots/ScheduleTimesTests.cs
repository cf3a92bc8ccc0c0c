using NasGitOps.Core.Manifests;
using NasGitOps.Core.Snapshots;

namespace NasGitOps.Core.Tests.Snapshots;

/// <summary>A year of schedules across both daylight-saving changes, where tools have made doubles and gaps.</summary>
public sealed class ScheduleTimesTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 30, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = Start.AddYears(1);

    public static TheoryData<string> Zones => ["UTC", "Europe/Berlin", "America/New_York", "Australia/Adelaide", "America/St_Johns"];

    [Theory]
    [MemberData(nameof(Zones))]
    public void An_hourly_schedule_fires_once_in_every_real_hour(string zone)
    {
        var fires = Times("@hourly", zone).Between(Start, End).ToList();

        Assert.Equal(8760, fires.Count);
        Assert.All(fires.Zip(fires.Skip(1)), pair => Assert.Equal(TimeSpan.FromHours(1), pair.Second - pair.First));
    }

    [Fact]
    public void A_change_by_half_an_hour_leaves_no_hour_of_the_clock_without_its_fire()
    {
        var zone = Schedule.FindZone("Australia/Lord_Howe");
        var fires = Times("@hourly", "Australia/Lord_Howe").Between(Start, End).ToList();

        Assert.All(fires.Zip(fires.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, TimeSpan.FromMinutes(30), TimeSpan.FromHours(1)));
        var hours = fires.Select(f => (f.UtcDateTime + zone.GetUtcOffset(f.UtcDateTime), zone.GetUtcOffset(f.UtcDateTime))).Select(l => (l.Item1.Date, l.Item1.Hour, l.Item2)).ToList();
        Assert.Equal(hours.Count, hours.Distinct().Count());
        var all = Enumerable.Range(0, 365 * 24 * 60).Select(m => Start.AddMinutes(m)).Select(t => (Local: t.UtcDateTime + zone.GetUtcOffset(t.UtcDateTime), Offset: zone.GetUtcOffset(t.UtcDateTime)))
            .Select(l => (l.Local.Date, l.Local.Hour, l.Offset)).Distinct().Skip(1).SkipLast(1);
        Assert.Empty(all.Except(hours));
    }

    [Theory]
    [MemberData(nameof(Zones))]
    [InlineData("Australia/Lord_Howe")]
    public void A_daily_schedule_fires_once_on_every_day_of_the_calendar_even_at_an_hour_that_is_skipped_or_repeated(string zone)
    {
        foreach (var cron in new[] { "30 2 * * *", "0 0 * * *", "15 1 * * *", "45 1 * * *" })
        {
            var info = Schedule.FindZone(zone);
            var days = Times(cron, zone).Between(Start.AddDays(1), End.AddDays(-1)).Select(f => (f.UtcDateTime + info.GetUtcOffset(f.UtcDateTime)).Date).ToList();
            Assert.Equal(days.Distinct(), days);
            Assert.All(days.Zip(days.Skip(1)), pair => Assert.Equal(1, (pair.Second - pair.First).Days));
        }
    }

    [Theory]
    [InlineData("30 2 * * *", "2026-03-29T01:00:00Z")] // 02:30 does not exist in Berlin: 03:00 does
    [InlineData("30 2 * * *", "2026-10-25T00:30:00Z")] // 02:30 comes twice: the first counts
    [InlineData("*/30 2 * * *", "2026-03-29T01:00:00Z")]
    public void A_local_time_that_is_skipped_fires_at_the_next_instant_and_one_that_is_repeated_fires_once(string cron, string expected)
    {
        var fire = DateTimeOffset.Parse(expected, null);
        var around = Times(cron, "Europe/Berlin").Between(fire.AddHours(-6), fire.AddHours(6)).ToList();

        Assert.Equal(cron.StartsWith('*') || around.Count == 1 ? fire : default, around[0]);
        Assert.Single(around);
    }

    [Theory]
    [InlineData("0 0 1,15 * 1", "2026-06-01,2026-06-08,2026-06-15,2026-06-22,2026-06-29")] // both day fields: either is enough, Monday is 1
    [InlineData("0 0 * * 0", "2026-06-07,2026-06-14,2026-06-21,2026-06-28")]
    [InlineData("0 0 * * 7", "2026-06-07,2026-06-14,2026-06-21,2026-06-28")]
    [InlineData("0 0 * * SUN", "2026-06-07,2026-06-14,2026-06-21,2026-06-28")]
    [InlineData("@monthly", "2026-06-01")]
    [InlineData("@weekly", "2026-06-07,2026-06-14,2026-06-21,2026-06-28")]
    public void Days_are_those_of_Unix_cron(string cron, string days) => Assert.Equal(
        days.Split(','),
        Times(cron, "UTC").Between(new(2026, 5, 31, 12, 0, 0, TimeSpan.Zero), new(2026, 6, 30, 12, 0, 0, TimeSpan.Zero)).Select(f => f.ToString("yyyy-MM-dd", null)));

    [Theory]
    [InlineData("17 */5 * * *", "Europe/Berlin")]
    [InlineData("*/7 * * * *", "Australia/Lord_Howe")]
    [InlineData("0 3 29 2 *", "UTC")]
    public void Next_and_last_agree_with_the_list(string cron, string zone)
    {
        var times = Times(cron, zone);
        var fires = times.Between(Start, Start.AddDays(120)).Concat(times.Between(new(2027, 12, 1, 0, 0, 0, TimeSpan.Zero), new(2028, 3, 1, 0, 0, 0, TimeSpan.Zero))).ToList();
        Assert.NotEmpty(fires);
        foreach (var fire in fires)
        {
            Assert.Equal(fire, times.Next(fire.AddSeconds(-1)));
            Assert.Equal(fire, times.Last(fire));
            Assert.True(times.Next(fire) > fire);
        }
    }

    [Fact]
    public void Names_of_a_year_are_told_apart_and_read_back_to_their_time()
    {
        var format = SnapshotNameFormat.Parse(SnapshotNameFormat.Default("hourly"));
        var fires = Times("@hourly", "Europe/Berlin").Between(Start, End).ToList();

        Assert.Equal(fires.Count, fires.Select(format.Name).Distinct().Count());
        Assert.All(fires, f => Assert.True(format.TryRead(format.Name(f), out var read) && read == f));
        Assert.Equal("auto-hourly_GMT-2026.01.01-01.00.00", format.Name(fires[0]));
    }

    [Theory]
    [InlineData("daily-%Y", "%m")]
    [InlineData("%Y%m%d%H%M%S%Y", "twice")]
    [InlineData("a b %Y%m%d%H%M", "' '")]
    [InlineData("x-%s", "%s")]
    [InlineData("x@%Y%m%d%H%M", "'@'")]
    public void A_format_that_cannot_tell_snapshots_apart_is_refused_with_what_to_write(string format, string told)
    {
        Assert.False(SnapshotNameFormat.TryParse(format, out _, out var error));
        Assert.Contains(told, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("auto-hourly_GMT-2026.02.30-01.00.00")]
    [InlineData("auto-hourly_GMT-2026.01.01-24.00.00")]
    [InlineData("auto-hourly_GMT-2026.01.01-01.00.0x")]
    [InlineData("auto-daily0_GMT-2026.01.01-01.00.00")]
    [InlineData("auto-hourly_GMT-2026.01.01-01.00.00x")]
    public void Names_of_another_making_are_never_read(string name) => Assert.False(SnapshotNameFormat.Parse(SnapshotNameFormat.Default("hourly")).TryRead(name, out _));

    private static ScheduleTimes Times(string cron, string zone)
    {
        Assert.True(Schedule.TryParse(cron, zone, out var schedule, out var error), error);
        return new ScheduleTimes(schedule);
    }
}

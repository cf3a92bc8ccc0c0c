namespace NasGitOps.Core.Manifests;

/// <summary>The instants at which a schedule fires.</summary>
/// <remarks>
/// A local time that daylight saving skips fires at the next existing instant, one that it repeats fires once. Where the hour field is <c>*</c> every
/// real hour has its fire: both of a repeated pair, and also the shorter one that a half-hour change cuts out.
/// </remarks>
public sealed class ScheduleTimes
{
    /// <summary>29 February fails to come for eight years around 2100.</summary>
    private const int LongestWait = 366 * 9;

    private readonly CronFields cron;
    private readonly ZoneClock clock;

    /// <exception cref="FormatException">The schedule was not checked by <see cref="Schedule.TryParse"/>.</exception>
    public ScheduleTimes(Schedule schedule)
    {
        cron = CronSyntax.Parse(schedule.Cron);
        clock = new ZoneClock(schedule.Zone);
    }

    /// <summary>The first fire after an instant; null when there is none in nine years.</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        var first = clock.LocalDate(after).AddDays(-1);
        for (var i = 0; i < LongestWait; i++)
        {
            var date = first.AddDays(i);
            // A fire that daylight saving moves over midnight belongs to the day before: two days are looked at together.
            var found = FiresOn(date).Concat(FiresOn(date.AddDays(1))).Where(t => t > after).ToList();
            if (found.Count > 0) return found.Min();
        }

        return null;
    }

    /// <summary>The last fire at or before an instant; null when there is none in nine years.</summary>
    public DateTimeOffset? Last(DateTimeOffset until)
    {
        var last = clock.LocalDate(until).AddDays(1);
        for (var i = 0; i < LongestWait; i++)
        {
            var date = last.AddDays(-i);
            var found = FiresOn(date).Concat(FiresOn(date.AddDays(-1))).Where(t => t <= until).ToList();
            if (found.Count > 0) return found.Max();
        }

        return null;
    }

    /// <summary>Every fire after one instant, up to and with another, in order.</summary>
    public IEnumerable<DateTimeOffset> Between(DateTimeOffset after, DateTimeOffset until)
    {
        var last = after;
        for (var date = clock.LocalDate(after).AddDays(-1); date <= clock.LocalDate(until).AddDays(1); date = date.AddDays(1))
        {
            foreach (var fire in FiresOn(date).Where(t => t > last && t <= until).Order())
            {
                last = fire;
                yield return fire;
            }
        }
    }

    private IEnumerable<DateTimeOffset> FiresOn(DateOnly date) => cron.IsOn(date) ? clock.Day(date, cron).Distinct() : [];
}

/// <summary>What the clocks of a time zone show. Only the offset of an instant is asked of the zone: that has one answer, which a local time has not.</summary>
internal sealed class ZoneClock(TimeZoneInfo zone)
{
    private static readonly TimeSpan Around = TimeSpan.FromHours(28);

    /// <param name="At">When the offset changes.</param>
    private sealed record Transition(DateTime At, TimeSpan Before, TimeSpan After);

    public DateOnly LocalDate(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime + Offset(at.UtcDateTime));

    /// <summary>The instants of a local day at which hour and minute match.</summary>
    public IEnumerable<DateTimeOffset> Day(DateOnly date, CronFields cron)
    {
        var midnight = date.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        var transitions = Transitions(midnight - Around, midnight + Around + Around);
        var offsets = transitions.SelectMany(t => new[] { t.Before, t.After }).DefaultIfEmpty(Offset(midnight)).Distinct().ToList();
        foreach (var local in cron.Times.Select(t => midnight + t))
        {
            var instants = offsets.Select(o => (At: local - o, Offset: o)).Where(i => transitions.Count == 0 || Offset(i.At) == i.Offset).Select(i => i.At).Order().ToList();
            if (instants.Count == 0) yield return Instant(transitions.First(t => t.At + t.Before <= local && local < t.At + t.After).At);
            else yield return Instant(instants[0]);
            if (instants.Count > 1 && cron.EveryHour) yield return Instant(instants[1]);
        }

        if (!cron.EveryHour) yield break;
        // A repeated hour of which only the later part is repeated: its earlier minutes do not exist, as in a hour that is skipped.
        foreach (var back in transitions.Where(t => t.After < t.Before && DateOnly.FromDateTime(t.At + t.After) == date))
        {
            var missing = (1UL << (back.At + back.After).Minute) - 1;
            if ((cron.Minutes & missing) != 0) yield return Instant(back.At);
        }
    }

    private static DateTimeOffset Instant(DateTime utc) => new(utc, TimeSpan.Zero);

    private TimeSpan Offset(DateTime utc) => zone.GetUtcOffset(utc);

    private List<Transition> Transitions(DateTime from, DateTime to)
    {
        var found = new List<Transition>();
        if (Offset(from) == Offset(to)) return found; // two changes within four days that undo each other do not happen
        for (var at = from; at < to; at = at.AddHours(1))
        {
            var (low, high) = (at, at.AddHours(1));
            if (Offset(low) == Offset(high)) continue;
            while (high - low > TimeSpan.FromSeconds(1))
            {
                var middle = low + ((high - low) / 2);
                if (Offset(middle) == Offset(low)) low = middle;
                else high = middle;
            }

            // To the second: offsets of old years had odd seconds.
            var second = new DateTime((high.Ticks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, DateTimeKind.Utc);
            if (Offset(second.AddSeconds(-1)) != Offset(low)) second = second.AddSeconds(-1);
            found.Add(new Transition(second, Offset(at), Offset(at.AddHours(1))));
        }

        return found;
    }
}

using System.Globalization;

namespace NasGitOps.Core.Manifests;

/// <summary>The syntax of five-field Unix cron: minute, hour, day of month, month, day of week.</summary>
internal static class CronSyntax
{
    private static readonly string[] Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] Days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    private static readonly FieldRange[] Fields =
    [
        new("minute", 0, 59, []), new("hour", 0, 23, []), new("day of month", 1, 31, []), new("month", 1, 12, Months), new("day of week", 0, 7, Days),
    ];

    /// <param name="Names">Names of the values from <paramref name="Low"/> on.</param>
    private sealed record FieldRange(string Name, int Low, int High, string[] Names);

    /// <param name="fields">The five fields, one blank between them; meaningful only where nothing is wrong.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? Check(string cron, out string fields)
    {
        fields = cron switch
        {
            "@hourly" => "0 * * * *",
            "@daily" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            _ => cron,
        };
        if (fields.StartsWith('@')) return $"'{cron}' is not known; @hourly, @daily, @weekly and @monthly are";
        var parts = fields.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        fields = string.Join(' ', parts);
        if (parts.Length != Fields.Length) return $"cron '{cron}' has {parts.Length} fields, not five (minute, hour, day of month, month, day of week)";
        var values = new ulong[Fields.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (Read(parts[i], Fields[i], out values[i]) is { } error) return error;
        }

        return parts[4].StartsWith('*') && !AnyDayExists(values[2], values[3]) ? $"cron '{cron}' never fires: no such day in that month" : null;
    }

    /// <param name="fields">As <see cref="Check"/> gives them, where nothing is wrong.</param>
    public static CronFields Parse(string fields)
    {
        var parts = fields.Split(' ');
        var values = new ulong[Fields.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (Read(parts[i], Fields[i], out values[i]) is { } error) throw new FormatException(error);
        }

        var sunday = values[4] >> 7 & 1;
        return new CronFields(values[0], values[1], values[2], values[3], (values[4] | sunday) & 0x7f, parts[2].StartsWith('*'), parts[4].StartsWith('*'));
    }

    private static string? Read(string text, FieldRange field, out ulong values)
    {
        values = 0;
        foreach (var item in text.Split(','))
        {
            var slash = item.IndexOf('/', StringComparison.Ordinal);
            var range = slash < 0 ? item : item[..slash];
            var step = 1;
            if (slash >= 0 && (!Number(item[(slash + 1)..], out step) || step < 1)) return $"{field.Name} '{item}': the step after '/' must be a number from 1";
            if (!Bounds(range, field, out var low, out var high)) return $"{field.Name} '{item}' is not *, a value or a range within {field.Low}-{field.High}";
            if (slash >= 0 && range != "*" && !range.Contains('-', StringComparison.Ordinal)) return $"{field.Name} '{item}': a step needs * or a range before '/'";
            if (low > high) return $"{field.Name} '{item}': the range runs backwards";
            for (var value = low; value <= high; value += step) values |= 1UL << value;
        }

        return null;
    }

    private static bool Bounds(string range, FieldRange field, out int low, out int high)
    {
        (low, high) = (field.Low, field.High);
        if (range == "*") return true;
        var dash = range.IndexOf('-', StringComparison.Ordinal);
        if (!Value(dash < 0 ? range : range[..dash], field, out low)) return false;
        high = low;
        return dash < 0 || Value(range[(dash + 1)..], field, out high);
    }

    private static bool Value(string text, FieldRange field, out int value)
    {
        var name = Array.FindIndex(field.Names, n => n.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (name >= 0)
        {
            value = field.Low + name;
            return true;
        }

        return Number(text, out value) && value >= field.Low && value <= field.High;
    }

    private static bool Number(string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value < 1000;

    private static bool AnyDayExists(ulong days, ulong months)
    {
        for (var month = 1; month <= 12; month++)
        {
            var longest = month switch { 2 => 29, 4 or 6 or 9 or 11 => 30, _ => 31 };
            if ((months & (1UL << month)) != 0 && (days & ((1UL << (longest + 1)) - 1)) != 0) return true;
        }

        return false;
    }
}

/// <summary>The values of five cron fields, a bit each; Sunday is day 0.</summary>
/// <param name="AnyDay">Whether the field begins with <c>*</c>: where neither of the two day fields does, either of them is enough (crontab(5)).</param>
internal sealed record CronFields(ulong Minutes, ulong Hours, ulong Days, ulong Months, ulong WeekDays, bool AnyDay, bool AnyWeekDay)
{
    private const ulong AllHours = (1UL << 24) - 1;

    public bool EveryHour => Hours == AllHours;

    /// <summary>Times of day, in order.</summary>
    public IEnumerable<TimeSpan> Times =>
        from hour in Enumerable.Range(0, 24)
        where (Hours & (1UL << hour)) != 0
        from minute in Enumerable.Range(0, 60)
        where (Minutes & (1UL << minute)) != 0
        select new TimeSpan(hour, minute, 0);

    public bool IsOn(DateOnly date)
    {
        if ((Months & (1UL << date.Month)) == 0) return false;
        var day = (Days & (1UL << date.Day)) != 0;
        var weekDay = (WeekDays & (1UL << (int)date.DayOfWeek)) != 0;
        return AnyDay || AnyWeekDay ? day && weekDay : day || weekDay;
    }
}

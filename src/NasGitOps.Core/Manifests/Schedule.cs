namespace NasGitOps.Core.Manifests;

/// <summary>When something recurs: five-field Unix cron in a time zone.</summary>
/// <param name="Cron">Five fields; <c>@hourly</c>, <c>@daily</c>, <c>@weekly</c> and <c>@monthly</c> are already written out.</param>
/// <param name="TimeZone">An IANA name, as <c>Europe/Berlin</c>.</param>
public sealed record Schedule(string Cron, string TimeZone)
{
    public const string Utc = "UTC";

    /// <exception cref="TimeZoneNotFoundException">The schedule was not checked by <see cref="TryParse"/>.</exception>
    public TimeZoneInfo Zone => FindZone(TimeZone);

    public static TimeZoneInfo FindZone(string name) => name == Utc ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(name);

    /// <param name="timeZone">Null for UTC.</param>
    /// <param name="error">What is wrong, as a part of a sentence; empty where nothing is.</param>
    public static bool TryParse(string cron, string? timeZone, out Schedule schedule, out string error)
    {
        schedule = new Schedule(cron, timeZone ?? Utc);
        error = CronSyntax.Check(cron, out var fields) ?? CheckTimeZone(schedule.TimeZone) ?? "";
        if (error.Length > 0) return false;
        schedule = schedule with { Cron = fields };
        return true;
    }

    /// <returns>What is wrong with a zone's name, or null.</returns>
    public static string? CheckTimeZone(string name)
    {
        if (name == Utc) return null;
        var legal = name.Length is > 0 and < 64 && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+');
        return legal && TimeZoneInfo.TryFindSystemTimeZoneById(name, out _) ? null : $"time zone '{name}' is not known; IANA names such as Europe/Berlin or UTC are";
    }
}

using NasGitOps.Core.Jobs;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Ownership;

namespace NasGitOps.Kinds.Pool;

/// <summary>Maintenance of a pool: kept in the applied record, which the jobs follow.</summary>
internal static class PoolJobs
{
    private static readonly string[] Tasks = [JobTasks.Scrub, JobTasks.Trim];

    public static IReadOnlyDictionary<string, string> Fields(PoolSpec spec)
    {
        var fields = new Dictionary<string, string>();
        if (spec.Scrub is { } scrub) fields[JobTasks.Scrub] = Text(scrub);
        if (spec.Trim is { } trim) fields[JobTasks.Trim] = Text(trim);
        return fields;
    }

    public static IReadOnlyDictionary<string, string>? Recorded(Applied? record) => record?.Fields.Where(f => Tasks.Contains(f.Key)).ToDictionary();

    public static IEnumerable<RecurringJob> Of(Applied record)
    {
        foreach (var task in Tasks)
        {
            if (record.Fields.GetValueOrDefault(task) is { } text && Read(text) is { } schedule) yield return new RecurringJob(record.Id, task, schedule);
        }
    }

    private static string Text(Schedule schedule) => $"{schedule.Cron} ({schedule.TimeZone})";

    private static Schedule? Read(string text)
    {
        var open = text.LastIndexOf(" (", StringComparison.Ordinal);
        return open > 0 && Schedule.TryParse(text[..open], text[(open + 2)..].TrimEnd(')'), out var schedule, out _) ? schedule : null;
    }
}

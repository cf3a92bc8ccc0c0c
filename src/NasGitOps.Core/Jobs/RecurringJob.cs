using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Jobs;

/// <summary>Something that the agent does at times, because an applied resource says so.</summary>
/// <param name="Task">What is done: one of <see cref="JobTasks"/>.</param>
public sealed record RecurringJob(ResourceId Resource, string Task, Schedule Schedule)
{
    public string Key => JobTasks.Key(Task, Resource);
}

/// <summary>Names of what jobs do, as status and metrics show them.</summary>
public static class JobTasks
{
    public const string Snapshot = "snapshot";
    public const string Retention = "retention";
    public const string Scrub = "scrub";
    public const string Trim = "trim";
    public const string RecycleBin = "recycle-bin";

    public static string Key(string task, ResourceId resource) => $"{task} {resource}";
}

/// <summary>What became of a job's last run.</summary>
/// <param name="LastRun">When it ended; null before the first.</param>
/// <param name="Succeeded">Null before the first run.</param>
/// <param name="Message">What was done, or what failed with its evidence.</param>
/// <param name="NextRun">Null where it is not run by a schedule of its own.</param>
public sealed record JobReport(ResourceId Resource, string Task, DateTimeOffset? LastRun, bool? Succeeded, string Message, TimeSpan Took, DateTimeOffset? NextRun)
{
    public string Key => JobTasks.Key(Task, Resource);

    /// <summary>Without what differs from run to run: times, durations and the words of a success.</summary>
    public JobReport Still => this with { LastRun = null, Message = Succeeded == false ? Message : "", Took = TimeSpan.Zero, NextRun = null };
}

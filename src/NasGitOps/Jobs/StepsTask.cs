using NasGitOps.Core.Jobs;
using NasGitOps.Core.Planning;

namespace NasGitOps.Jobs;

/// <summary>Takes the steps that the kind names for a run: starts a scrub or a trim, purges a recycle bin.</summary>
internal sealed class StepsTask(IReadOnlyList<IKind> kinds, JobSteps steps) : IJobTask
{
    public async Task<JobOutcome> RunAsync(RecurringJob job, DateTimeOffset fire, JobContext context, CancellationToken stop)
    {
        if (context.Record(job.Resource) is not { } record) return new JobOutcome(true, "not applied any more");
        var told = new Dictionary<string, string>();
        var work = kinds.First(k => k.Name == job.Resource.Kind).JobSteps(job, context.Manifests);
        if (await steps.TakeAsync(record.Commit, job.Resource, work, told) is { } problem) return new JobOutcome(false, problem);
        return new JobOutcome(true, told.Count > 0 ? string.Join(", ", told.Values) : "started");
    }
}

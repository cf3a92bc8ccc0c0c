using NasGitOps.Core.Jobs;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Ownership;

namespace NasGitOps.Jobs;

/// <summary>What jobs go by: what was applied, and where it is now.</summary>
internal sealed record JobContext(OwnershipRecords Ownership, ManifestSet Manifests)
{
    public static JobContext Empty { get; } = new(OwnershipRecords.Empty, new ManifestSet([]));

    public Applied? Record(ResourceId id) => Ownership.Records.GetValueOrDefault(id);
}

/// <summary>How a run ended.</summary>
/// <param name="Message">What was done, or what failed with its evidence.</param>
internal sealed record JobOutcome(bool Succeeded, string Message)
{
    public static JobOutcome Of(IReadOnlyCollection<string> problems, string done) => new(problems.Count == 0, problems.Count == 0 ? done : string.Join("; ", problems.Prepend(done)));
}

/// <summary>What one task of a job does.</summary>
internal interface IJobTask
{
    /// <param name="fire">The time that the schedule says; now is later when the fire was missed.</param>
    /// <param name="stop">Asked between steps: the running one ends.</param>
    Task<JobOutcome> RunAsync(RecurringJob job, DateTimeOffset fire, JobContext context, CancellationToken stop);
}

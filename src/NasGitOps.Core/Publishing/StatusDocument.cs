using NasGitOps.Core.Jobs;
using NasGitOps.Core.Status;

namespace NasGitOps.Core.Publishing;

/// <summary>A host's status as it is written to its file, its branch and <c>/status.json</c>.</summary>
public sealed record StatusDocument(
    string Host, string Version, DateTimeOffset ObservedAt, string? LastAttemptedCommit, string? LastAppliedCommit, string? InForceCommit, string PlanDigest,
    IReadOnlyList<Condition> Conditions, IReadOnlyList<ProblemDocument> Problems, IReadOnlyList<ResourceStatusDocument> Resources)
{
    public IReadOnlyList<PoolSummary> Pools { get; init; } = [];

    public IReadOnlyList<JobDocument> Jobs { get; init; } = [];

    /// <summary>Who signed the commit in force; absent where signatures are not checked.</summary>
    public string? Signer { get; init; }

    public static StatusDocument Of(HostStatus status) => new(
        status.Host, status.Version, status.ObservedAt, status.LastAttemptedCommit, status.LastAppliedCommit, status.InForceCommit, status.PlanDigest,
        status.Conditions,
        [.. status.Problems.Select(ProblemDocument.Of)],
        [.. status.Resources.Select(r => new ResourceStatusDocument(r.Id.Kind, r.Id.Name, r.LastAppliedCommit, r.Conditions))])
    {
        Pools = status.Pools,
        Signer = status.Signer,
        Jobs = [.. status.Jobs.Select(JobDocument.Of)],
    };
}

/// <param name="Seconds">How long the last run took.</param>
public sealed record JobDocument(string Kind, string Name, string Task, DateTimeOffset? LastRun, bool? Succeeded, string Message, double Seconds, DateTimeOffset? NextRun)
{
    public static JobDocument Of(JobReport job) =>
        new(job.Resource.Kind, job.Resource.Name, job.Task, job.LastRun, job.Succeeded, job.Message, Math.Round(job.Took.TotalSeconds, 2), job.NextRun);
}

public sealed record ResourceStatusDocument(string Kind, string Name, string? LastAppliedCommit, IReadOnlyList<Condition> Conditions);

/// <summary>A problem of a manifest as programs read it.</summary>
public sealed record ProblemDocument(string Severity, string File, int Line, int Column, string Field, string Message, string WayOut)
{
    public static ProblemDocument Of(Manifests.ManifestProblem problem) => new(
        problem.Severity.ToString().ToLowerInvariant(), problem.File, problem.Line, problem.Column, problem.FieldPath, problem.Message, problem.WayOut);
}

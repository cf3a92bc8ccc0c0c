using NasGitOps.Core.Jobs;
using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Status;

/// <summary>One resource's state.</summary>
/// <param name="LastAppliedCommit">The commit whose manifest stands on the host; null when none was applied.</param>
public sealed record ResourceStatus(ResourceId Id, string? LastAppliedCommit, IReadOnlyList<Condition> Conditions)
{
    public Condition? Find(string type) => Conditions.FirstOrDefault(c => c.Type == type);

    /// <summary>Without how far something is.</summary>
    internal ResourceStatus Still => this with { Conditions = [.. Conditions.Select(c => c.Type == Condition.Reconciling ? c with { Message = "" } : c)] };
}

/// <summary>What a host says of itself after a pass.</summary>
/// <param name="ObservedAt">The end of the last pass.</param>
/// <param name="LastAttemptedCommit">The newest commit seen, valid or not.</param>
/// <param name="LastAppliedCommit">The newest commit of which every change was applied.</param>
/// <param name="InForceCommit">The commit whose manifests are enforced now (the last good one).</param>
public sealed record HostStatus(
    string Host,
    string Version,
    DateTimeOffset ObservedAt,
    string? LastAttemptedCommit,
    string? LastAppliedCommit,
    string? InForceCommit,
    string PlanDigest,
    IReadOnlyList<Condition> Conditions,
    IReadOnlyList<ResourceStatus> Resources,
    IReadOnlyList<ManifestProblem> Problems)
{
    public IReadOnlyList<PoolSummary> Pools { get; init; } = [];

    /// <summary>What the agent does at times, and what became of it.</summary>
    public IReadOnlyList<JobReport> Jobs { get; init; } = [];

    /// <summary>Who signed the commit in force; null where signatures are not checked.</summary>
    public string? Signer { get; init; }

    /// <summary>Without what changes although nothing happened: times, progress, and what differs from run to run.</summary>
    public HostStatus Still => this with
    {
        ObservedAt = default,
        Resources = [.. Resources.Select(r => r.Still)],
        Pools = [.. Pools.Select(p => p with { Progress = "" })],
        Jobs = [.. Jobs.Select(j => j.Still)],
    };

    public Condition? Find(string type) => Conditions.FirstOrDefault(c => c.Type == type);
}

/// <summary>A pool as the status shows it.</summary>
/// <param name="Scan">The last or running scrub or resilver, in words.</param>
/// <param name="Progress">How far a running one is; empty otherwise.</param>
public sealed record PoolSummary(string Name, string Health, string Scan, string Progress);

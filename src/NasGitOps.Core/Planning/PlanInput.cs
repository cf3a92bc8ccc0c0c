using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;

namespace NasGitOps.Core.Planning;

/// <summary>What a commit wants of this host.</summary>
/// <param name="Commit">Empty for a working copy.</param>
/// <param name="SourceComplete">False when there are no manifests at all or a configured path is missing: then nothing is removed.</param>
/// <param name="SecretFingerprints">Keyed fingerprint by secret name: Absent where the secret is missing, Unknown with the reason where it cannot be read. Names are missing where no secrets are read at all (a plan without a host).</param>
public sealed record Desired(string Commit, ManifestSet Manifests, bool SourceComplete, IReadOnlyDictionary<string, Reading<string>> SecretFingerprints)
{
    public Reading<string> Fingerprint(string secretRef) => SecretFingerprints.GetValueOrDefault(secretRef) ?? Reading<string>.Unknown("secrets are not read here");
}

public enum ReconcileMode
{
    Enforce,
    Report,
}

/// <summary>The host's own limits.</summary>
/// <param name="MaxRemovals">More removals than this in one difference, and all of them wait.</param>
/// <param name="AllowEmpty">Whether an empty source may remove things.</param>
public sealed record Policy(ReconcileMode Mode = ReconcileMode.Enforce, int MaxRemovals = 5, bool AllowEmpty = false)
{
    /// <summary>Names of the hooks that schedules may use here.</summary>
    public IReadOnlyList<string> Hooks { get; init; } = [];

    /// <summary>When clients may be cut off; at any time where there are none.</summary>
    public IReadOnlyList<MaintenanceWindow> Windows { get; init; } = [];
}

/// <summary>All that a plan is a function of.</summary>
public sealed record PlanInput(Desired Desired, Observed Observed, OwnershipRecords Ownership, Policy Policy, HostPaths Paths, DateTimeOffset Now)
{
    public Applied? Record(ResourceId id) => Ownership.Records.GetValueOrDefault(id);
}

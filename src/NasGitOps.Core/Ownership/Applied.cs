using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Ownership;

/// <summary>The record of what was last applied for a resource; it makes the difference three-way.</summary>
/// <param name="Commit">The commit whose manifest was applied.</param>
/// <param name="Fields">Canonical desired values by field name.</param>
/// <param name="SecretFingerprints">Keyed fingerprints by secret name; never published.</param>
/// <param name="Guid">The storage object's guid, where it has one.</param>
/// <param name="DeletionPolicy">What an absence of the manifest means, as stored at that commit.</param>
public sealed record Applied(
    ResourceId Id,
    string Commit,
    IReadOnlyDictionary<string, string> Fields,
    IReadOnlyDictionary<string, string> SecretFingerprints,
    string? Guid = null,
    string DeletionPolicy = "retain");

/// <summary>What this product owns on the host, besides the marks that the storage carries.</summary>
/// <param name="LastAppliedCommit">The last commit of which every change was applied; null before the first.</param>
/// <param name="Approvals">Those given since the last applied commit, the newest first.</param>
public sealed record OwnershipRecords(string? LastAppliedCommit, IReadOnlyDictionary<ResourceId, Applied> Records, IReadOnlyList<Approval> Approvals)
{
    /// <summary>Removals applied since <see cref="LastAppliedCommit"/>, so that they cannot trickle past the blast radius pass by pass.</summary>
    public int RemovalsSinceLastApplied { get; init; }

    /// <summary>What plans of this host had to offer for approval, the newest first.</summary>
    public IReadOnlyList<ApprovalOffer> Offers { get; init; } = [];

    public static OwnershipRecords Empty { get; } = new(null, new Dictionary<ResourceId, Applied>(), []);
}

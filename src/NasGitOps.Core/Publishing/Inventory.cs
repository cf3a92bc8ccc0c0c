using System.Text.Json.Nodes;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;

namespace NasGitOps.Core.Publishing;

/// <summary>The published observation: all that a plan needs besides manifests, so that a pull request can be planned with no access to the host.
/// <c>plan(desired, parse(render(input))) = plan(desired, input)</c> is a law. Fingerprints of secrets stay on the host.</summary>
public sealed record Inventory(int Version, Observed Observed, PublishedOwnership Ownership, Policy Policy, HostPaths Paths)
{
    public const int CurrentVersion = 1;

    public static Inventory Of(PlanInput input) => new(CurrentVersion, input.Observed, PublishedOwnership.Of(input.Ownership), input.Policy, input.Paths);

    public string Render() => "# The observed state of this host, written by nasgitops. 'nasgitops plan --inventory FILE' plans against it.\n" + YamlText.Write(Json.ToNode(this));

    /// <exception cref="FormatException">The text is no inventory of this version.</exception>
    public static Inventory Parse(string text)
    {
        var node = YamlText.Read(text);
        var version = (node as JsonObject)?["version"]?.ToString();
        if (version != CurrentVersion.ToString(System.Globalization.CultureInfo.InvariantCulture)) throw new FormatException($"this is no inventory of version {CurrentVersion} (found '{version}')");
        return Json.FromNode<Inventory>(node);
    }

    /// <summary>What to plan with; secrets cannot be known here.</summary>
    public PlanInput ToInput(string commit, ManifestSet manifests, bool sourceComplete) => new(
        new Desired(commit, manifests, sourceComplete, new Dictionary<string, Reading<string>>()), Observed, Ownership.ToRecords(), Policy, Paths, Observed.At);
}

/// <summary>Ownership without anything that tells of secrets.</summary>
public sealed record PublishedOwnership(string? LastAppliedCommit, int RemovalsSinceLastApplied, IReadOnlyList<PublishedRecord> Records)
{
    public IReadOnlyList<Approval> Approvals { get; init; } = [];

    /// <summary>Of what approvals that are not accepted yet were given for; the others would tell a plan nothing.</summary>
    public IReadOnlyList<ApprovalOffer> Offers { get; init; } = [];

    public static PublishedOwnership Of(OwnershipRecords records) => new(
        records.LastAppliedCommit, records.RemovalsSinceLastApplied,
        [.. records.Records.Values.OrderBy(r => r.Id).Select(r => new PublishedRecord(r.Id, r.Commit, r.Fields, r.Guid, r.DeletionPolicy))])
    {
        Approvals = records.Approvals,
        Offers = [.. records.Offers.Where(o => records.Approvals.Any(a => a.Covers is null && a.Digest == o.Digest))],
    };

    public OwnershipRecords ToRecords() => new(
        LastAppliedCommit,
        Records.ToDictionary(r => r.Id, r => new Applied(r.Id, r.Commit, r.Fields, new Dictionary<string, string>(), r.Guid, r.DeletionPolicy)),
        Approvals)
    {
        RemovalsSinceLastApplied = RemovalsSinceLastApplied,
        Offers = Offers,
    };
}

public sealed record PublishedRecord(ResourceId Id, string Commit, IReadOnlyDictionary<string, string> Fields, string? Guid, string DeletionPolicy);

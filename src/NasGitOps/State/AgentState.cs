using System.Text.Json;
using System.Text.Json.Serialization;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Status;

namespace NasGitOps.State;

/// <summary>What the agent remembers between passes. It is never the truth about the host: that is observed.</summary>
/// <param name="LastAttemptedCommit">The newest commit seen, valid or not.</param>
/// <param name="LastAppliedCommit">The newest commit of which every change was applied.</param>
/// <param name="InForceCommit">The commit whose manifests are enforced now.</param>
/// <param name="Records">What was last applied, by resource.</param>
/// <param name="Conditions">The host's, with their transition times.</param>
/// <param name="ResourceConditions">By resource, as <c>Dataset/tank/media</c>.</param>
internal sealed record AgentState(
    string? LastAttemptedCommit,
    string? LastAppliedCommit,
    string? InForceCommit,
    IReadOnlyList<Applied> Records,
    IReadOnlyList<Condition> Conditions,
    IReadOnlyDictionary<string, IReadOnlyList<Condition>> ResourceConditions)
{
    /// <summary>Removals applied since the last fully applied commit; they count together for the blast radius.</summary>
    public int RemovalsSinceLastApplied { get; init; }

    /// <summary>Approvals given since the last applied commit, the newest first.</summary>
    public IReadOnlyList<Approval> Approvals { get => field ?? []; init; } = [];

    /// <summary>What plans had to offer for approval, the newest first.</summary>
    public IReadOnlyList<ApprovalOffer> Offers { get => field ?? []; init; } = [];

    /// <summary>The clock as the last pass saw it.</summary>
    public ClockMemory? Clock { get; init; }

    /// <summary>What the signature checks vouch for; null where nothing was checked.</summary>
    public TrustRecord? Trust { get; init; }

    public static AgentState Empty { get; } = new(null, null, null, [], [], new Dictionary<string, IReadOnlyList<Condition>>());

    [JsonIgnore]
    public OwnershipRecords Ownership => new(LastAppliedCommit, Records.ToDictionary(r => r.Id), Approvals)
    {
        RemovalsSinceLastApplied = RemovalsSinceLastApplied,
        Offers = Offers,
    };

    public AgentState With(OwnershipRecords ownership) => this with
    {
        LastAppliedCommit = ownership.LastAppliedCommit,
        Records = [.. ownership.Records.Values.OrderBy(r => r.Id)],
        Approvals = ownership.Approvals,
        Offers = ownership.Offers,
        RemovalsSinceLastApplied = ownership.RemovalsSinceLastApplied,
    };
}

/// <summary>Up to where the history was found good.</summary>
/// <param name="Mode">How it was looked at: what <c>head</c> accepted, <c>range</c> does not rely on.</param>
/// <param name="Signer">Of that commit, for people; null where it is the anchor.</param>
internal sealed record TrustRecord(string Mode, string Commit, string? Signer);

[JsonSerializable(typeof(AgentState))]
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(ResourceIdConverter)])]
internal sealed partial class StateJson : JsonSerializerContext;

/// <summary>Writes a resource's name as people do.</summary>
internal sealed class ResourceIdConverter : JsonConverter<ResourceId>
{
    public override ResourceId Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        ResourceId.TryParse(reader.GetString() ?? "") ?? throw new JsonException("a resource is written KIND/NAME");

    public override void Write(Utf8JsonWriter writer, ResourceId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

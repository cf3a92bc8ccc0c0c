using NasGitOps.Core.Observation;

namespace NasGitOps.Storage.Btrfs;

/// <summary>What this product writes on the folder of a dataset, as extended attributes that only root can read and write.</summary>
internal static class BtrfsMark
{
    public const string Prefix = "trusted.nasgitops.";
    public const string Resource = Prefix + "resource";

    /// <summary>The id of the subvolume that the mark is about: one that somebody put in its place is not ours.</summary>
    public const string Id = Prefix + "id";

    public const string SetProperties = Prefix + "properties";
    public const string DeletionPolicy = Prefix + "deletion-policy";

    /// <summary>On a clone: the full name of the snapshot it was made of, as it was called then.</summary>
    public const string Origin = Prefix + "origin";

    /// <summary>On a dataset in quarantine: what was set on it before.</summary>
    public const string Quarantine = Prefix + "quarantine";

    /// <summary>When it was wholly in, in seconds since 1970.</summary>
    public const string QuarantinedAt = Prefix + "quarantined-at";

    public static IReadOnlyList<string> All { get; } = [Resource, Id, SetProperties, DeletionPolicy, Quarantine, QuarantinedAt];

    private const string Property = Prefix + "property.";

    /// <summary>Of pools: on the folder of the root dataset.</summary>
    private const string PoolProperty = Prefix + "pool.";

    /// <summary>On the folder of the snapshots: the schedule that made the one of that name. It is written before the snapshot is taken, and a snapshot is read-only from its first instant.</summary>
    private const string Snapshot = Prefix + "snapshot.";

    public static string OfProperty(string name) => Property + name;

    public static string OfPoolProperty(string name) => PoolProperty + name;

    public static string OfSnapshot(string name) => Snapshot + name;

    public static Mark? Read(string id, string guid, IReadOnlyDictionary<string, string> attributes)
    {
        if (attributes.GetValueOrDefault(Resource) is not { } resource || attributes.GetValueOrDefault(Id) != id) return null;
        return new Mark(resource, guid, (attributes.GetValueOrDefault(SetProperties) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries), attributes.GetValueOrDefault(DeletionPolicy) ?? "retain")
        {
            Quarantine = QuarantineRecord.Read(attributes.GetValueOrDefault(Quarantine), attributes.GetValueOrDefault(QuarantinedAt)),
        };
    }

    /// <summary>In the order in which they are written: the id, with which the mark counts, comes last.</summary>
    /// <param name="id">Of the subvolume, or a capture that holds it.</param>
    public static IEnumerable<KeyValuePair<string, string>> Write(string resource, string id, IEnumerable<string> setProperties, string deletionPolicy) =>
    [
        new(SetProperties, string.Join(',', setProperties.Order(StringComparer.Ordinal))), new(DeletionPolicy, deletionPolicy), new(Resource, resource), new(Id, id),
    ];

    /// <summary>Property to value, of those that are kept as attributes.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Properties(IReadOnlyDictionary<string, string> attributes) =>
        attributes.Where(a => a.Key.StartsWith(Property, StringComparison.Ordinal)).Select(a => KeyValuePair.Create(a.Key[Property.Length..], a.Value));
}

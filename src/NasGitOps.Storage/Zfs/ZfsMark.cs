using NasGitOps.Core.Observation;

namespace NasGitOps.Storage.Zfs;

/// <summary>Ownership marks in user properties. Children, snapshots and clones inherit user properties, so a mark counts only when it is local and holds the dataset's own guid.</summary>
public static class ZfsMark
{
    public const string Resource = "nasgitops:resource";
    public const string Guid = "nasgitops:guid";
    public const string SetProperties = "nasgitops:properties";
    public const string DeletionPolicy = "nasgitops:deletion-policy";

    /// <summary>On a dataset in quarantine: what was set on it before.</summary>
    public const string Quarantine = "nasgitops:quarantine";

    /// <summary>When it was wholly in, in seconds since 1970.</summary>
    public const string QuarantinedAt = "nasgitops:quarantined-at";

    /// <summary>On a snapshot: the schedule that made it.</summary>
    public const string Schedule = "nasgitops:schedule";

    public static IReadOnlyList<string> All { get; } = [Resource, Guid, SetProperties, DeletionPolicy, Quarantine, QuarantinedAt];

    /// <summary>The mark of a dataset, or null where there is none that counts. A local one that lacks its guid is ours and unfinished: creation was cut short, and the mark's guid is empty.</summary>
    public static Mark? Read(string guid, IReadOnlyDictionary<string, PropertyValue> properties)
    {
        var own = Local(properties, Guid) ?? "";
        if ((own.Length > 0 && own != guid) || Local(properties, Resource) is not { } resource) return null;
        var set = Local(properties, SetProperties) ?? "";
        return new Mark(resource, own, set.Split(',', StringSplitOptions.RemoveEmptyEntries), Local(properties, DeletionPolicy) ?? "retain")
        {
            Quarantine = QuarantineRecord.Read(Local(properties, Quarantine), Local(properties, QuarantinedAt)),
        };
    }

    private static string? Local(IReadOnlyDictionary<string, PropertyValue> properties, string name) =>
        properties.TryGetValue(name, out var value) && value.Source == PropertyValue.Local ? value.Value : null;
}

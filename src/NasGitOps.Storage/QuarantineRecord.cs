using NasGitOps.Core.Observation;

namespace NasGitOps.Storage;

/// <summary>How a dataset in quarantine remembers what was set on it: as one text in its mark.</summary>
public static class QuarantineRecord
{
    /// <summary>Name of the snapshot that holds it.</summary>
    public const string Snapshot = "nasgitops-quarantine";

    /// <summary>Stands in place of the values once its destruction has begun.</summary>
    public const string Purging = "purging";

    private const string Version = "v1";

    /// <summary>What is written down where it is set on the dataset itself.</summary>
    public static IReadOnlyList<string> Properties { get; } = ["canmount", "mountpoint", "readonly", "refreservation", "reservation"];

    /// <summary>Never empty, so that its presence tells.</summary>
    public static string Of(DatasetState dataset) => string.Join('&', Properties
        .Where(p => dataset.Properties.GetValueOrDefault(p) is { Source: PropertyValue.Local or PropertyValue.Received })
        .Select(p => $"{p}={Uri.EscapeDataString(dataset.Properties[p].Value)}")
        .Prepend(Version));

    /// <summary>Null where there is none.</summary>
    /// <param name="since">Seconds since 1970, once it was wholly in.</param>
    public static QuarantineMark? Read(string? record, string? since)
    {
        if (string.IsNullOrEmpty(record)) return null;
        var values = record.Split('&').Select(p => p.Split('=', 2)).Where(p => p.Length == 2 && Properties.Contains(p[0])).DistinctBy(p => p[0]).ToDictionary(p => p[0], p => Uri.UnescapeDataString(p[1]));
        return new QuarantineMark(values, long.TryParse(since, out var seconds) && seconds is > 0 and < 1L << 40 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null, record == Purging);
    }

    /// <summary>The dataset as it is once all that was written down is set again; not mounted yet.</summary>
    /// <param name="parent">Whose values it inherits.</param>
    public static DatasetState Restored(DatasetState dataset, DatasetState? parent)
    {
        var recorded = dataset.Mark!.Quarantine!.Recorded;
        var properties = dataset.Properties.ToDictionary();
        foreach (var name in Properties.Where(properties.ContainsKey))
        {
            if (recorded.TryGetValue(name, out var value)) properties[name] = new PropertyValue(value, PropertyValue.Local);
            else if (name != "mountpoint") properties[name] = Unset(name, parent);
        }

        return dataset with { Properties = properties, Mark = dataset.Mark with { Quarantine = null } };
    }

    private static PropertyValue Unset(string property, DatasetState? parent) => property switch
    {
        "readonly" when parent?.Properties.GetValueOrDefault(property) is { Value: "on", Source: not PropertyValue.None } above && parent.Backend == Zfs.ZfsBackend.BackendName => above with { Source = PropertyValue.Inherited },
        "readonly" => new PropertyValue("off", PropertyValue.Default),
        "canmount" => new PropertyValue("on", PropertyValue.Default),
        _ => new PropertyValue("0", PropertyValue.Default),
    };
}

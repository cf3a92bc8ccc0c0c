using NasGitOps.Core.Observation;
using NasGitOps.Storage.Zfs;

namespace NasGitOps.Testing.Model;

/// <summary>Values and sources of properties as ZFS works them out: set here, inherited, or default.</summary>
internal static class ZfsProperties
{
    private static readonly HashSet<string> FilesystemOnly =
    [
        "aclinherit", "aclmode", "acltype", "atime", "canmount", "casesensitivity", "devices", "direct", "dnodesize", "exec", "filesystem_limit", "mountpoint", "nbmand",
        "normalization", "overlay", "quota", "recordsize", "refquota", "relatime", "setuid", "snapdir", "special_small_blocks", "utf8only", "vscan", "xattr",
    ];

    private static readonly Dictionary<string, string> Defaults = new()
    {
        ["aclinherit"] = "restricted",
        ["aclmode"] = "discard",
        ["acltype"] = "off",
        ["atime"] = "on",
        ["canmount"] = "on",
        ["casesensitivity"] = "sensitive",
        ["checksum"] = "on",
        ["compression"] = "on",
        ["copies"] = "1",
        ["dedup"] = "off",
        ["devices"] = "on",
        ["direct"] = "standard",
        ["dnodesize"] = "legacy",
        ["exec"] = "on",
        ["filesystem_limit"] = "none",
        ["logbias"] = "latency",
        ["nbmand"] = "off",
        ["normalization"] = "none",
        ["overlay"] = "on",
        ["prefetch"] = "all",
        ["primarycache"] = "all",
        ["quota"] = "0",
        ["readonly"] = "off",
        ["recordsize"] = "131072",
        ["redundant_metadata"] = "all",
        ["refquota"] = "0",
        ["refreservation"] = "0",
        ["relatime"] = "on",
        ["reservation"] = "0",
        ["secondarycache"] = "all",
        ["setuid"] = "on",
        ["snapdev"] = "hidden",
        ["snapdir"] = "hidden",
        ["snapshot_limit"] = "none",
        ["special_small_blocks"] = "0",
        ["sync"] = "standard",
        ["utf8only"] = "off",
        ["volblocksize"] = "16384",
        ["volmode"] = "default",
        ["vscan"] = "off",
        ["xattr"] = "on",
    };

    public static bool Applies(string property, string type) =>
        type == "volume" ? !FilesystemOnly.Contains(property) : property is not ("volsize" or "volblocksize");

    /// <summary>Value and source as <c>zfs get</c> prints them.</summary>
    public static (string Value, string Source) Get(ModelState state, ModelDataset dataset, string property)
    {
        if (property.Contains('@', StringComparison.Ordinal)) return (dataset.Local.GetValueOrDefault(property, "0"), "local");
        if (property.Contains(':', StringComparison.Ordinal)) return Inherited(state, dataset, property) ?? ("-", "-");
        if (!Applies(property, dataset.Type)) return ("-", "-");
        if (property == "mountpoint") return Mountpoint(state, dataset);
        var known = ZfsCatalogue.Datasets[property];
        if (known.CreateOnly) return (dataset.Local.GetValueOrDefault(property) ?? Defaults[property], "-");
        if (known.Inheritable) return Inherited(state, dataset, property) ?? (Defaults[property], "default");
        return dataset.Local.TryGetValue(property, out var value) ? (value, "local") : (Defaults[property], "default");
    }

    /// <summary>An absolute path, <c>none</c> or <c>legacy</c>.</summary>
    public static (string Value, string Source) Mountpoint(ModelState state, ModelDataset dataset)
    {
        if (dataset.Local.TryGetValue("mountpoint", out var here)) return (here, "local");
        if (dataset.Parent.Length == 0) return ("/" + dataset.Name, "default");
        var (above, source) = Mountpoint(state, state.Datasets[dataset.Parent]);
        var value = above.StartsWith('/') ? $"{above.TrimEnd('/')}/{dataset.Name[(dataset.Name.LastIndexOf('/') + 1)..]}" : above;
        return (value, source == "local" ? $"inherited from {dataset.Parent}" : source);
    }

    /// <summary>Why a value is refused; null when it is not. Seen on 2.3.</summary>
    public static string? Refusal(string property, string value) => property switch
    {
        "quota" or "refquota" when value == "0" => "use 'none' to disable quota/refquota",
        _ when property.Contains('@', StringComparison.Ordinal) || property.Contains(':', StringComparison.Ordinal) || property == "mountpoint" => null,
        _ => ZfsCatalogue.Datasets[property].Complaint(value),
    };

    /// <summary>The stored form of what a command says.</summary>
    public static string Stored(string property, string value)
    {
        if (property.Contains('@', StringComparison.Ordinal)) return value == "none" ? "0" : value;
        return ZfsCatalogue.Datasets.TryGetValue(property, out var known) ? known.Canonical(value) : value;
    }

    /// <summary>The dataset that holds the key of this one; null where nothing is encrypted.</summary>
    public static ModelDataset? KeyHolder(ModelState state, ModelDataset dataset)
    {
        for (var current = dataset; ; current = state.Datasets[current.Parent])
        {
            if (current.Key is not null) return current;
            if (current.Parent.Length == 0) return null;
        }
    }

    private static (string Value, string Source)? Inherited(ModelState state, ModelDataset dataset, string property)
    {
        if (dataset.Local.TryGetValue(property, out var here)) return (here, PropertyValue.Local);
        for (var name = dataset.Parent; name.Length > 0; name = state.Datasets[name].Parent)
        {
            if (state.Datasets[name].Local.TryGetValue(property, out var above)) return (above, $"inherited from {name}");
        }

        return null;
    }
}

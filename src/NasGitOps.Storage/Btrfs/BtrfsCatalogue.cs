namespace NasGitOps.Storage.Btrfs;

/// <summary>The properties of datasets and pools on btrfs. Source: btrfs-property(8), btrfs(5), mount(8), chattr(1).</summary>
internal static class BtrfsCatalogue
{
    /// <summary>Of datasets, by name. None but the mount point is inherited; what manifests hand down is said in <see cref="BtrfsBackend.HandedDown"/>.</summary>
    public static IReadOnlyDictionary<string, StorageProperty> Datasets { get; } = new StorageProperty[]
    {
        Switch("atime", "on"),
        new("canmount", PropertyType.Choice, "on", "off", "noauto") { Inheritable = false, Unset = "on", Disruptive = true },
        new("compression", PropertyType.Choice, "off", "zlib", "lzo", "zstd") { Inheritable = false, Unset = "off", NewDataOnly = true, Aliases = new Dictionary<string, string> { ["on"] = "zstd" } },
        Switch("devices", "on") with { Disruptive = true },
        Switch("exec", "on") with { Disruptive = true },
        new("mountpoint", PropertyType.Pattern, "^(/.*|none)$") { OwnField = "mountpoint", Disruptive = true },
        Switch("nocow", "off") with { CreateOnly = true },
        new("quota", PropertyType.Size) { OwnField = "quota", Inheritable = false },
        Switch("readonly", "off") with { Disruptive = true },
        new("refquota", PropertyType.Size) { OwnField = "refquota", Inheritable = false },
        Switch("setuid", "on") with { Disruptive = true },
    }.ToDictionary(p => p.Name);

    public static IReadOnlyDictionary<string, StorageProperty> Pools { get; } = new StorageProperty[]
    {
        Switch("autoexpand", "off"),
        new("dataProfile", PropertyType.Choice, Profiles) { CreateOnly = true, OwnField = "dataProfile" },
        new("metadataProfile", PropertyType.Choice, Profiles) { CreateOnly = true, OwnField = "metadataProfile" },
        Switch("quotas", "off"),
    }.ToDictionary(p => p.Name);

    /// <summary>Flags of a mount, for the values <c>off</c>.</summary>
    public static IReadOnlyDictionary<string, string> MountFlags { get; } = new Dictionary<string, string> { ["atime"] = "noatime", ["devices"] = "nodev", ["exec"] = "noexec", ["setuid"] = "nosuid" };

    /// <summary>What a property reads when nobody sets it; null where it is not there then.</summary>
    public static string? Unset(string property) => Datasets.GetValueOrDefault(property) is { } known && property != "mountpoint" ? known.Unset ?? "0" : null;

    /// <summary>What btrfs itself keeps; the others are kept as attributes of the dataset's folder.</summary>
    public static bool IsNative(string property) => property is "compression" or "nocow" or "readonly";

    private static string[] Profiles => ["single", "dup", "raid0", "raid1", "raid1c3", "raid10"];

    private static StorageProperty Switch(string name, string unset) => new(name, PropertyType.Choice, "on", "off") { Inheritable = false, Unset = unset };
}

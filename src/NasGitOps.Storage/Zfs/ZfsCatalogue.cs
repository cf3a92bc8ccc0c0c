namespace NasGitOps.Storage.Zfs;

/// <summary>The properties this product sets, of datasets and of pools. Source: zfsprops(7), zpoolprops(7), OpenZFS 2.1 to 2.3.</summary>
public static class ZfsCatalogue
{
    private const string Compressions = @"^(on|off|lz4|lzjb|zle|gzip(-[1-9])?|zstd(-([1-9]|1[0-9]))?|zstd-fast(-([1-9]|10|[2-9]0|100|500|1000))?)$";
    private const string Checksums = "^(on|off|fletcher2|fletcher4|sha256|noparity|sha512|skein|edonr|blake3)$";
    private const string Dedups = "^(off|on|verify|sha256(,verify)?|sha512(,verify)?|skein(,verify)?|edonr,verify|blake3(,verify)?)$";

    /// <summary>Of datasets, by name.</summary>
    public static IReadOnlyDictionary<string, StorageProperty> Datasets { get; } = ByName(
        new("aclinherit", PropertyType.Choice, "discard", "noallow", "restricted", "passthrough", "passthrough-x"),
        new("aclmode", PropertyType.Choice, "discard", "groupmask", "passthrough", "restricted"),
        new("acltype", PropertyType.Choice, "off", "posix", "nfsv4") { Aliases = Map(("posixacl", "posix"), ("noacl", "off")) },
        Switch("atime"),
        new("canmount", PropertyType.Choice, "on", "off", "noauto") { Inheritable = false, Unset = "on", Disruptive = true },
        new("casesensitivity", PropertyType.Choice, "sensitive", "insensitive", "mixed") { CreateOnly = true, Inheritable = false },
        new("checksum", PropertyType.Pattern, Checksums) { NewDataOnly = true },
        new("compression", PropertyType.Pattern, Compressions) { NewDataOnly = true },
        new("copies", PropertyType.Choice, "1", "2", "3") { NewDataOnly = true },
        new("dedup", PropertyType.Pattern, Dedups) { NewDataOnly = true },
        Switch("devices") with { Disruptive = true },
        new("direct", PropertyType.Choice, "disabled", "standard", "always") { Since = new(2, 3) },
        new("dnodesize", PropertyType.Choice, "legacy", "auto", "1k", "2k", "4k", "8k", "16k") { NewDataOnly = true },
        Switch("exec") with { Disruptive = true },
        new("filesystem_limit", PropertyType.Number) { Inheritable = false },
        new("logbias", PropertyType.Choice, "latency", "throughput"),
        new("mountpoint", PropertyType.Pattern, "^(/.*|none|legacy)$") { OwnField = "mountpoint", Disruptive = true },
        Switch("nbmand"),
        new("normalization", PropertyType.Choice, "none", "formC", "formD", "formKC", "formKD") { CreateOnly = true, Inheritable = false },
        Switch("overlay"),
        new("prefetch", PropertyType.Choice, "all", "none", "metadata") { Since = new(2, 3) },
        new("primarycache", PropertyType.Choice, "all", "none", "metadata"),
        new("quota", PropertyType.Size) { OwnField = "quota", Inheritable = false },
        Switch("readonly") with { Disruptive = true },
        new("recordsize", PropertyType.Size) { NewDataOnly = true },
        new("redundant_metadata", PropertyType.Choice, "all", "most", "some", "none") { NewDataOnly = true },
        new("refquota", PropertyType.Size) { OwnField = "refquota", Inheritable = false },
        new("refreservation", PropertyType.Size) { OwnField = "refreservation", Inheritable = false },
        Switch("relatime"),
        new("reservation", PropertyType.Size) { OwnField = "reservation", Inheritable = false },
        new("secondarycache", PropertyType.Choice, "all", "none", "metadata"),
        Switch("setuid") with { Disruptive = true },
        new("snapdev", PropertyType.Choice, "hidden", "visible"),
        new("snapdir", PropertyType.Choice, "hidden", "visible", "disabled"),
        new("snapshot_limit", PropertyType.Number) { Inheritable = false },
        new("special_small_blocks", PropertyType.Size) { NewDataOnly = true },
        new("sync", PropertyType.Choice, "standard", "always", "disabled"),
        Switch("utf8only") with { CreateOnly = true, Inheritable = false },
        new("volblocksize", PropertyType.Size) { CreateOnly = true, Inheritable = false },
        new("volmode", PropertyType.Choice, "default", "full", "geom", "dev", "none"),
        new("volsize", PropertyType.Size) { OwnField = "volumeSize", Inheritable = false },
        Switch("vscan"),
        new("xattr", PropertyType.Choice, "on", "off", "sa", "dir") { Aliases = Map(("sa", "on")) });

    /// <summary>Of pools, by name.</summary>
    public static IReadOnlyDictionary<string, StorageProperty> Pools { get; } = ByName(
        new("ashift", PropertyType.Pattern, "^(0|9|1[0-6])$") { CreateOnly = true },
        Switch("autoexpand"),
        Switch("autoreplace"),
        Switch("autotrim"),
        new("comment", PropertyType.Pattern, "^[ -~]{0,32}$"),
        Switch("delegation"),
        new("failmode", PropertyType.Choice, "wait", "continue", "panic"),
        Switch("listsnapshots"),
        Switch("multihost"));

    private static StorageProperty Switch(string name) => new(name, PropertyType.Choice, "on", "off");

    private static Dictionary<string, string> Map(params (string From, string To)[] pairs) => pairs.ToDictionary(p => p.From, p => p.To);

    private static Dictionary<string, StorageProperty> ByName(params StorageProperty[] properties) => properties.ToDictionary(p => p.Name);
}

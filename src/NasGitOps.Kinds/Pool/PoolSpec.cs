using NasGitOps.Core.Manifests;
using NasGitOps.Storage;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.Pool;

/// <summary>A pool as its manifest wants it.</summary>
/// <param name="Vdevs">Empty for a pool that exists already and is only adopted. Devices of btrfs are a vdev each.</param>
/// <param name="HasVdevs">Whether they were written as vdevs.</param>
/// <param name="HasDevices">Whether they were written as devices.</param>
/// <param name="ForceDestructive">Whether disks that carry something may be taken, once approved.</param>
/// <param name="Options">Pool properties, as written; those with a field of their own among them.</param>
/// <param name="Properties">Of the root dataset, as written.</param>
/// <param name="Scrub">When all data is read and checked; null for never by us.</param>
/// <param name="Trim">When the disks are told what is free; null for never by us.</param>
public sealed record PoolSpec(
    string Name,
    string Backend,
    IReadOnlyList<VdevLayout> Vdevs,
    bool HasVdevs,
    bool HasDevices,
    bool ForceDestructive,
    bool AllowFileVdevs,
    IReadOnlyDictionary<string, string> Options,
    IReadOnlyDictionary<string, string> Properties,
    string? Mountpoint,
    Schedule? Scrub,
    Schedule? Trim) : ResourceSpec, IPropertyHolder, IPoolDeclaration
{
    private static readonly string[] Profiles = ["dataProfile", "metadataProfile"];

    public string DatasetName => Name;

    public string PoolName => Name;

    public bool IsFilesystem => true;

    public IReadOnlyList<string> DiskPaths => [.. Vdevs.SelectMany(v => v.Disks)];

    public IReadOnlyDictionary<string, string> DatasetProperties => Properties;

    public static PoolSpec Parse(string name, JObject spec) => new(
        name,
        spec.Value<string>("backend") ?? "zfs",
        [
            .. (spec["vdevs"] as JArray ?? []).OfType<JObject>().SelectMany(ParseVdev),
            .. (spec["devices"] as JArray ?? []).Select(d => new VdevLayout("stripe", "data", [d.Value<string>() ?? ""])),
        ],
        spec["vdevs"] is not null,
        spec["devices"] is not null,
        spec.Value<string>("diskPolicy") == "force-destructive",
        spec.Value<bool?>("allowFileVdevs") ?? false,
        Texts(spec["options"]).Concat(Profiles.Where(p => spec[p] is not null).Select(p => KeyValuePair.Create(p, spec.Value<string>(p)!))).ToDictionary(),
        Texts(spec["properties"]),
        spec.Value<string>("mountpoint"),
        ParseSchedule(spec["scrub"]),
        ParseSchedule(spec["trim"]));

    private static Schedule? ParseSchedule(JToken? schedule) =>
        schedule is JObject map && Schedule.TryParse(map.Value<string>("cron") ?? "", map.Value<string>("timeZone"), out var parsed, out _) ? parsed : null;

    internal static Dictionary<string, string> Texts(JToken? map) =>
        (map as JObject)?.Properties().ToDictionary(p => p.Name, p => p.Value.Value<string>() ?? "") ?? [];

    /// <summary>Disks of a stripe, and of log, cache and spare without a type, are top-level vdevs of their own, as ZFS shows them.</summary>
    private static IEnumerable<VdevLayout> ParseVdev(JObject vdev)
    {
        var deviceClass = vdev.Value<string>("class") ?? "data";
        var type = vdev.Value<string>("type") ?? "stripe";
        var disks = (vdev["disks"] as JArray ?? []).Select(d => d.Value<string>() ?? "").ToList();
        return type == "stripe"
            ? disks.Select(d => new VdevLayout("stripe", deviceClass, [d]))
            : [new VdevLayout(type == "raidz" ? "raidz1" : type, deviceClass, disks)];
    }
}

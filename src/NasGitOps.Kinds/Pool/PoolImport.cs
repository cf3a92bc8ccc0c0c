using System.Text.Json.Nodes;
using NasGitOps.Core.Importing;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Kinds.Importing;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Pool;

/// <summary>Pools as manifests: their layout by the most stable names of their disks, and what was set on them and on their root datasets.</summary>
internal static class PoolImport
{
    // What the schema can say; a draid is adopted without its layout.
    private static readonly HashSet<string> Types = ["stripe", "mirror", "raidz1", "raidz2", "raidz3"];
    private static readonly string[] OwnSizes = ["quota", "refquota", "reservation", "refreservation"];

    public static ImportOffer Of(StorageSystem storage, ImportContext context)
    {
        if (!context.Observed.Pools.IsKnown(out var pools)) return new ImportOffer([], [new LeftOut("pools", context.Observed.Pools.Reason ?? "they could not be read")]);
        var manifests = new List<Imported>();
        var leftOut = new List<LeftOut>();
        foreach (var pool in pools.Items.Values.OrderBy(p => p.Name, StringComparer.Ordinal))
        {
            var reading = context.Observed.Dataset(pool.Name);
            if (pool.IsOpen && reading.IsKnown(out var root)) manifests.Add(Manifest(storage.Of(pool.Name, new ManifestSet([]), context.Observed), pool, root, Links(context.Observed)));
            else leftOut.Add(new LeftOut($"pool {pool.Name}", reading.Reason ?? "its datasets could not be read"));
        }

        return new ImportOffer(manifests, leftOut);
    }

    private static Imported Manifest(IStorageBackend backend, PoolState pool, DatasetState root, IReadOnlyDictionary<string, string> links)
    {
        var comments = new List<string>();
        var spec = new JsonObject { ["backend"] = backend.Name };
        Layout(backend, pool, links, spec, comments);
        foreach (var (name, value) in pool.Properties.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            if (backend.PoolProperty(name) is { OwnField: { } field } traits && traits.Complaint(value.Value) is null) spec[field] = value.Value;
        }

        var options = pool.Properties
            .Where(p => backend.PoolProperty(p.Key) is { OwnField: null } traits && p.Value is { Source: PropertyValue.Local, Value.Length: > 0 } && traits.Complaint(p.Value.Value) is null)
            .OrderBy(p => p.Key, StringComparer.Ordinal)
            .ToList();
        if (options.Count > 0) spec["options"] = new JsonObject(options.Select(o => KeyValuePair.Create<string, JsonNode?>(o.Key, o.Value.Value)));
        if (ImportedProperties.Of(backend, root.Properties, backend.DatasetProperty) is { } properties) spec["properties"] = properties;
        if (root.Properties.GetValueOrDefault("mountpoint") is { } place && ImportedProperties.IsSetHere(place)) spec["mountpoint"] = place.Value;
        foreach (var size in OwnSizes.Where(s => root.Properties.GetValueOrDefault(s) is { Value: not ("0" or "none") } limit && ImportedProperties.IsSetHere(limit)))
        {
            comments.Add($"{size} of the root dataset ({root.Properties[size].Value} bytes) has no field here; it stays as it is.");
        }

        if (root.Properties.GetValueOrDefault("encryptionroot")?.Value == root.Name) comments.Add("Its root dataset is encrypted, which has no field here: its key goes on being loaded by the host itself.");
        return new Imported(new ResourceId("Pool", pool.Name), spec, comments);
    }

    private static void Layout(IStorageBackend backend, PoolState pool, IReadOnlyDictionary<string, string> links, JsonObject spec, List<string> comments)
    {
        var disks = pool.Vdevs.SelectMany(v => v.Disks).ToList();
        var field = backend.Lacks(StorageFeature.Vdevs) is null ? "vdevs" : "devices";
        var odd = pool.Vdevs.FirstOrDefault(v => !Types.Contains(v.Type) || v.Disks.Count == 0)?.Type ?? disks.FirstOrDefault(d => !d.Path.StartsWith('/'))?.Path;
        if (odd is not null || disks.Count == 0)
        {
            comments.Add($"{field} left out, because no manifest can say '{odd ?? "no disks"}': the pool is adopted as it is laid out, and not made anew if it is lost.");
            return;
        }

        if (disks.Any(d => !d.Path.StartsWith("/dev/", StringComparison.Ordinal))) spec["allowFileVdevs"] = true;
        spec[field] = field == "devices"
            ? new JsonArray([.. disks.Select(d => (JsonNode?)Name(d, links))])
            : new JsonArray([.. pool.Vdevs.Select(v => (JsonNode?)Vdev(v, links))]);
        foreach (var disk in disks.Where(d => Name(d, links).StartsWith("/dev/", StringComparison.Ordinal) && !Name(d, links).StartsWith("/dev/disk/", StringComparison.Ordinal)))
        {
            comments.Add($"{disk.Path} has no name in /dev/disk/by-id; after a start of the host it may name another disk.");
        }
    }

    private static JsonObject Vdev(VdevState vdev, IReadOnlyDictionary<string, string> links)
    {
        var written = new JsonObject();
        if (vdev.Type != "stripe") written["type"] = vdev.Type;
        if (vdev.Class != "data") written["class"] = vdev.Class;
        written["disks"] = new JsonArray([.. vdev.Disks.Select(d => (JsonNode?)Name(d, links))]);
        return written;
    }

    /// <summary>The name with model and serial number where there is one; else a worldwide name; else as the pool has it.</summary>
    private static string Name(LeafState disk, IReadOnlyDictionary<string, string> links)
    {
        if (disk.Path.StartsWith("/dev/disk/by-id/", StringComparison.Ordinal) || !disk.Path.StartsWith("/dev/", StringComparison.Ordinal)) return disk.Path;
        return links
            .Where(l => l.Value == disk.Device && DeviceNames.WholeDisk(l.Key) == l.Key)
            .Select(l => l.Key)
            .OrderBy(l => l.StartsWith("/dev/disk/by-id/wwn-", StringComparison.Ordinal) || l.StartsWith("/dev/disk/by-id/nvme-eui.", StringComparison.Ordinal))
            .ThenBy(l => l, StringComparer.Ordinal)
            .FirstOrDefault() ?? disk.Path;
    }

    private static Dictionary<string, string> Links(Observed observed) =>
        observed.Facts("Pool").Value?.Table(StorageFacts.Links).ToDictionary(l => l.Key, l => l.Value.GetValueOrDefault("target", "")) ?? [];
}

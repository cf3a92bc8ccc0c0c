using System.Runtime.CompilerServices;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;

namespace NasGitOps.Storage.Btrfs;

/// <summary>One pool whose top level is mounted: what to ask, and what it holds.</summary>
internal sealed class BtrfsPoolReader(string pool, BtrfsFilesystem filesystem, MountEntry top, BtrfsHost host, ObservationContext context)
{
    // An observation asks in rounds: what was printed is parsed once, however often it is looked at.
    private static readonly ConditionalWeakTable<string, IReadOnlyList<BtrfsSubvolume>> Parsed = [];
    private static readonly Dictionary<string, FileFacts> NoFacts = [];
    private static readonly PathAttributes NoAttributes = new(new Dictionary<string, string>(), NoCow: false);

    private readonly string place = BtrfsLayout.Top(pool);

    public static IEnumerable<Probe> Probes(string pool, ObservationContext context)
    {
        var expires = HasExpiring(pool, context);
        if (expires)
        {
            // What was written just now shows in the generations of subvolumes only once it is committed.
            yield return Sync(pool);
            if (!context.Answers.Has(Sync(pool).Key)) yield break;
        }

        yield return List(pool);
        yield return ReadOnly(pool);
        yield return Usage(pool);
        yield return Stats(pool);
        yield return Scrub(pool);
        yield return Qgroups(pool);
        if (expires) yield return Times(pool);
        if (context.Answers.Has(List(pool).Key) && context.Answers.Output(List(pool)).Select(text => Attributes(pool, text)).IsKnown(out var attributes)) yield return attributes;
    }

    public Reading<PoolContent> Read()
    {
        var outputs = new[] { List(pool), ReadOnly(pool), Usage(pool), Stats(pool) }.Select(p => context.Answers.Output(p)).ToList();
        if (outputs.Find(o => o.State == ReadingState.Unknown) is { } unknown) return Reading<PoolContent>.Unknown(unknown.Reason ?? "");
        if (context.Answers.Find<AttributesAnswer>(AttributesKey(pool)) is not { Failure: null } attributes) return Reading<PoolContent>.Unknown($"the attributes of pool {pool} were not read");
        var qgroups = ReadQgroups();
        if (!qgroups.IsKnown(out var groups)) return Reading<PoolContent>.Unknown(qgroups.Reason ?? "");

        return outputs[0].Select(list =>
        {
            var usage = BtrfsOutput.Usage(outputs[2].Value!);
            var state = Pool(usage, BtrfsOutput.Errors(outputs[3].Value!), groups, attributes.Paths);
            var subvolumes = Parsed.GetValue(list, BtrfsOutput.Subvolumes);
            var readOnly = BtrfsOutput.Subvolumes(outputs[1].Value!).Select(s => s.Id).ToHashSet();
            return new PoolContent(state, Datasets(subvolumes, readOnly, groups, attributes.Paths, usage));
        });
    }

    private PoolState Pool(BtrfsUsage usage, IReadOnlyDictionary<string, (ulong Read, ulong Write, ulong Checksum)> errors, QgroupTable groups, IReadOnlyDictionary<string, PathAttributes> attributes)
    {
        var (scan, unrepaired) = context.Answers.Output(Scrub(pool)).IsKnown(out var text) ? BtrfsOutput.Scrub(text) : ("", 0UL);
        var isReadOnly = top.SuperOptions.Contains("ro");
        var properties = new Dictionary<string, PropertyValue>
        {
            ["dataProfile"] = new(usage.DataProfile, PropertyValue.None),
            ["metadataProfile"] = new(usage.MetadataProfile, PropertyValue.None),
            ["quotas"] = new(groups.Enabled ? "on" : "off", groups.Enabled ? PropertyValue.Local : PropertyValue.Default),
            ["autoexpand"] = attributes.GetValueOrDefault(place, NoAttributes).Values.GetValueOrDefault(BtrfsMark.OfPoolProperty("autoexpand")) is { } expands
                ? new(expands, PropertyValue.Local) : new("off", PropertyValue.Default),
        };
        return new PoolState(
            pool, filesystem.Uuid, BtrfsBackend.BackendName, isReadOnly ? "READONLY" : filesystem.IsIncomplete ? "DEGRADED" : "ONLINE", scan, usage.Size, usage.Used, usage.Free, properties,
            Vdevs(errors))
        {
            UnrepairedErrors = unrepaired,
            Running = filesystem.IsReplacing ? "replacement" : "",
            Progress = filesystem.IsReplacing && context.Answers.Output(Replace(pool)).IsKnown(out var progress) ? BtrfsOutput.Replacement(progress) : "",
            Problems = groups.IsInconsistent
                ? [new PoolProblem("QuotasInconsistent", $"the kernel has lost count of what the datasets of pool {pool} use, and no quota holds; 'btrfs quota rescan {place}' counts again")]
                : [],
        };
    }

    /// <summary>While a device is replaced, its successor is listed as number 0, and not whose: the missing one's, or that of one that no manifest names.</summary>
    private List<VdevState> Vdevs(IReadOnlyDictionary<string, (ulong Read, ulong Write, ulong Checksum)> errors)
    {
        var vdevs = filesystem.Devices.Where(d => !d.IsSuccessor).Select(d => Vdev(d, errors)).ToList();
        if (filesystem.Devices.FirstOrDefault(d => d.IsSuccessor) is not { } successor || vdevs.Count == 0) return vdevs;
        var index = vdevs.FindIndex(v => !v.Disks[0].IsWhole);
        if (index < 0) index = vdevs.FindIndex(v => Declared(v.Disks[0].Path, v.Disks[0].Device) is null);
        if (index < 0) index = vdevs.Count - 1;
        const string Place = "replacing";
        vdevs[index] = vdevs[index] with { Disks = [vdevs[index].Disks[0] with { Place = Place }, Vdev(successor, errors).Disks[0] with { Place = Place, IsFilling = true }] };
        return vdevs;
    }

    private VdevState Vdev(BtrfsDevice device, IReadOnlyDictionary<string, (ulong Read, ulong Write, ulong Checksum)> errors)
    {
        var health = device.Path.Length == 0 ? "UNAVAIL" : "ONLINE";
        var path = device.Path.Length == 0 ? $"(missing device {device.Id})" : host.Loops.GetValueOrDefault(device.Path, device.Path);
        var (read, write, checksum) = errors.GetValueOrDefault(device.Path);
        var declared = Declared(path, device.Path);
        var leaf = new LeafState(path, device.Path, health, read, write, checksum) { Bytes = device.Size, DiskBytes = declared is null ? 0 : BtrfsObserver.DiskBytes(context, declared) };
        return new VdevState($"{device.Id}", "stripe", "data", health, [leaf]);
    }

    /// <summary>The path by which a manifest names a device; null where none does.</summary>
    private string? Declared(string path, string device) => context.Manifests.All.Select(m => m.Spec).OfType<IPoolDeclaration>().FirstOrDefault(d => d.PoolName == pool)?.DiskPaths
        .FirstOrDefault(d => d == path || DeviceNames.Canonical(d, DiskLinks.Of(context.Answers)) == DeviceNames.Canonical(device, DiskLinks.Of(context.Answers)));

    private Named<DatasetState> Datasets(
        IReadOnlyList<BtrfsSubvolume> subvolumes, HashSet<string> readOnly, QgroupTable groups, IReadOnlyDictionary<string, PathAttributes> attributes, BtrfsUsage usage)
    {
        var snapshots = subvolumes.Select(s => (s.Uuid, At: BtrfsLayout.SnapshotAt(pool, s.Path))).Where(s => s.At is not null).ToDictionary(s => s.Uuid, s => $"{s.At!.Value.Dataset}@{s.At.Value.Name}");
        var found = subvolumes.Select(s => (Subvolume: s, Dataset: BtrfsLayout.DatasetAt(pool, s.Path))).Where(s => s.Dataset is not null).ToDictionary(s => s.Dataset!, s => s.Subvolume);
        var times = context.Answers.Output(Times(pool)).IsKnown(out var text) ? BtrfsOutput.Subvolumes(text).ToDictionary(s => s.Id, s => s.Time) : [];
        var states = new Dictionary<string, DatasetState>();
        foreach (var (name, subvolume) in found.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            var kept = attributes.GetValueOrDefault(BtrfsLayout.NodeOf(name), NoAttributes).Values;
            var own = attributes.GetValueOrDefault(BtrfsLayout.SubvolumeOf(name), NoAttributes);
            var guid = $"{filesystem.Uuid}.{subvolume.Id}";
            var mountpoint = Mountpoint(name, kept, states);
            var mount = mountpoint.Value.StartsWith('/') ? MountAt(name, mountpoint.Value) : null;
            var properties = Properties(subvolume, kept, own, readOnly, groups, mount);
            properties["mountpoint"] = mountpoint;
            var group = groups.Groups.GetValueOrDefault($"0/{subvolume.Id}");
            var origin = kept.GetValueOrDefault(BtrfsMark.Origin);
            if (origin is not null) origin = snapshots.GetValueOrDefault(subvolume.Parent, origin);
            var isUntouched = subvolume.Generation == subvolume.Created;
            var state = new DatasetState(
                name, guid, BtrfsBackend.BackendName, "filesystem", properties, BtrfsMark.Read(subvolume.Id, guid, kept), mount is not null,
                mountpoint.Value.StartsWith('/') ? mountpoint.Value : null, "none", origin, Usage(group, usage), NoFacts)
            {
                IsPartlyMounted = mount is null && mountpoint.Value.StartsWith('/') && OwnMountAt(name, mountpoint.Value) is not null,
                Created = times.GetValueOrDefault(subvolume.Id),
                Written = origin is null || isUntouched ? 0UL : 1,
                Changed = origin is not null && isUntouched && times.ContainsKey(subvolume.Id) ? false : null,
            };
            states[name] = Quarantine.Concerns(state, context.Manifests) ? state with { Snapshots = [.. snapshots.Values.Where(s => s.StartsWith(name + "@", StringComparison.Ordinal)).Select(s => s[(name.Length + 1)..])] } : state;
        }

        return new Named<DatasetState>(states);
    }

    private PropertyValue Mountpoint(string name, IReadOnlyDictionary<string, string> kept, Dictionary<string, DatasetState> above)
    {
        if (kept.GetValueOrDefault(BtrfsMark.OfProperty("mountpoint")) is { } here) return new PropertyValue(here, PropertyValue.Local);
        var slash = name.LastIndexOf('/');
        if (slash < 0) return new PropertyValue("/" + name, PropertyValue.Default);
        var parent = above.GetValueOrDefault(name[..slash])?.Properties["mountpoint"] ?? new PropertyValue("none", PropertyValue.Default);
        return new PropertyValue(parent.Value.StartsWith('/') ? $"{parent.Value.TrimEnd('/')}/{name[(slash + 1)..]}" : "none", parent.Source == PropertyValue.Local ? PropertyValue.Inherited : parent.Source);
    }

    /// <summary>The mount of a dataset at its place, with its snapshots shown in it.</summary>
    private MountEntry? MountAt(string dataset, string path) =>
        OwnMountAt(dataset, path) is { } mount
        && host.Mounts.At($"{path.TrimEnd('/')}/{BtrfsLayout.Shown}") is { } shown && shown.Device == top.Device && shown.Root == BtrfsMounts.SnapshotRootOf(dataset)
            ? mount
            : null;

    private MountEntry? OwnMountAt(string dataset, string path) =>
        host.Mounts.At(path) is { } mount && mount.Device == top.Device && mount.Root == BtrfsMounts.RootOf(dataset) ? mount : null;

    private static Dictionary<string, PropertyValue> Properties(
        BtrfsSubvolume subvolume, IReadOnlyDictionary<string, string> kept, PathAttributes own, HashSet<string> readOnly, QgroupTable groups, MountEntry? mount)
    {
        var properties = BtrfsMark.Properties(kept).ToDictionary(p => p.Key, p => new PropertyValue(p.Value, PropertyValue.Local));
        var limits = BtrfsLimits.Read(properties.ToDictionary(p => p.Key, p => p.Value.Value), groups.Groups.GetValueOrDefault($"0/{subvolume.Id}")?.Limit ?? 0);
        foreach (var (property, traits) in BtrfsCatalogue.Datasets.Where(p => p.Key != "mountpoint"))
        {
            var value = property switch
            {
                "compression" => own.Values.GetValueOrDefault("btrfs.compression") is { Length: > 0 } set && set is not ("none" or "no") ? set : "off",
                "nocow" => own.NoCow ? "on" : "off",
                "readonly" => readOnly.Contains(subvolume.Id) ? "on" : "off",
                "quota" => limits.Quota,
                "refquota" => limits.Refquota,
                // What is mounted tells how it is mounted; a dataset that is not will be as it is kept.
                _ when mount is not null && BtrfsCatalogue.MountFlags.TryGetValue(property, out var flag) => mount.Options.Contains(flag) ? "off" : "on",
                _ => properties.GetValueOrDefault(property)?.Value ?? traits.Unset!,
            };
            var isSet = properties.ContainsKey(property) || value != (traits.Unset ?? "0");
            properties[property] = new PropertyValue(value, isSet ? PropertyValue.Local : PropertyValue.Default);
        }

        return properties;
    }

    private static Usage Usage(BtrfsQgroup? group, BtrfsUsage usage)
    {
        if (group is null) return new Usage(0, usage.Free, 0);
        var left = group.Limit == 0 ? usage.Free : Math.Min(usage.Free, group.Limit > group.Referenced ? group.Limit - group.Referenced : 0);
        return new Usage(group.Referenced, left, group.Referenced);
    }

    private Reading<QgroupTable> ReadQgroups()
    {
        var answer = context.Answers.Find<RunAnswer>(Qgroups(pool).Key);
        if (answer is { Failure: null, ExitCode: 1 } && answer.Errors.Contains("quotas not enabled", StringComparison.Ordinal)) return Reading<QgroupTable>.Known(QgroupTable.Off);
        return context.Answers.Output(Qgroups(pool)).Select(text => new QgroupTable(Enabled: true, BtrfsOutput.Qgroups(text), answer?.Errors.Contains("inconsistent", StringComparison.Ordinal) == true));
    }

    private static bool HasExpiring(string pool, ObservationContext context) =>
        context.Manifests.All.Select(m => m.Spec).OfType<ITemporary>().Any(t => BtrfsLayout.PoolOf(t.DatasetName) == pool && t.ExpiresAfter is not null);

    /// <summary>All subvolumes. Generations and parents cost nothing more.</summary>
    internal static RunProbe List(string pool) => Ask("list", pool, "subvolume", "list", "-c", "-g", "-u", "-q");

    /// <summary>Snapshots, clones among them, with the times at which they were made.</summary>
    internal static RunProbe Times(string pool) =>
        BtrfsObserver.Ask($"btrfs.times:{pool}", "env", "TZ=UTC", "btrfs", "subvolume", "list", "-s", "-c", "-g", "-u", "-q", BtrfsLayout.Top(pool));

    internal static AttributesProbe Attributes(string pool, string list) => new(
        AttributesKey(pool),
        [.. Parsed.GetValue(list, BtrfsOutput.Subvolumes).Select(s => BtrfsLayout.DatasetAt(pool, s.Path)).OfType<string>().SelectMany(d => new[] { BtrfsLayout.NodeOf(d), BtrfsLayout.SubvolumeOf(d) })],
        [BtrfsMark.Prefix, "btrfs."]);

    private static string AttributesKey(string pool) => $"btrfs.attributes:{pool}";

    private static RunProbe ReadOnly(string pool) => Ask("readonly", pool, "subvolume", "list", "-r", "-u");

    private static RunProbe Usage(string pool) => Ask("usage", pool, "filesystem", "usage", "-b");

    private static RunProbe Stats(string pool) => Ask("stats", pool, "device", "stats");

    private static RunProbe Scrub(string pool) => Ask("scrub", pool, "scrub", "status");

    private static RunProbe Qgroups(string pool) => Ask("qgroups", pool, "qgroup", "show", "-r", "--raw");

    public static RunProbe Replace(string pool) => Ask("replace", pool, "replace", "status", "-1");

    private static RunProbe Sync(string pool) => Ask("sync", pool, "filesystem", "sync");

    private static RunProbe Ask(string key, string pool, params string[] arguments) => BtrfsObserver.Ask($"btrfs.{key}:{pool}", "btrfs", [.. arguments, BtrfsLayout.Top(pool)]);
}

/// <summary>What one pool holds.</summary>
internal sealed record PoolContent(PoolState Pool, Named<DatasetState> Datasets);

/// <summary>Quota groups of a pool, by id.</summary>
/// <param name="IsInconsistent">Whether the kernel has lost count, so that no limit holds.</param>
internal sealed record QgroupTable(bool Enabled, IReadOnlyDictionary<string, BtrfsQgroup> Groups, bool IsInconsistent = false)
{
    public static QgroupTable Off { get; } = new(Enabled: false, new Dictionary<string, BtrfsQgroup>());
}

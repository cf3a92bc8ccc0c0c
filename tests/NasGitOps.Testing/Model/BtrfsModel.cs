using System.Collections.Immutable;
using System.Globalization;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Steps;
using NasGitOps.Storage;
using NasGitOps.Storage.Btrfs;

namespace NasGitOps.Testing.Model;

/// <summary>What <c>btrfs</c> and its helpers do to a host. A refusal is a message, as its standard error would be.</summary>
internal static class BtrfsModel
{
    private static readonly FileFacts NewRoot = new(0, 0, "0755", IsLink: false, IsDirectory: true, IsEmpty: true);

    public static ModelResult Run(ModelState state, IReadOnlyList<string> arguments) => (arguments[0], arguments.Count > 1 ? arguments[1] : "") switch
    {
        ("device", "scan") => ModelResult.Done(state),
        ("device", "add") => Add(state, arguments[2], Pool(arguments[3])),
        ("replace", "start") => Replace(state, int.Parse(arguments[2], CultureInfo.InvariantCulture) - 1, arguments[3], Pool(arguments[4])),
        ("subvolume", "create") => Make(state, arguments[2], origin: null),
        ("subvolume", "snapshot") when arguments[2] == "-r" => Freeze(state, Snapshot(arguments[^1])),
        ("subvolume", "snapshot") => Make(state, arguments[3], Snapshot(arguments[2])),
        ("subvolume", "delete") when arguments[^1].Contains("/" + BtrfsLayout.Snapshots + "/", StringComparison.Ordinal) => Thaw(state, [.. arguments.Where(a => a.StartsWith('/')).Select(Snapshot)]),
        ("subvolume", "delete") => Delete(state, arguments[^1]),
        ("property", "set") => SetNative(state, arguments[2], arguments[3], arguments[4]),
        ("quota", "enable") => ModelResult.Done(With(state, Pool(arguments[2]), p => p with { Quotas = true })),
        ("quota", "disable") => ModelResult.Done(With(state, Pool(arguments[2]), p => p with { Quotas = false, Groups = Maps.Empty<string>() })),
        ("qgroup", "limit") => Limit(state, Pool(arguments[4]), arguments[3], arguments[2]),
        ("qgroup", "clear-stale") => state.Pools[Pool(arguments[2])].Quotas ? ModelResult.Done(state) : ModelResult.Refused("ERROR: can't list qgroups: quotas not enabled"),
        ("inspect-internal", "rootid") => Find(state, arguments[2]) is { } found ? ModelResult.Done(state, found.Guid + "\n") : ModelResult.Refused("No such file or directory"),
        ("filesystem", "resize") => ModelResult.Done(state),
        _ => throw new InvalidOperationException($"the model has no 'btrfs {arguments[0]} {arguments[1]}'"),
    };

    public static ModelResult MakeFilesystem(ModelState state, IReadOnlyList<string> arguments)
    {
        var disks = arguments.Where(a => a.StartsWith('/')).ToImmutableList();
        var name = arguments[arguments.ToList().IndexOf("-L") + 1];
        foreach (var disk in disks)
        {
            if (!state.Disks.TryGetValue(disk, out var carries)) return ModelResult.Refused($"ERROR: cannot stat {disk}");
            if (carries.Length > 0 && !arguments.Contains("-f")) return new ModelResult(state, "", null, $"mkfs.btrfs takes {disk}, which carries {carries}");
        }

        if (state.Pools.ContainsKey(name)) return new ModelResult(state, "", null, $"a second file system is labelled {name}");
        string Profile(string flag, string usual) => arguments.Contains(flag) ? arguments[arguments.ToList().IndexOf(flag) + 1] : usual;
        var options = Maps.Empty<string>().Add("dataProfile", Profile("-d", "single")).Add("metadataProfile", Profile("-m", disks.Count > 1 ? "raid1" : "dup"));
        var pool = new ModelPool(name, Uuid("pool " + name), Imported: false, options, [.. disks.Select(d => new ModelVdev("stripe", "data", [d]))]) { Backend = BtrfsBackend.BackendName };
        return ModelResult.Done(state with
        {
            Pools = state.Pools.SetItem(name, pool),
            Disks = state.Disks.SetItems(disks.Select(d => KeyValuePair.Create(d, $"a member of pool {name}"))),
            Nodes = state.Nodes.SetItem(name, ModelNode.Empty),
        });
    }

    /// <summary>Mounts the top level.</summary>
    public static ModelResult Mount(ModelState state, IReadOnlyList<string> arguments)
    {
        var name = Pool(arguments[^1]);
        if (!state.Pools.TryGetValue(name, out var pool) || pool.Backend != BtrfsBackend.BackendName || !pool.Vdevs.Any(v => v.Disks.Contains(arguments[^2]))) return ModelResult.Refused("mount: wrong fs type");
        return pool.Imported ? ModelResult.Refused($"mount: {arguments[^1]}: already mounted") : ModelResult.Done(With(state, name, p => p with { Imported = true }));
    }

    public static ModelResult MakeFolder(ModelState state, string path)
    {
        if (path.EndsWith("/" + BtrfsLayout.Shown, StringComparison.Ordinal)) return ModelResult.Done(state);
        var (dataset, isSnapshots) = path.EndsWith("/" + BtrfsLayout.Snapshots, StringComparison.Ordinal) ? (Dataset(path[..^(BtrfsLayout.Snapshots.Length + 1)]), true) : (Dataset(path), false);
        var node = state.Nodes.GetValueOrDefault(dataset);
        if (isSnapshots)
        {
            if (node is null) return ModelResult.Refused($"mkdir: cannot create directory '{path}': No such file or directory");
            return node.HasSnapshotFolder ? ModelResult.Refused($"mkdir: cannot create directory '{path}': File exists") : ModelResult.Done(state with { Nodes = state.Nodes.SetItem(dataset, node with { HasSnapshotFolder = true }) });
        }

        if (node is not null) return ModelResult.Refused($"mkdir: cannot create directory '{path}': File exists");
        return state.Nodes.ContainsKey(Parent(dataset)) ? ModelResult.Done(state with { Nodes = state.Nodes.SetItem(dataset, ModelNode.Empty) }) : ModelResult.Refused($"mkdir: cannot create directory '{path}': No such file or directory");
    }

    /// <summary>A subvolume gets its name, or a dataset's folder moves with all that is in it.</summary>
    public static ModelResult Move(ModelState state, string from, string to)
    {
        if (from.EndsWith("/" + BtrfsLayout.Unfinished, StringComparison.Ordinal))
        {
            var dataset = Dataset(from[..^(BtrfsLayout.Unfinished.Length + 1)]);
            if (state.Nodes[dataset].Unfinished is not { } made || state.Datasets.ContainsKey(dataset)) return ModelResult.Refused($"mv: cannot stat '{from}': No such file or directory");
            var nodes = state.Nodes.SetItem(dataset, state.Nodes[dataset] with { Unfinished = null });
            return ModelResult.Done(Synced((state with { Nodes = nodes }).With(made), dataset));
        }

        var (old, name) = (Dataset(from), Dataset(to));
        if (!state.Nodes.ContainsKey(old) || state.Datasets.ContainsKey(name) || !state.Nodes.ContainsKey(Parent(name))) return ModelResult.Refused($"mv: cannot move '{from}' to '{to}'");
        return ModelResult.Done(state.Renamed(old, name) with
        {
            Nodes = Maps.Of(state.Nodes.Where(n => n.Key != name).Select(n => KeyValuePair.Create(ModelState.Moved(n.Key, old, name), n.Value))),
            Binds = Maps.Of(state.Binds.Select(b => KeyValuePair.Create(b.Key, b.Value with { Source = ModelState.Moved(b.Value.Source, from, to) }))),
        });
    }

    public static ModelResult RemoveFolder(ModelState state, string path)
    {
        if (path.EndsWith("/" + BtrfsLayout.Snapshots, StringComparison.Ordinal))
        {
            var dataset = Dataset(path[..^(BtrfsLayout.Snapshots.Length + 1)]);
            if (!state.Nodes[dataset].HasSnapshotFolder) return ModelResult.Refused("rmdir: No such file or directory");
            return state.Snapshots.Keys.Any(s => s.StartsWith(dataset + "@", StringComparison.Ordinal))
                ? ModelResult.Refused("rmdir: Directory not empty")
                : ModelResult.Done(state with { Nodes = state.Nodes.SetItem(dataset, state.Nodes[dataset] with { HasSnapshotFolder = false }) });
        }

        var node = Dataset(path);
        var isUsed = state.Datasets.ContainsKey(node) || state.Nodes.Keys.Any(n => n.StartsWith(node + "/", StringComparison.Ordinal));
        return isUsed ? ModelResult.Refused("rmdir: Directory not empty") : ModelResult.Done(state with { Nodes = state.Nodes.Remove(node) });
    }

    public static ModelResult NoCow(ModelState state, string path) => Change(state, path, d => d with { Local = d.Local.SetItem("nocow", "on") });

    public static ModelResult Attributes(ModelState state, SetAttributes step, Dictionary<string, string> captures)
    {
        var isSnapshots = step.Path.EndsWith("/" + BtrfsLayout.Snapshots, StringComparison.Ordinal);
        var dataset = Dataset(isSnapshots ? step.Path[..^(BtrfsLayout.Snapshots.Length + 1)] : step.Path);
        if (!state.Nodes.TryGetValue(dataset, out var node)) return ModelResult.Refused($"there is no directory {step.Path}");
        var set = step.Set.Select(s => KeyValuePair.Create(s.Key, ModelHost.Filled(s.Value, captures)));
        return ModelResult.Done(Synced(state with { Nodes = state.Nodes.SetItem(dataset, node with { Attributes = node.Attributes.RemoveRange(step.Remove).SetItems(set) }) }, dataset));
    }

    public static ModelResult Bind(ModelState state, BindMount step)
    {
        var bound = new ModelBind(step.Source, string.Join(',', step.Flags));
        if (state.Binds.TryGetValue(step.Target, out var there) && there.Source == step.Source) return ModelResult.Done(state with { Binds = state.Binds.SetItem(step.Target, bound) });
        if (step.Source.EndsWith("/" + BtrfsLayout.Snapshots, StringComparison.Ordinal)) return ModelResult.Done(state with { Binds = state.Binds.SetItem(step.Target, bound) });
        var dataset = Dataset(step.Source[..^(BtrfsLayout.Subvolume.Length + 1)]);
        if (!state.Datasets.TryGetValue(dataset, out var found)) return ModelResult.Refused($"cannot mount {step.Source}: No such file or directory");
        var hidden = state.Hides(step.Target);
        return ModelResult.Done(state.With(found with { MountedAt = step.Target }) with { Binds = state.Binds.SetItem(step.Target, bound) }) with { Violation = hidden ? $"the mount of {dataset} at {step.Target} hides what is there" : null };
    }

    public static ModelResult Take(ModelState state, string target, string? source = null)
    {
        if (!state.Binds.TryGetValue(target, out var bind) || (source is not null && bind.Source != source)) return ModelResult.Done(state);
        if (state.Binds.Keys.Any(b => b.StartsWith(target + "/", StringComparison.Ordinal)) || state.Mounted.Any(d => d.MountedAt!.StartsWith(target + "/", StringComparison.Ordinal))) return ModelResult.Refused($"{target} is in use");
        var next = state with { Binds = state.Binds.Remove(target) };
        return ModelResult.Done(state.Datasets.Values.FirstOrDefault(d => d.MountedAt == target && BtrfsLayout.SubvolumeOf(d.Name) == bind.Source) is { } dataset ? next.With(dataset with { MountedAt = null }) : next);
    }

    /// <summary>Everything of a pool unmounted and its top level too, as after a start of the host.</summary>
    public static ModelState Close(ModelState state, string pool)
    {
        var datasets = state.Datasets.Values.Where(d => BtrfsLayout.PoolOf(d.Name) == pool).ToList();
        var sources = state.Binds.Where(b => BtrfsLayout.PoolOf(Dataset(b.Value.Source)) == pool).Select(b => b.Key);
        return With(state with { Binds = state.Binds.RemoveRange(sources), Datasets = state.Datasets.SetItems(datasets.Select(d => KeyValuePair.Create(d.Name, d with { MountedAt = null }))) }, pool, p => p with { Imported = false });
    }

    /// <summary>As somebody could make one by hand in our layout.</summary>
    public static ModelState ByHand(ModelState state, string name, IEnumerable<KeyValuePair<string, string>> native) =>
        (state with { Nodes = state.Nodes.SetItem(name, ModelNode.Empty with { HasSnapshotFolder = true }) }).With(New(state, name) with { Local = Maps.Of(native) });

    public static ModelState SetByHand(ModelState state, ModelDataset dataset, string property, string? value)
    {
        if (!BtrfsCatalogue.Datasets.TryGetValue(property, out var known) || property is "quota" or "refquota" or "nocow" or "mountpoint" || (value is not null && known.Complaint(value) is not null)) return state;
        if (BtrfsCatalogue.IsNative(property)) return state.With(dataset with { Local = value is null || value == known.Unset ? dataset.Local.Remove(property) : dataset.Local.SetItem(property, value) });
        var step = value is null
            ? new SetAttributes(BtrfsLayout.NodeOf(dataset.Name), new Dictionary<string, string>(), [BtrfsMark.OfProperty(property)])
            : new SetAttributes(BtrfsLayout.NodeOf(dataset.Name), new Dictionary<string, string> { [BtrfsMark.OfProperty(property)] = value }, []);
        return Attributes(state, step, []).State ?? state;
    }

    /// <summary>Of a name, so that it is the same in a run that was interrupted.</summary>
    public static string Uuid(string name)
    {
        var hash = Hash(name).ToString("x16", CultureInfo.InvariantCulture);
        return $"{hash[..8]}-{hash[8..12]}-{hash[12..]}-0000-000000000000";
    }

    internal static string Dataset(string path) => path[(BtrfsLayout.Folder.Length + 1)..];

    internal static string Pool(string top) => Dataset(top).Split('/')[0];

    private static ulong Hash(string text)
    {
        ulong hash = 14695981039346656037;
        foreach (var c in text) hash = (hash ^ c) * 1099511628211;
        return hash;
    }

    private static ModelDataset New(ModelState state, string name) => ZfsModel.New(state, name, "filesystem", []) with { Directories = Maps.Empty<FileFacts>().Add("", NewRoot) };

    private static ModelResult Make(ModelState state, string path, string? origin)
    {
        if (origin is not null && !state.Snapshots.ContainsKey(origin)) return ModelResult.Refused($"ERROR: cannot access {origin}: No such file or directory");
        if (path.EndsWith("/" + BtrfsLayout.Subvolume, StringComparison.Ordinal))
        {
            var root = Dataset(path[..^2]);
            return state.Datasets.ContainsKey(root) ? ModelResult.Refused("ERROR: target path already exists") : ModelResult.Done(WithGroup(state.With(New(state, root)), root));
        }

        var dataset = Dataset(path[..^(BtrfsLayout.Unfinished.Length + 1)]);
        if (!state.Nodes.TryGetValue(dataset, out var node)) return ModelResult.Refused("ERROR: No such file or directory");
        if (node.Unfinished is not null) return ModelResult.Refused("ERROR: target path already exists");
        var made = New(state, dataset) with { Origin = origin };
        if (origin is not null && state.Datasets.GetValueOrDefault(origin.Split('@')[0]) is { } source) made = made with { Local = Maps.Of(source.Local.Where(l => l.Key is "compression" or "nocow")) };
        return ModelResult.Done(WithGroup(state with { Nodes = state.Nodes.SetItem(dataset, node with { Unfinished = made }) }, dataset));
    }

    private static ModelState WithGroup(ModelState state, string dataset)
    {
        var made = state.Nodes[dataset].Unfinished ?? state.Datasets[dataset];
        return With(state, BtrfsLayout.PoolOf(dataset), p => p.Quotas ? p with { Groups = p.Groups.SetItem($"0/{made.Guid}", "none") } : p);
    }

    private static ModelResult Freeze(ModelState state, string snapshot) => state.Snapshots.ContainsKey(snapshot)
        ? ModelResult.Refused("ERROR: cannot snapshot: Read-only file system")
        : ModelResult.Done(state with { Snapshots = state.Snapshots.Add(snapshot, ModelHost.Now) });

    private static ModelResult Thaw(ModelState state, IReadOnlyList<string> snapshots) => snapshots.All(state.Snapshots.ContainsKey)
        ? ModelResult.Done(state with { Snapshots = state.Snapshots.RemoveRange(snapshots) })
        : ModelResult.Refused("ERROR: Could not statfs: No such file or directory");

    private static ModelResult Delete(ModelState state, string path)
    {
        if (path.EndsWith("/" + BtrfsLayout.Unfinished, StringComparison.Ordinal))
        {
            var node = Dataset(path[..^(BtrfsLayout.Unfinished.Length + 1)]);
            return state.Nodes.GetValueOrDefault(node)?.Unfinished is null ? ModelResult.Refused("ERROR: Could not statfs: No such file or directory") : ModelResult.Done(state with { Nodes = state.Nodes.SetItem(node, state.Nodes[node] with { Unfinished = null }) });
        }

        var dataset = Dataset(path[..^2]);
        if (!state.Datasets.TryGetValue(dataset, out var found)) return ModelResult.Refused("ERROR: Could not statfs: No such file or directory");
        return found.MountedAt is null ? ModelResult.Done(state with { Datasets = state.Datasets.Remove(dataset) }) : new ModelResult(state, "", null, $"{dataset} is deleted while it is mounted");
    }

    private static ModelResult SetNative(ModelState state, string path, string property, string value)
    {
        var (name, stored) = property == "ro" ? ("readonly", value == "true" ? "on" : "off") : (property, value.Length == 0 ? "off" : value);
        return Change(state, path, d => d with { Local = stored == "off" ? d.Local.Remove(name) : d.Local.SetItem(name, stored) });
    }

    private static ModelResult Limit(ModelState state, string pool, string id, string limit)
    {
        if (!state.Pools[pool].Quotas) return ModelResult.Refused("ERROR: unable to limit requested quota group: quotas not enabled");
        var known = AllGroups(state, pool);
        if (!known.ContainsKey(id)) return ModelResult.Refused("ERROR: unable to limit requested quota group: No such file or directory");
        return ModelResult.Done(With(state, pool, p => p with { Groups = known.SetItem(id, limit) }));
    }

    /// <summary>Those of subvolumes that were there when quotas were switched on among them.</summary>
    internal static ImmutableSortedDictionary<string, string> AllGroups(ModelState state, string pool)
    {
        var groups = state.Pools[pool].Groups;
        var ids = state.Datasets.Values.Where(d => BtrfsLayout.PoolOf(d.Name) == pool).Select(d => d.Guid).Concat(state.Nodes.Where(n => BtrfsLayout.PoolOf(n.Key) == pool).Select(n => n.Value.Unfinished?.Guid).OfType<string>());
        foreach (var id in ids.Where(i => !groups.ContainsKey($"0/{i}")).ToList()) groups = groups.Add($"0/{id}", "none");
        return groups;
    }

    private static ModelResult Add(ModelState state, string disk, string pool) =>
        Refusal(state, disk) ?? ModelResult.Done(With(Taken(state, disk, pool), pool, p => p with { Vdevs = p.Vdevs.Add(new ModelVdev("stripe", "data", [disk])) }));

    /// <summary>Copying takes no time here.</summary>
    private static ModelResult Replace(ModelState state, int index, string disk, string pool)
    {
        if (Refusal(state, disk) is { } refused) return refused;
        var old = state.Pools[pool].Vdevs[index].Disks[0];
        var next = Taken(state with { Disks = state.Disks.SetItem(old, $"what pool {pool} left on it") }, disk, pool);
        return ModelResult.Done(With(next, pool, p => p with { Vdevs = p.Vdevs.SetItem(index, new ModelVdev("stripe", "data", [disk])) }));
    }

    private static ModelResult? Refusal(ModelState state, string disk)
    {
        if (!state.Disks.TryGetValue(disk, out var carries)) return ModelResult.Refused($"ERROR: cannot stat {disk}");
        return carries.Length == 0 ? null : new ModelResult(state, "", null, $"btrfs takes {disk}, which carries {carries}");
    }

    private static ModelState Taken(ModelState state, string disk, string pool) => state with { Disks = state.Disks.SetItem(disk, $"a member of pool {pool}") };

    private static string Snapshot(string path)
    {
        var at = path.IndexOf("/" + BtrfsLayout.Snapshots + "/", StringComparison.Ordinal);
        return $"{Dataset(path[..at])}@{path[(at + BtrfsLayout.Snapshots.Length + 2)..]}";
    }

    private static ModelDataset? Find(ModelState state, string path) => path.EndsWith("/" + BtrfsLayout.Unfinished, StringComparison.Ordinal)
        ? state.Nodes.GetValueOrDefault(Dataset(path[..^(BtrfsLayout.Unfinished.Length + 1)]))?.Unfinished
        : state.Datasets.GetValueOrDefault(Dataset(path[..^2]));

    private static ModelResult Change(ModelState state, string path, Func<ModelDataset, ModelDataset> change)
    {
        if (Find(state, path) is not { } found) return ModelResult.Refused($"ERROR: {path}: No such file or directory");
        if (!path.EndsWith("/" + BtrfsLayout.Unfinished, StringComparison.Ordinal)) return ModelResult.Done(state.With(change(found)));
        return ModelResult.Done(state with { Nodes = state.Nodes.SetItem(found.Name, state.Nodes[found.Name] with { Unfinished = change(found) }) });
    }

    /// <summary>What is kept on the folder counts as set on the dataset: marks under the names that ZFS has for them.</summary>
    private static ModelState Synced(ModelState state, string dataset)
    {
        if (!state.Datasets.TryGetValue(dataset, out var found)) return state;
        var attributes = state.Nodes[dataset].Attributes;
        var kept = attributes.Where(a => a.Key.StartsWith(BtrfsMark.Prefix, StringComparison.Ordinal))
            .Select(a => KeyValuePair.Create(a.Key.StartsWith(BtrfsMark.OfProperty(""), StringComparison.Ordinal) ? a.Key[BtrfsMark.OfProperty("").Length..] : "nasgitops:" + a.Key[BtrfsMark.Prefix.Length..], a.Value));
        return state.With(found with { Local = Maps.Of(found.Local.Where(l => BtrfsCatalogue.IsNative(l.Key)).Concat(kept)) });
    }

    private static string Parent(string dataset) => dataset.Contains('/', StringComparison.Ordinal) ? dataset[..dataset.LastIndexOf('/')] : dataset;

    private static ModelState With(ModelState state, string pool, Func<ModelPool, ModelPool> change) => state with { Pools = state.Pools.SetItem(pool, change(state.Pools[pool])) };
}

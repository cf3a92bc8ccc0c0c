using NasGitOps.Core.Observation;
using NasGitOps.Storage.Zfs;

namespace NasGitOps.Testing.Model;

/// <summary>What <c>zfs</c> does to a host. A refusal is a message, as its standard error would be.</summary>
internal static class ZfsModel
{
    private static readonly FileFacts NewRoot = new(0, 0, "0755", IsLink: false, IsDirectory: true, IsEmpty: true);

    public static ModelResult Run(ModelState state, IReadOnlyList<string> arguments, string? stdin) => arguments[0] switch
    {
        "create" => Create(state, arguments, stdin),
        "clone" => Clone(state, arguments),
        "set" => Set(state, [.. arguments.Skip(1).SkipLast(1)], arguments[^1]),
        "inherit" => Inherit(state, arguments[1], arguments[2]),
        "rename" => Rename(state, arguments[1], arguments[2]),
        "mount" => Mount(state, arguments[1]),
        "unmount" => TakeOff(state, arguments[1]),
        "snapshot" => ZfsSnapshotModel.Take(state, arguments[^1]),
        "hold" => ZfsSnapshotModel.Hold(state, arguments[^1]),
        "release" => ZfsSnapshotModel.Release(state, arguments[^1]),
        "destroy" => ZfsSnapshotModel.Destroy(state, arguments[^1]),
        "load-key" => LoadKey(state, arguments[^1], stdin, tryOnly: arguments[1] == "-n"),
        "get" => state.Datasets.TryGetValue(arguments[^1], out var dataset) ? ModelResult.Done(state, dataset.Guid + "\n") : ModelResult.Refused("dataset does not exist"),
        _ => throw new InvalidOperationException($"the model has no 'zfs {arguments[0]}'"),
    };

    public static ModelDataset New(ModelState state, string name, string type, IEnumerable<KeyValuePair<string, string>> local, ModelKey? key = null) => new(
        name, GuidOf(state, name), type, Maps.Of(local.Select(p => KeyValuePair.Create(p.Key, ZfsProperties.Stored(p.Key, p.Value)))), null, key,
        Maps.Empty<FileFacts>().Add("", NewRoot));

    /// <summary>Unmounts it and all that is mounted below it.</summary>
    public static ModelState Unmount(ModelState state, string name) => state.Datasets.Values
        .Where(d => d.Name == name || d.IsBelow(name))
        .Aggregate(state, (s, d) => s.With(d with { MountedAt = null }));

    /// <summary>The half of a command that changes where a dataset is mounted: it itself, and what is below with no mount point of its own (seen on 2.3).</summary>
    public static ModelState UnmountInheriting(ModelState state, string name) => state.Datasets.Values
        .Where(d => d.Name == name || (d.IsBelow(name) && Between(state, d, name).All(b => !b.Local.ContainsKey("mountpoint"))))
        .Aggregate(state, (s, d) => s.With(d with { MountedAt = null }));

    private static IEnumerable<ModelDataset> Between(ModelState state, ModelDataset dataset, string above) =>
        state.Datasets.Values.Where(b => b.IsBelow(above) && (b.Name == dataset.Name || dataset.IsBelow(b.Name)));

    private static ModelResult TakeOff(ModelState state, string name)
    {
        if (state.Datasets.GetValueOrDefault(name)?.MountedAt is not { } place) return ModelResult.Refused($"cannot unmount '{name}': not currently mounted");
        return state.Mounted.Any(d => d.MountedAt!.StartsWith(place + "/", StringComparison.Ordinal) && !d.IsBelow(name))
            ? ModelResult.Refused($"cannot unmount '{place}': pool or dataset is busy")
            : ModelResult.Done(Unmount(state, name));
    }

    public static ModelResult Mount(ModelState state, string name)
    {
        if (!state.Datasets.TryGetValue(name, out var dataset) || !state.IsImported(name)) return ModelResult.Refused("dataset does not exist");
        if (dataset.Type != "filesystem") return ModelResult.Refused("operation not applicable to datasets of this type");
        if (dataset.MountedAt is not null) return ModelResult.Refused($"cannot mount '{name}': filesystem already mounted");
        if (dataset.Local.GetValueOrDefault("canmount") == "off") return ModelResult.Refused($"cannot mount '{name}': 'canmount' property is set to 'off'");
        if (ZfsProperties.Mountpoint(state, dataset).Value is not ['/', ..] place) return ModelResult.Refused($"cannot mount '{name}': no mountpoint set");
        if (ZfsProperties.KeyHolder(state, dataset) is { Key.Loaded: false }) return ModelResult.Refused($"cannot mount '{name}': encryption key not loaded");
        var hidden = state.Hides(place);
        return ModelResult.Done(state.With(dataset with { MountedAt = place })) with { Violation = hidden ? $"the mount of {name} at {place} hides what is there" : null };
    }

    private static ModelResult Create(ModelState state, IReadOnlyList<string> arguments, string? stdin)
    {
        var name = arguments[^1];
        var options = Options(arguments, "-o");
        if (state.Datasets.ContainsKey(name)) return ModelResult.Refused($"cannot create '{name}': dataset already exists");
        if (!state.IsImported(name) || !state.Datasets.TryGetValue(name[..name.LastIndexOf('/')], out var parent)) return ModelResult.Refused($"cannot create '{name}': parent does not exist");
        if (parent.Type != "filesystem") return ModelResult.Refused($"cannot create '{name}': parent is not a filesystem");
        ModelKey? key = null;
        if (options.Remove("encryption", out var algorithm))
        {
            options.Remove("keyformat", out var format);
            options.Remove("keylocation");
            if (stdin is null) return ModelResult.Refused("no key given");
            key = new ModelKey(algorithm == "on" ? "aes-256-gcm" : algorithm, format!, stdin, Loaded: true);
        }

        if (ZfsProperties.KeyHolder(state, parent) is { Key.Loaded: false }) return ModelResult.Refused($"cannot create '{name}': the parent's key is not loaded");
        var volume = arguments.Contains("-V");
        if (volume) options["volsize"] = arguments[arguments.ToList().IndexOf("-V") + 1];
        if (volume && !arguments.Contains("-s") && !options.ContainsKey("refreservation")) options["refreservation"] = options["volsize"];
        if (options.Keys.FirstOrDefault(p => !p.Contains(':', StringComparison.Ordinal) && !ZfsProperties.Applies(p, volume ? "volume" : "filesystem")) is { } odd)
        {
            return ModelResult.Refused($"cannot create '{name}': '{odd}' does not apply to datasets of this type");
        }

        if (Refused(options) is { } refused) return ModelResult.Refused(refused);
        var created = New(state, name, volume ? "volume" : "filesystem", options, key);
        var next = state.With(created);
        if (volume || arguments.Contains("-u") || created.Local.GetValueOrDefault("canmount") is "off" or "noauto") return ModelResult.Done(next);
        return ZfsProperties.Mountpoint(next, created).Value.StartsWith('/') ? Mount(next, name) : ModelResult.Done(next);
    }

    private static ModelResult Clone(ModelState state, IReadOnlyList<string> arguments)
    {
        var (snapshot, name) = (arguments[^2], arguments[^1]);
        if (!state.Snapshots.ContainsKey(snapshot)) return ModelResult.Refused($"cannot open '{snapshot}': dataset does not exist");
        if (state.Datasets.ContainsKey(name)) return ModelResult.Refused($"cannot create '{name}': dataset already exists");
        if (!state.Datasets.TryGetValue(name[..name.LastIndexOf('/')], out var parent) || parent.Type != "filesystem") return ModelResult.Refused($"cannot create '{name}': parent does not exist");
        var options = Options(arguments, "-o");
        if (Refused(options) is { } refused) return ModelResult.Refused(refused);
        var made = New(state, name, "filesystem", options) with { Origin = snapshot };
        var next = state.With(made);
        var mounts = made.Local.GetValueOrDefault("canmount", "on") == "on" && ZfsProperties.Mountpoint(next, made).Value.StartsWith('/') && ZfsProperties.KeyHolder(next, made) is not { Key.Loaded: false };
        return mounts ? Mount(next, name) : ModelResult.Done(next);
    }

    private static ModelResult Set(ModelState state, IReadOnlyList<string> assignments, string name)
    {
        if (!state.Datasets.TryGetValue(name, out var dataset) || !state.IsImported(name)) return ModelResult.Refused($"cannot open '{name}': dataset does not exist");
        var next = state;
        foreach (var assignment in assignments)
        {
            var equals = assignment.IndexOf('=', StringComparison.Ordinal);
            var (property, value) = (assignment[..equals], assignment[(equals + 1)..]);
            if (!property.Contains(':', StringComparison.Ordinal) && !property.Contains('@', StringComparison.Ordinal) && !ZfsProperties.Applies(property, dataset.Type))
            {
                return ModelResult.Refused($"cannot set property for '{name}': '{property}' does not apply to datasets of this type");
            }

            if (ZfsProperties.Refusal(property, value) is { } refusal) return ModelResult.Refused($"cannot set property for '{name}': {refusal}");
            if (ZfsCatalogue.Datasets.GetValueOrDefault(property) is { CreateOnly: true }) return ModelResult.Refused($"cannot set property for '{name}': '{property}' is readonly");
            dataset = next.Datasets[name];
            var stored = ZfsProperties.Stored(property, value);
            var isNone = stored == "0" && property.Contains('@', StringComparison.Ordinal);
            var changed = next.With(dataset with { Local = isNone ? dataset.Local.Remove(property) : dataset.Local.SetItem(property, stored) });
            // What is below is unmounted with it and mounted again (seen on 2.3).
            next = property == "mountpoint" ? Remounted(next, changed, name) : property == "canmount" && value == "off" ? changed.With(changed.Datasets[name] with { MountedAt = null }) : changed;
        }

        return ModelResult.Done(next);
    }

    private static ModelResult Inherit(ModelState state, string property, string name)
    {
        if (!state.Datasets.TryGetValue(name, out var dataset)) return ModelResult.Refused($"cannot open '{name}': dataset does not exist");
        if (ZfsCatalogue.Datasets.GetValueOrDefault(property) is { Inheritable: false }) return ModelResult.Refused($"'{property}' property cannot be inherited");
        var changed = state.With(dataset with { Local = dataset.Local.Remove(property) });
        return ModelResult.Done(property == "mountpoint" ? Remounted(state, changed, name) : changed);
    }

    private static ModelResult Rename(ModelState state, string from, string to)
    {
        if (!state.Datasets.ContainsKey(from)) return ModelResult.Refused($"cannot open '{from}': dataset does not exist");
        if (state.Datasets.ContainsKey(to)) return ModelResult.Refused($"cannot rename '{from}': dataset already exists");
        if (!state.Datasets.ContainsKey(to[..to.LastIndexOf('/')])) return ModelResult.Refused($"cannot rename '{from}': parent does not exist");
        return ModelResult.Done(Follow(state.Renamed(from, to), to));
    }

    private static ModelResult LoadKey(ModelState state, string name, string? stdin, bool tryOnly)
    {
        if (!state.Datasets.TryGetValue(name, out var dataset) || dataset.Key is not { } key) return ModelResult.Refused("Key load error: Keys can only be loaded for encryption roots.");
        if (key.Loaded && !tryOnly) return ModelResult.Refused($"Key load error: Key already loaded for '{name}'.");
        if (stdin != key.Value) return ModelResult.Refused("Key load error: Incorrect key provided.");
        return ModelResult.Done(tryOnly ? state : state.With(dataset with { Key = key with { Loaded = true } }));
    }

    private static string? Refused(Dictionary<string, string> options) =>
        options.Select(o => ZfsProperties.Refusal(o.Key, o.Value) is { } why ? $"cannot create: '{o.Key}': {why}" : null).FirstOrDefault(w => w is not null);

    /// <summary>A changed mount point moves what is mounted, and mounts the dataset itself, and below it what was <c>none</c> or <c>legacy</c>. Seen on 2.3.</summary>
    private static ModelState Remounted(ModelState before, ModelState after, string name)
    {
        var next = Follow(after, name);
        foreach (var dataset in after.Datasets.Values.Where(d => d.Name == name || d.IsBelow(name)))
        {
            var wasNone = !ZfsProperties.Mountpoint(before, before.Datasets[dataset.Name]).Value.StartsWith('/');
            var canMount = (dataset.Local.GetValueOrDefault("canmount") ?? "on") == "on";
            if ((wasNone || dataset.Name == name) && canMount && dataset.Type == "filesystem" && next.Datasets[dataset.Name].MountedAt is null) next = Mount(next, dataset.Name).State ?? next;
        }

        return next;
    }

    /// <summary>What is mounted and below goes where its property points now; what has no place any more is unmounted.</summary>
    private static ModelState Follow(ModelState state, string name) => state.Datasets.Values
        .Where(d => (d.Name == name || d.IsBelow(name)) && d.MountedAt is not null)
        .Aggregate(state, (s, d) => s.With(d with { MountedAt = ZfsProperties.Mountpoint(s, d).Value is ['/', ..] place ? place : null }));

    private static Dictionary<string, string> Options(IReadOnlyList<string> arguments, string flag)
    {
        var options = new Dictionary<string, string>();
        for (var i = 0; i < arguments.Count - 1; i++)
        {
            if (arguments[i] != flag) continue;
            var parts = arguments[i + 1].Split('=', 2);
            options[parts[0]] = parts[1];
        }

        return options;
    }

    /// <summary>Of a name and how many datasets there are of it: the same in a run that was interrupted.</summary>
    private static string GuidOf(ModelState state, string name)
    {
        ulong hash = 14695981039346656037;
        foreach (var c in name) hash = (hash ^ c) * 1099511628211;
        while (state.Datasets.Values.Any(d => d.Guid == hash.ToString(System.Globalization.CultureInfo.InvariantCulture))) hash++;
        return hash.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}

using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Steps;

namespace NasGitOps.Storage.Btrfs;

/// <summary>Reads pools and datasets on btrfs in a number of commands that grows with the pools, never with the datasets. A host that neither declares nor knows any is not asked.</summary>
internal static class BtrfsObserver
{
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(60);
    private static readonly RunProbe VersionProbe = Ask("btrfs.version", "btrfs", "--version");
    private static readonly RunProbe ShowProbe = Ask("btrfs.show", "btrfs", "filesystem", "show", "--raw");
    private static readonly RunProbe LoopsProbe = Ask("losetup", "losetup", "--list", "--json", "-O", "NAME,BACK-FILE");
    private static readonly FileProbe MountsProbe = new("mounts", MountTable.Path);

    public static IEnumerable<Probe> Probes(ObservationContext context)
    {
        if (!StorageSystem.IsWanted(BtrfsBackend.BackendName, context)) yield break;
        yield return VersionProbe;
        yield return ShowProbe;
        yield return LoopsProbe;
        yield return MountsProbe;
        if (!Host(context).IsKnown(out var host)) yield break;

        var open = host.Open.Keys.ToList();
        foreach (var disk in Declarations(context).Where(d => !host.Open.ContainsKey(d.PoolName)).SelectMany(d => d.DiskPaths)) yield return Signature(disk);
        foreach (var disk in Declarations(context).Where(d => host.Open.ContainsKey(d.PoolName)).SelectMany(d => d.DiskPaths)) yield return Size(disk);
        foreach (var pool in open)
        {
            foreach (var probe in BtrfsPoolReader.Probes(pool, context)) yield return probe;
            if (host.Filesystems.Any(f => f.Label == pool && f.IsReplacing)) yield return BtrfsPoolReader.Replace(pool);
        }
    }

    public static BackendFacts Read(ObservationContext context)
    {
        var nothing = new Dictionary<string, Reading<Named<DatasetState>>>();
        if (!StorageSystem.IsWanted(BtrfsBackend.BackendName, context)) return new BackendFacts(null, Reading<Named<PoolState>>.Known(new(new Dictionary<string, PoolState>())), nothing, BackendFacts.NothingImportable);
        if (!Host(context).IsKnown(out var host)) return new BackendFacts(Version(context), Reading<Named<PoolState>>.Unknown(Host(context).Reason ?? ""), nothing, BackendFacts.NothingImportable);

        var pools = new Dictionary<string, PoolState>();
        var datasets = new Dictionary<string, Reading<Named<DatasetState>>>();
        var importable = new Dictionary<string, IReadOnlyDictionary<string, string>>();
        foreach (var (name, mount) in host.Open)
        {
            var filesystem = host.Filesystems.FirstOrDefault(f => f.Devices.Any(d => d.Path == mount.Source)) ?? host.Filesystems.FirstOrDefault(f => f.Label == name) ?? new BtrfsFilesystem(name, "", [], IsIncomplete: false);
            var reader = new BtrfsPoolReader(name, filesystem, mount, host, context);
            var reading = reader.Read();
            if (!reading.IsKnown(out var read))
            {
                pools[name] = Closed(name, filesystem, "UNAVAIL", host) with { IsOpen = true };
                datasets[name] = Reading<Named<DatasetState>>.Unknown(reading.Reason ?? "");
                continue;
            }

            // Making it, or taking it over, was cut short before it had a root dataset.
            if (!read.Datasets.Items.ContainsKey(name) && !IsOwned(name, context))
            {
                importable[name] = Importable(filesystem.Devices.Select(d => host.Loops.GetValueOrDefault(d.Path, d.Path)));
                continue;
            }

            pools[name] = read.Pool;
            datasets[name] = Reading<Named<DatasetState>>.Known(read.Datasets);
        }

        foreach (var declaration in Declarations(context).Where(d => !host.Open.ContainsKey(d.PoolName)))
        {
            if (Found(declaration, host, context) is not { } filesystem) continue;
            // The mounts of a host are gone after every start; what was applied is brought back, and what was not is imported.
            if (IsOwned(declaration.PoolName, context))
            {
                pools[declaration.PoolName] = Closed(declaration.PoolName, filesystem, filesystem.IsIncomplete ? "DEGRADED" : "CLOSED", host);
                datasets[declaration.PoolName] = Reading<Named<DatasetState>>.Unknown($"pool {declaration.PoolName} is not mounted yet");
            }
            else
            {
                importable[declaration.PoolName] = Importable(filesystem.Devices.Select(d => d.Path));
            }
        }

        return new BackendFacts(Version(context), Reading<Named<PoolState>>.Known(new(pools)), datasets, importable);
    }

    private static bool IsOwned(string pool, ObservationContext context) => context.Owned.Contains(new ResourceId("Pool", pool));

    private static Dictionary<string, string> Importable(IEnumerable<string> disks) => new() { ["disks"] = string.Join(' ', disks), ["inUse"] = "no" };

    internal static RunProbe Ask(string key, string tool, params string[] arguments) => new(key, new Command(tool, arguments, ReadTimeout));

    internal static ulong DiskBytes(ObservationContext context, string path) => context.Answers.Find<SizeAnswer>(Size(path).Key)?.Bytes ?? 0;

    private static IEnumerable<IPoolDeclaration> Declarations(ObservationContext context) =>
        context.Manifests.All.Select(m => m.Spec).OfType<IPoolDeclaration>().Where(d => d.Backend == BtrfsBackend.BackendName);

    private static SizeProbe Size(string path) => new($"btrfs.size:{path}", path);

    private static RunProbe Signature(string path) => Ask($"btrfs.blkid:{path}", "blkid", "-p", "-o", "export", path);

    private static string? Version(ObservationContext context) =>
        context.Answers.Output(VersionProbe).IsKnown(out var text) ? text.Split('\n')[0].Replace("btrfs-progs v", "", StringComparison.Ordinal).Trim() : null;

    private static Reading<BtrfsHost> Host(ObservationContext context)
    {
        var (show, loops) = (context.Answers.Output(ShowProbe), context.Answers.Output(LoopsProbe));
        if (!show.IsKnown(out _)) return Reading<BtrfsHost>.Unknown(show.Reason ?? "");
        if (!loops.IsKnown(out var loopsText)) return Reading<BtrfsHost>.Unknown(loops.Reason ?? "");
        if (context.Answers.Find<FilesAnswer>(MountsProbe.Key) is not { Failure: null } files) return Reading<BtrfsHost>.Unknown($"{MountTable.Path} could not be read");
        var mounts = MountTable.Parse((files.Files.GetValueOrDefault(MountTable.Path) ?? "").Split('\n'));
        var open = mounts.Entries
            .Where(e => e.FileSystem == "btrfs" && e.Root == "/" && e.Point.StartsWith(BtrfsLayout.Folder + "/", StringComparison.Ordinal) && !e.Point[(BtrfsLayout.Folder.Length + 1)..].Contains('/', StringComparison.Ordinal))
            .GroupBy(e => e.Point[(BtrfsLayout.Folder.Length + 1)..])
            .ToDictionary(g => g.Key, g => g.Last());
        return show.Select(text => new BtrfsHost(BtrfsOutput.Filesystems(text), Loops.Parse(loopsText), mounts, open));
    }

    /// <summary>The file system of a pool that is not mounted: by what its disks carry; where none are named by its label.</summary>
    private static BtrfsFilesystem? Found(IPoolDeclaration declaration, BtrfsHost host, ObservationContext context)
    {
        if (declaration.DiskPaths.Count == 0) return host.Filesystems.Where(f => f.Label == declaration.PoolName).ToList() is [var single] ? single : null;
        var labelled = declaration.DiskPaths.Select(d => (Disk: d, Uuid: UuidOn(context, d, declaration.PoolName))).Where(d => d.Uuid is not null).ToList();
        if (labelled.Count == 0) return null;
        // A disk of another file system with the same label is none of its disks.
        var uuid = labelled[0].Uuid!;
        var carrying = labelled.Where(d => d.Uuid == uuid).Select(d => d.Disk).ToList();
        var complete = host.Filesystems.FirstOrDefault(f => f.Uuid == uuid);
        return new BtrfsFilesystem(
            declaration.PoolName, uuid, [.. carrying.Select((d, i) => new BtrfsDevice(i + 1, 0, DeviceNames.Canonical(d, DiskLinks.Of(context.Answers))))],
            // The kernel knows whether all are there, those too that the manifest does not name any more, or only from now on; of files that are no loop devices yet it knows nothing.
            IsIncomplete: complete?.IsIncomplete ?? carrying.Count < declaration.DiskPaths.Count);
    }

    /// <summary>Null where the disk carries nothing of that label.</summary>
    private static string? UuidOn(ObservationContext context, string disk, string label)
    {
        if (!context.Answers.Output(Signature(disk)).IsKnown(out var text)) return null;
        var lines = text.Split('\n');
        return lines.Contains("TYPE=btrfs") && lines.Contains($"LABEL={label}") ? lines.FirstOrDefault(l => l.StartsWith("UUID=", StringComparison.Ordinal))?[5..] : null;
    }

    private static PoolState Closed(string name, BtrfsFilesystem filesystem, string health, BtrfsHost host) => new(
        name, filesystem.Uuid, BtrfsBackend.BackendName, health, "", 0, 0, 0, new Dictionary<string, PropertyValue>(),
        [.. filesystem.Devices.Select(d => new VdevState($"{d.Id}", "stripe", "data", health, [new LeafState(host.Loops.GetValueOrDefault(d.Path, d.Path), d.Path, health, 0, 0, 0)]))])
    {
        IsOpen = false,
    };
}

/// <summary>What was read of the host as a whole.</summary>
/// <param name="Loops">Loop device to the file behind it.</param>
/// <param name="Open">Pool name to the mount of its top level.</param>
internal sealed record BtrfsHost(IReadOnlyList<BtrfsFilesystem> Filesystems, IReadOnlyDictionary<string, string> Loops, MountTable Mounts, IReadOnlyDictionary<string, MountEntry> Open);

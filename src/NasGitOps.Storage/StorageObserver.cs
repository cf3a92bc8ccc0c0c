using System.Globalization;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;

namespace NasGitOps.Storage;

/// <summary>Reads what every backend tells, and what is the same for all: disks, mount points, and directories that manifests name.</summary>
public sealed class StorageObserver(StorageSystem storage)
{
    private static readonly Dictionary<string, FileFacts> NoFacts = [];

    public IEnumerable<Probe> Probes(ObservationContext context)
    {
        foreach (var probe in storage.Backends.SelectMany(b => b.Probes(context))) yield return probe;
        yield return DiskLinks.Probe;
        var (pools, datasets) = Merged(context, Reads(context));
        if (pools.State == ReadingState.Unknown) yield break;
        foreach (var disk in Declarations(context).SelectMany(d => Candidates(d, pools.Value!.Items.GetValueOrDefault(d.PoolName), context.Answers))) yield return new DiskProbe(DiskKey(disk), disk);

        foreach (var probe in Directories(context, datasets)) yield return probe;
    }

    public StorageFacts Read(ObservationContext context)
    {
        var reads = Reads(context);
        var versions = reads.Where(r => r.Facts.Version is not null).ToDictionary(r => r.Backend.Name, r => r.Facts.Version!);
        var (pools, datasets) = Merged(context, reads);
        var watched = Watched(context.Manifests);
        var known = datasets.ToDictionary(
            d => d.Key,
            d => d.Value.Select(named => new Named<DatasetState>(named.Items.ToDictionary(
                s => s.Key, s => watched.Contains(s.Key) ? s.Value with { Directories = context.Answers.Find<FactsAnswer>(FactsKey(s.Key))?.Facts ?? NoFacts } : s.Value))));
        var problem = reads.Select(r => r.Facts.Pools).Where(p => p.State == ReadingState.Unknown).Select(p => p.Reason).FirstOrDefault();
        return new StorageFacts(versions, pools, known, PoolFacts(context, reads)) { Problem = problem };
    }

    /// <summary>Mount points of declared datasets whose pool could not be read, or not yet.</summary>
    public IReadOnlySet<string> SilentRoots(ObservationContext context)
    {
        var (_, datasets) = Merged(context, Reads(context));
        return context.Manifests.All.Select(m => m.Spec).OfType<IMountable>()
            .Where(m => datasets.GetValueOrDefault(m.DatasetName.Split('/')[0])?.State == ReadingState.Unknown)
            .Select(m => DatasetPaths.Mountpoint(m.DatasetName, context.Manifests, null))
            .OfType<string>()
            .ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Pools of all backends. Where two have one of the same name, it is the one that is declared.</summary>
    private (Reading<Named<PoolState>> Pools, Dictionary<string, Reading<Named<DatasetState>>> Datasets) Merged(
        ObservationContext context, List<(IStorageBackend Backend, BackendFacts Facts)> reads)
    {
        var pools = new Dictionary<string, PoolState>();
        var datasets = new Dictionary<string, Reading<Named<DatasetState>>>();
        foreach (var (backend, facts) in reads.Where(r => r.Facts.Pools.State == ReadingState.Known))
        {
            foreach (var pool in facts.Pools.Value!.Items.Values.Where(p => !pools.ContainsKey(p.Name) || storage.Of(p.Name, context.Manifests) == backend))
            {
                pools[pool.Name] = pool;
                if (facts.Datasets.TryGetValue(pool.Name, out var below)) datasets[pool.Name] = below;
            }
        }

        return reads.Count > 0 && reads.TrueForAll(r => r.Facts.Pools.State == ReadingState.Unknown)
            ? (Reading<Named<PoolState>>.Unknown(reads[0].Facts.Pools.Reason ?? ""), datasets)
            : (Reading<Named<PoolState>>.Known(new(pools)), datasets);
    }

    /// <summary>Those that could be read, and those that cannot and matter: nobody has to install a storage that is not used.</summary>
    private List<(IStorageBackend Backend, BackendFacts Facts)> Reads(ObservationContext context) =>
        [.. storage.Backends.Select(b => (Backend: b, Facts: b.Read(context))).Where(r => r.Facts.Pools.State != ReadingState.Unknown || StorageSystem.IsWanted(r.Backend.Name, context))];

    /// <summary>Disks that a pool would be given: all where there is none, else those that it does not have. Disks at work are not read.</summary>
    private static IEnumerable<string> Candidates(IPoolDeclaration declaration, PoolState? pool, Answers answers)
    {
        if (pool is null) return declaration.DiskPaths;
        // Whether a disk is in the pool can be told only when it is known what its name stands for.
        return pool.IsOpen && answers.Has(DiskLinks.Probe.Key) ? NewDisks(declaration, pool, DiskLinks.Of(answers)) : [];
    }

    /// <summary>Declared disks that a pool does not have.</summary>
    internal static IEnumerable<string> NewDisks(IPoolDeclaration declaration, PoolState pool, IReadOnlyDictionary<string, string> links)
    {
        var leaves = pool.Vdevs.SelectMany(v => v.Disks).ToList();
        return declaration.DiskPaths.Where(d => !leaves.Exists(l => l.Path == d || l.Device == DeviceNames.Canonical(d, links)));
    }

    private static IEnumerable<IPoolDeclaration> Declarations(ObservationContext context) => context.Manifests.All.Select(m => m.Spec).OfType<IPoolDeclaration>();

    /// <summary>Directories that manifests care about, by dataset.</summary>
    private static ILookup<string, string> Watched(ManifestSet manifests)
    {
        var specs = manifests.All.Select(m => m.Spec).ToList();
        return specs.OfType<IDatasetDeclaration>().SelectMany(d => d.WatchedPaths.Select(p => (d.DatasetName, Path: p)))
            .Concat(specs.OfType<IDirectoryUser>().SelectMany(d => d.DirectoryPaths.Select(p => (d.DatasetName, Path: p))))
            .ToLookup(p => p.DatasetName, p => p.Path);
    }

    /// <summary>Directories that manifests name, where their dataset is mounted; the mount point itself where it is not.</summary>
    private static IEnumerable<Probe> Directories(ObservationContext context, Dictionary<string, Reading<Named<DatasetState>>> datasets)
    {
        var watched = Watched(context.Manifests);
        foreach (var declaration in context.Manifests.All.Select(m => m.Spec).OfType<IMountable>())
        {
            var reading = datasets.GetValueOrDefault(declaration.DatasetName.Split('/')[0]);
            if (reading?.State == ReadingState.Unknown) continue;
            var state = reading?.Value?.Items.GetValueOrDefault(declaration.DatasetName);
            if (state is { Mounted: true, Mountpoint: { } root } && watched[declaration.DatasetName].Distinct().ToList() is { Count: > 0 } paths)
            {
                yield return new FactsProbe(FactsKey(declaration.DatasetName), root, paths);
            }

            // What is in a place where the dataset itself shows is its own.
            if (DatasetPaths.Mountpoint(declaration.DatasetName, context.Manifests, null) is not { } path || (state is { Mounted: true } or { IsPartlyMounted: true } && state.Mountpoint == path)) continue;
            yield return new FactsProbe(MountPointKey(path), path, [""]);
        }
    }

    private KindFacts PoolFacts(ObservationContext context, List<(IStorageBackend Backend, BackendFacts Facts)> reads)
    {
        var importable = new Dictionary<string, IReadOnlyDictionary<string, string>>();
        foreach (var (name, pool) in reads.SelectMany(r => r.Facts.Importable.Where(i => storage.Of(i.Key, context.Manifests) == r.Backend))) importable[name] = pool;
        var disks = new Dictionary<string, IReadOnlyDictionary<string, string>>();
        foreach (var path in Declarations(context).SelectMany(d => d.DiskPaths))
        {
            if (Disk(context.Answers, path) is { } disk) disks[path] = disk;
        }

        return new KindFacts(new Dictionary<string, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>>
        {
            [StorageFacts.Links] = DiskLinks.Of(context.Answers).ToDictionary(l => l.Key, l => (IReadOnlyDictionary<string, string>)new Dictionary<string, string> { ["target"] = l.Value }),
            [StorageFacts.Importable] = importable,
            [StorageFacts.Disks] = disks,
            [StorageFacts.MountPoints] = MountPoints(context),
        });
    }

    private static Dictionary<string, IReadOnlyDictionary<string, string>> MountPoints(ObservationContext context)
    {
        var mountPoints = new Dictionary<string, IReadOnlyDictionary<string, string>>();
        foreach (var declaration in context.Manifests.All.Select(m => m.Spec).OfType<IMountable>())
        {
            if (DatasetPaths.Mountpoint(declaration.DatasetName, context.Manifests, null) is not { } path) continue;
            if (context.Answers.Find<FactsAnswer>(MountPointKey(path))?.Facts.GetValueOrDefault("") is not { } facts) continue;
            mountPoints[path] = new Dictionary<string, string>
            {
                ["isLink"] = facts.IsLink ? "yes" : "no",
                ["isDirectory"] = facts.IsDirectory ? "yes" : "no",
                ["isEmpty"] = facts.IsEmpty ? "yes" : "no",
            };
        }

        return mountPoints;
    }

    /// <summary>Null where it was not asked. A disk that cannot be read never looks blank.</summary>
    private static Dictionary<string, string>? Disk(Answers answers, string path)
    {
        var key = DiskKey(path);
        if (!answers.Has(key)) return null;
        var answer = answers.Find<DiskAnswer>(key);
        return new Dictionary<string, string>
        {
            ["missing"] = answer is { Disk: null } ? "yes" : "no",
            ["bytes"] = (answer?.Disk?.Bytes ?? 0).ToString(CultureInfo.InvariantCulture),
            ["carries"] = answer is null ? $"something unknown: {answers.Find<Answer>(key)?.Failure}" : string.Join("; ", answer.Disk?.Carries ?? []),
        };
    }

    private static string DiskKey(string path) => $"disk:{path}";

    private static string FactsKey(string dataset) => $"facts:{dataset}";

    private static string MountPointKey(string path) => $"mountpoint:{path}";
}

/// <summary>What the stable names of disks stand for.</summary>
public static class DiskLinks
{
    public static LinksProbe Probe { get; } = new("disk.links", "/dev/disk/by-id");

    public static IReadOnlyDictionary<string, string> Of(Answers answers) => answers.Find<LinksAnswer>(Probe.Key)?.Targets ?? new Dictionary<string, string>();
}

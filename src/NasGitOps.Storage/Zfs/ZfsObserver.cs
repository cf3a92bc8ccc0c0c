using System.Globalization;
using System.Runtime.CompilerServices;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;

namespace NasGitOps.Storage.Zfs;

/// <summary>Reads pools and datasets in a number of commands that grows with the pools, never with the datasets.</summary>
internal static class ZfsObserver
{
    private static readonly string[] Informative =
    [
        "type", "guid", "mounted", "keystatus", "keyformat", "keylocation", "encryption", "encryptionroot", "origin", "creation", "written", "used", "available", "referenced",
    ];

    private static readonly string[] PoolInformative = ["guid", "health", "size", "allocated", "free"];
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(60);
    private static readonly RunProbe VersionProbe = Probe("zfs.version", "zfs", "version");
    private static readonly RunProbe StatusProbe = Probe("zpool.status", "zpool", "status", "-P", "-p");

    private static readonly RunProbe PoolPropertiesProbe = Probe(
        "zpool.get", "zpool", "get", "-Hp", "-o", "name,property,value,source", string.Join(',', PoolInformative.Concat(ZfsCatalogue.Pools.Keys)));

    // An observation asks in rounds: what zfs printed is parsed once, however often it is looked at.
    private static readonly ConditionalWeakTable<string, IReadOnlyDictionary<string, Dictionary<string, PropertyValue>>> Parsed = [];

    public static IEnumerable<Probe> Probes(ObservationContext context)
    {
        yield return VersionProbe;
        yield return StatusProbe;
        yield return PoolPropertiesProbe;
        if (!context.Answers.Has(PoolPropertiesProbe.Key) || !context.Answers.Output(PoolPropertiesProbe).IsKnown(out var output)) yield break;

        var version = Version(context.Answers);
        var pools = PoolNames(output);
        var answering = pools.Except(Suspended(output)).ToList();
        foreach (var pool in answering) yield return DatasetsProbe(pool, version, context.Manifests);
        foreach (var declaration in Declarations(context).Where(d => !pools.Contains(d.PoolName) && d.DiskPaths.Count > 0))
        {
            yield return ImportProbe(declaration);
        }

        foreach (var pool in Changing(context)) foreach (var probe in ZfsVdevs.Probes(pool)) yield return probe;
        if (answering.Any(p => !context.Answers.Has(DatasetsProbe(p, version, context.Manifests).Key))) yield break;
        var datasets = Datasets(context, answering, version);
        foreach (var probe in ZfsTemporary.Probes(context, datasets)) yield return probe;
        foreach (var (pool, found) in datasets)
        {
            if (ZfsQuarantine.SnapshotsProbe(context, pool, found.Value?.Items.Values ?? []) is { } probe) yield return probe;
        }
    }

    public static BackendFacts Read(ObservationContext context)
    {
        var version = Version(context.Answers);
        var reading = Pools(context).Select(read => read.ToDictionary(p => p.Key, p => ZfsVdevs.Told(p.Value, context.Answers)));
        if (!reading.IsKnown(out var pools))
        {
            return new BackendFacts(version?.ToString(), Reading<Named<PoolState>>.Unknown(reading.Reason ?? ""), new Dictionary<string, Reading<Named<DatasetState>>>(), BackendFacts.NothingImportable);
        }

        var datasets = Datasets(context, [.. pools.Values.Where(p => p.Health != PoolState.Suspended).Select(p => p.Name)], version);
        foreach (var pool in pools.Keys.Except(datasets.Keys)) datasets[pool] = Reading<Named<DatasetState>>.Unknown(Suspension(pool));
        return new BackendFacts(version?.ToString(), Reading<Named<PoolState>>.Known(new(pools)), datasets, Importable(context, DiskLinks.Of(context.Answers)));
    }

    private static Reading<Dictionary<string, PoolState>> Pools(ObservationContext context)
    {
        var (properties, status) = (context.Answers.Output(PoolPropertiesProbe), context.Answers.Output(StatusProbe));
        return status.IsKnown(out var statusText)
            ? properties.Select(text => Pools(text, statusText, DiskLinks.Of(context.Answers)))
            : Reading<Dictionary<string, PoolState>>.Unknown(properties.Reason ?? status.Reason ?? "");
    }

    private static IEnumerable<IPoolDeclaration> Declarations(ObservationContext context) =>
        context.Manifests.All.Select(m => m.Spec).OfType<IPoolDeclaration>().Where(d => d.Backend == ZfsBackend.BackendName);

    /// <summary>Pools whose disks are not those that their manifests name: of these alone it is asked what a change of layout must know.</summary>
    private static IEnumerable<string> Changing(ObservationContext context)
    {
        if (!context.Answers.Has(DiskLinks.Probe.Key) || !Pools(context).IsKnown(out var pools)) yield break;
        var links = DiskLinks.Of(context.Answers);
        foreach (var declaration in Declarations(context).Where(d => d.DiskPaths.Count > 0))
        {
            if (pools.GetValueOrDefault(declaration.PoolName) is not { } pool) continue;
            if (StorageObserver.NewDisks(declaration, pool, links).Any() || pool.Vdevs.Sum(v => v.Disks.Count) != declaration.DiskPaths.Count) yield return pool.Name;
        }
    }

    internal static RunProbe Probe(string key, string tool, params string[] arguments) => new(key, new Command(tool, arguments, ReadTimeout));

    private static RunProbe DatasetsProbe(string pool, Version? version, ManifestSet manifests)
    {
        var extra = manifests.All.Select(m => m.Spec).OfType<IDatasetDeclaration>()
            .Where(d => d.DatasetName.Split('/')[0] == pool)
            .SelectMany(d => d.ExtraProperties);
        var known = ZfsCatalogue.Datasets.Values.Where(p => version is null || p.Since <= version).Select(p => p.Name);
        var names = Informative.Concat(known).Concat(ZfsMark.All).Concat(extra.Distinct().Order(StringComparer.Ordinal));
        return Probe($"zfs.get:{pool}", "zfs", "get", "-Hp", "-r", "-t", "filesystem,volume", "-o", "name,property,value,source", string.Join(',', names), pool);
    }

    private static RunProbe ImportProbe(IPoolDeclaration declaration)
    {
        var folders = declaration.DiskPaths.Select(Folder).Distinct().SelectMany(f => new[] { "-d", f });
        return Probe($"zpool.import:{declaration.PoolName}", "zpool", ["import", .. folders]);
    }

    private static string Folder(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash > 0 ? path[..slash] : "/";
    }

    private static Version? Version(Answers answers)
    {
        if (!answers.Has(VersionProbe.Key) || !answers.Output(VersionProbe).IsKnown(out var text)) return null;
        var number = new string([.. text.Split('\n')[0].Replace("zfs-", "", StringComparison.Ordinal).TakeWhile(c => char.IsAsciiDigit(c) || c == '.')]);
        return System.Version.TryParse(number, out var version) ? version : null;
    }

    /// <summary>Pools that are not asked for anything more: whoever does may wait in the kernel until they are cleared.</summary>
    private static IEnumerable<string> Suspended(string propertiesText) =>
        propertiesText.Split('\n').Select(l => l.Split('\t')).Where(f => f is [_, "health", PoolState.Suspended, ..]).Select(f => f[0]);

    private static string Suspension(string pool) => $"pool {pool} is suspended: its disks do not answer, and whoever reads or writes there waits. Bring them back, then 'zpool clear {pool}'";

    private static List<string> PoolNames(string propertiesText) => [.. propertiesText.Split('\n').Where(l => l.Length > 0).Select(l => l.Split('\t')[0]).Distinct()];

    private static Dictionary<string, PoolState> Pools(string propertiesText, string statusText, IReadOnlyDictionary<string, string> links)
    {
        var statuses = ZpoolStatusParser.Parse(statusText, links).ToDictionary(s => s.Pool);
        var pools = new Dictionary<string, PoolState>();
        foreach (var (name, properties) in ZfsGetParser.Parse(propertiesText))
        {
            var status = statuses.GetValueOrDefault(name) ?? new ZpoolStatus(name, "", "", []);
            pools[name] = new PoolState(
                name, Text(properties, "guid"), ZfsBackend.BackendName, Text(properties, "health"), status.Work.Length > 0 ? status.Work : status.Scan,
                Number(properties, "size"), Number(properties, "allocated"), Number(properties, "free"),
                properties.Where(p => ZfsCatalogue.Pools.ContainsKey(p.Key)).ToDictionary(), status.Vdevs)
            {
                Progress = status.Progress,
                Running = status.Running,
                UnrepairedErrors = status.UnrepairedErrors,
            };
        }

        return pools;
    }

    private static Dictionary<string, Reading<Named<DatasetState>>> Datasets(ObservationContext context, List<string> pools, Version? version) => pools.ToDictionary(
        pool => pool,
        pool => context.Answers.Output(DatasetsProbe(pool, version, context.Manifests)).Select(text => new Named<DatasetState>(
            Parsed.GetValue(text, ZfsGetParser.Parse).ToDictionary(d => d.Key, d => ZfsQuarantine.WithSnapshots(context, ZfsTemporary.Judged(context, Dataset(d.Key, d.Value)))))));

    private static readonly Dictionary<string, FileFacts> NoFacts = [];

    private static DatasetState Dataset(string name, Dictionary<string, PropertyValue> properties)
    {
        var guid = Text(properties, "guid");
        var mountpoint = Text(properties, "mountpoint");
        var keyStatus = Text(properties, "keystatus");
        var origin = Text(properties, "origin");
        return new DatasetState(
            name, guid, ZfsBackend.BackendName, Text(properties, "type"),
            properties.Where(p => IsPublished(p.Key)).ToDictionary(),
            ZfsMark.Read(guid, properties),
            Text(properties, "mounted") == "yes",
            mountpoint.StartsWith('/') ? mountpoint : null,
            keyStatus.Length == 0 ? "none" : keyStatus,
            origin.Length == 0 ? null : origin,
            new Usage(Number(properties, "used"), Number(properties, "available"), Number(properties, "referenced")),
            NoFacts)
        {
            Created = Number(properties, "creation") is > 0 and var seconds ? DateTimeOffset.FromUnixTimeSeconds((long)seconds) : null,
            Written = Number(properties, "written"),
        };
    }

    private static bool IsPublished(string property) =>
        ZfsCatalogue.Datasets.ContainsKey(property) || property.Contains('@', StringComparison.Ordinal)
        || (property.Contains(':', StringComparison.Ordinal) && !ZfsMark.All.Contains(property))
        || property is "encryption" or "encryptionroot" or "keyformat" or "keylocation";

    private static Dictionary<string, IReadOnlyDictionary<string, string>> Importable(ObservationContext context, IReadOnlyDictionary<string, string> links)
    {
        var importable = new Dictionary<string, IReadOnlyDictionary<string, string>>();
        foreach (var declaration in Declarations(context))
        {
            if (context.Answers.Find<RunAnswer>(ImportProbe(declaration).Key) is not { Failure: null } import) continue;
            var reading = Reading<string>.Known(import.Output).Select(text => ZpoolStatusParser.Parse(text, links));
            if (reading.Reason is { } reason) importable[declaration.PoolName] = new Dictionary<string, string> { [StorageFacts.Unreadable] = reason };
            foreach (var pool in reading.Value?.Where(p => p.Pool == declaration.PoolName) ?? [])
            {
                importable[pool.Pool] = new Dictionary<string, string>
                {
                    ["state"] = pool.State,
                    ["disks"] = string.Join(' ', pool.Vdevs.SelectMany(v => v.Disks).Select(d => d.Device)),
                    ["inUse"] = import.Output.Contains("last accessed by another system", StringComparison.Ordinal) ? "yes" : "no",
                };
            }
        }

        return importable;
    }

    private static string Text(Dictionary<string, PropertyValue> properties, string name) => properties.GetValueOrDefault(name)?.Value ?? "";

    private static ulong Number(Dictionary<string, PropertyValue> properties, string name) =>
        ulong.TryParse(Text(properties, name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}

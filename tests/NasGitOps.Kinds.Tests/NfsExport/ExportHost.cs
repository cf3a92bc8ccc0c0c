using System.Globalization;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Kinds.NfsExport;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.Tests.NfsExport;

/// <summary>A filesystem dataset, as far as exports look at it.</summary>
internal sealed record TestDataset(string DatasetName, string? Mountpoint = null, bool IsFilesystem = true) : ResourceSpec, IMountable;

/// <summary>A host that is a few files: answers probes, takes steps, and makes exports effective as <c>exportfs -ra</c> does.</summary>
internal sealed class ExportHost
{
    public const string Etab = "/var/lib/nfs/etab";
    public static readonly NfsExportKind Kind = new();

    public Dictionary<string, string> Files { get; } = [];

    public Dictionary<string, DatasetState> Datasets { get; } = [];

    public Dictionary<string, FileFacts> Places { get; } = [];

    public Dictionary<ResourceId, Applied> Records { get; } = [];

    /// <summary>Names that exportfs writes otherwise: to another name, or (null) not at all.</summary>
    public Dictionary<string, string?> Resolver { get; } = [];

    public string? EtabFails { get; set; }

    public HostPaths Paths { get; set; } = new();

    public static Manifest Export(string name, string spec) => Manifest(new ResourceId("NfsExport", name), NfsExportSpec.Parse(JObject.Parse(spec)));

    public static Manifest Dataset(string name, string? mountpoint = null, bool isFilesystem = true) =>
        Manifest(new ResourceId("Dataset", name), new TestDataset(name, mountpoint, isFilesystem));

    public void Mount(string name, string mountpoint, string guid = "42") => Datasets[name] = new DatasetState(
        name, guid, "zfs", "filesystem", new Dictionary<string, PropertyValue> { ["mountpoint"] = new(mountpoint, PropertyValue.Local) },
        null, true, mountpoint, "none", null, new Usage(0, 0, 0), new Dictionary<string, FileFacts>());

    public PlanInput Input(params Manifest[] manifests)
    {
        var set = new ManifestSet(manifests);
        var context = new ObservationContext(set, [.. Records.Keys], Paths, Answers.None);
        // What is asked in the second round depends on what was answered in the first.
        for (var round = 0; round < 2; round++) context = context with { Answers = new Answers(Kind.Probes(context).ToDictionary(p => p.Key, Answer)) };
        var facts = Kind.Observe(context, []);
        var observed = new Observed(
            "nas", DateTimeOffset.UnixEpoch, new Dictionary<string, string>(),
            Reading<Named<PoolState>>.Known(new Named<PoolState>(new Dictionary<string, PoolState>())),
            new Dictionary<string, Reading<Named<DatasetState>>> { ["tank"] = Reading<Named<DatasetState>>.Known(new Named<DatasetState>(Datasets)) },
            Accounts.Empty, new Dictionary<string, Reading<KindFacts>> { ["NfsExport"] = facts }, []);
        return new PlanInput(
            new Desired("c1", set, true, new Dictionary<string, Reading<string>>()), observed,
            new OwnershipRecords(null, Records, []), new Policy(), Paths, DateTimeOffset.UnixEpoch);
    }

    public Assessment Assess(Manifest manifest, params Manifest[] others) => Kind.Assess(manifest, Input([manifest, .. others]));

    /// <summary>What an executor does: builds from the differing fields, takes the steps, keeps the record.</summary>
    public IReadOnlyList<Step> Apply(Manifest manifest, params Manifest[] others)
    {
        var input = Input([manifest, .. others]);
        var assessment = Kind.Assess(manifest, input);
        var action = assessment.Existence == Existence.Absent ? ChangeAction.Create : assessment.Owned ? ChangeAction.Update : ChangeAction.Adopt;
        var fields = assessment.Fields.Where(f => !f.Equal).Select(f => new FieldChange(f.Name, f.Actual, f.Desired, "", Cause.Commit)).ToList();
        if (action == ChangeAction.Update && fields.Count == 0) return [];
        var steps = Kind.Build(manifest, action, fields, input).Steps;
        Take(steps);
        Records[manifest.Id] = new Applied(
            manifest.Id, "c1", assessment.Fields.Where(f => f.Desired is not null).ToDictionary(f => f.Name, f => f.Desired!), new Dictionary<string, string>());
        return steps;
    }

    public void Take(IEnumerable<Step> steps)
    {
        foreach (var step in steps)
        {
            if (step is InstallFile install) Files[install.Path] = install.Content;
            else if (step is DeleteFile delete) Files.Remove(delete.Path);
            else if (step is Reload) ReExport();
        }
    }

    public void ReExport() => Files[Etab] = string.Concat(
        Files.Where(f => f.Key.StartsWith("/etc/exports", StringComparison.Ordinal)).OrderBy(f => f.Key, StringComparer.Ordinal)
            .SelectMany(f => f.Value.Split('\n')).Where(l => l.StartsWith('/')).SelectMany(Lines).DistinctBy(l => l.Split('(')[0]));

    private IEnumerable<string> Lines(string line)
    {
        var words = line.Split(' ');
        foreach (var client in words.Skip(1))
        {
            var host = client.Split('(')[0];
            if (Resolver.TryGetValue(host, out var canonical) && canonical is null) continue;
            var written = client[(client.IndexOf('(', StringComparison.Ordinal) + 1)..^1].Split(',').ToHashSet();
            string Either(string usual, string other) => written.Contains(other) ? other : usual;
            string Value(string name, string usual) => written.FirstOrDefault(o => o.StartsWith(name + "=", StringComparison.Ordinal)) ?? usual;
            var access = written.Contains("rw") ? "rw" : "ro";
            var squash = written.Contains("all_squash") ? "root_squash,all_squash" : Either("root_squash", "no_root_squash") + ",no_all_squash";
            var fsid = unchecked((int)uint.Parse(Value("fsid", "fsid=0")[5..], CultureInfo.InvariantCulture));
            var guard = written.FirstOrDefault(o => o.StartsWith("mountpoint", StringComparison.Ordinal));
            yield return $"{words[0]}\t{canonical ?? host}({access},{Either("sync", "async")},{Either("wdelay", "no_wdelay")},hide,{Either("nocrossmnt", "crossmnt")},"
                + $"{Either("secure", "insecure")},{squash},no_subtree_check,{Either("secure_locks", "insecure_locks")},{Either("acl", "no_acl")},no_pnfs,fsid={fsid},"
                + $"{(guard is null ? "" : guard + ",")}{Value("anonuid", "anonuid=65534")},{Value("anongid", "anongid=65534")},{Value("sec", "sec=sys")},{access},{Either("secure", "insecure")},{squash})\n";
        }
    }

    private Answer Answer(Probe probe) => probe switch
    {
        FileProbe { Path: Etab } when EtabFails is not null => new FilesAnswer(new Dictionary<string, string>()) { Failure = EtabFails },
        FileProbe file => new FilesAnswer(Files.Where(f => f.Key == file.Path).ToDictionary()),
        FolderProbe folder => new FilesAnswer(Files.Where(f => f.Key.StartsWith(folder.Folder + "/", StringComparison.Ordinal) && f.Key.EndsWith(folder.Suffix, StringComparison.Ordinal)).ToDictionary()),
        FactsProbe facts => new FactsAnswer(facts.RelativePaths.Where(p => Places.ContainsKey($"{facts.Root}/{p}".TrimEnd('/')))
            .ToDictionary(p => p, p => Places[$"{facts.Root}/{p}".TrimEnd('/')])),
        RunProbe { Command: { Tool: "getent", Arguments: ["ahosts", var host] } } => new RunAnswer(Resolver.TryGetValue(host, out var name) && name is null ? 2 : 0, "", ""),
        _ => throw new InvalidOperationException($"exports ask files only, not {probe}"),
    };

    private static Manifest Manifest(ResourceId id, ResourceSpec spec) => new(
        id, new Provenance("a.yaml", 1, 1), new Dictionary<string, string>(), new Dictionary<string, string>(), [], false, DriftMode.Enforce, spec, _ => (1, 1));
}

using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using Row = System.Collections.Generic.IReadOnlyDictionary<string, string>;

namespace NasGitOps.Kinds.NfsExport;

/// <summary>What to read of exports (files only, no process), and the steps that install and remove ours.</summary>
internal static class NfsExportDriver
{
    private const uint WritableByOthers = 0b000_010_010;
    private const uint Sticky = 0b1_000_000_000;
    private static readonly TimeSpan LookupTimeout = TimeSpan.FromSeconds(10);
    private const string EtabPath = "/var/lib/nfs/etab";
    private const string MainFile = "/etc/exports";
    private const string EtabKey = "nfs:etab";
    private const string MainKey = "nfs:exports";
    private const string FolderKey = "nfs:folder";

    /// <summary>What the exit code tells is not about our file alone (a foreign duplicate makes it 1, an unresolved host leaves it 0): the read-back decides.</summary>
    public static IEnumerable<Step> Reload(HostPaths paths) => paths.ServesExports ? [new Reload("nfs", Command.Of("exportfs", "-ra"))] : [];

    public static string FilePath(string name, HostPaths paths) => $"{paths.ExportsDirectory.TrimEnd('/')}/{OurExportFile.FileName(name)}";

    public static IEnumerable<Probe> Probes(ObservationContext context) =>
        [new FileProbe(EtabKey, EtabPath), new FileProbe(MainKey, MainFile), Folder(context), .. Places(context).Select(p => p.Probe), .. Lookups(context).Select(l => l.Probe)];

    public static Reading<KindFacts> Observe(ObservationContext context, List<UnmanagedThing> unmanaged)
    {
        var etab = Files(context, EtabKey, EtabPath);
        var main = Files(context, MainKey, MainFile);
        var folder = Files(context, FolderKey, context.Paths.ExportsDirectory);
        if (new[] { etab, main, folder }.FirstOrDefault(r => r.State == ReadingState.Unknown) is { } unknown) return Reading<KindFacts>.Unknown(unknown.Reason ?? "");

        var recorded = context.Owned.Where(id => id.Kind == NfsExportKind.KindName).Select(id => OurExportFile.FileName(id.Name)).ToHashSet();
        var byName = folder.Value!.ToDictionary(f => f.Key[(f.Key.LastIndexOf('/') + 1)..], f => f.Value);
        bool IsOurs(string name, string text) => recorded.Contains(name) || OurExportFile.Parse(text) is { } file && OurExportFile.FileName(file.Resource.Name) == name;
        var wanted = context.Manifests.OfSpec<NfsExportSpec>().Select(m => OurExportFile.FileName(m.Manifest.Id.Name)).ToHashSet();
        var foreign = main.Value!.Concat(folder.Value!.Where(f => !IsOurs(f.Key[(f.Key.LastIndexOf('/') + 1)..], f.Value)))
            .OrderBy(f => f.Key, StringComparer.Ordinal)
            .SelectMany(f => ExportsFile.Lines(f.Value).Select(e => (File: f.Key, e.Path, e.Client, e.Line)))
            .ToList();
        var takesOver = context.Manifests.OfSpec<NfsExportSpec>().Any(m => m.Spec.TakeOver);
        unmanaged.AddRange(foreign.GroupBy(f => (f.File, f.Path)).Select(g => new UnmanagedThing(NfsExportKind.KindName, g.Key.Path, $"{string.Join(", ", g.Select(f => f.Client))} ({g.Key.File})")));
        return Reading<KindFacts>.Known(new KindFacts(new Dictionary<string, IReadOnlyDictionary<string, Row>>
        {
            [ExportFacts.FilesTable] = byName.Where(f => IsOurs(f.Key, f.Value) || wanted.Contains(f.Key)).ToDictionary(f => f.Key, f => Columns((ExportFacts.Text, f.Value))),
            [ExportFacts.EffectiveTable] = Effective(context, etab.Value!, byName).DistinctBy(e => (e.Path, e.Client)).ToDictionary(
                e => $"{ExportText.Encode(e.Path)} {e.Client}",
                e => Columns((ExportFacts.Path, e.Path), (ExportFacts.Client, e.Client), (ExportFacts.Options, string.Join(',', e.Options)))),
            [ExportFacts.ForeignTable] = foreign.Index().ToDictionary(
                f => $"{f.Index}", f => Columns([(ExportFacts.File, f.Item.File), (ExportFacts.Path, f.Item.Path), (ExportFacts.Client, f.Item.Client), .. takesOver ? [(ExportFacts.Line, f.Item.Line)] : Array.Empty<(string, string)>()])),
            [ExportFacts.ResolvedTable] = Lookups(context).Where(l => context.Answers.Find<RunAnswer>(l.Probe.Key) is { Failure: null, ExitCode: 0 }).ToDictionary(l => l.Name, _ => Columns()),
            [ExportFacts.PlacesTable] = Places(context).Select(p => (p.Key, State: State(context, p.Probe))).Where(p => p.State is not null)
                .ToDictionary(p => p.Key, p => Columns((ExportFacts.State, p.State!))),
        }));
    }

    public static Work Build(Manifest manifest, NfsExportSpec spec, ChangeAction action, IReadOnlyList<FieldChange> fields, PlanInput input)
    {
        if (ExportPlace.Find(spec, input.Desired.Manifests, input.Observed) is not { } place || input.Observed.Facts(NfsExportKind.KindName).Value is not { } facts) return new Work([]);
        var needs = input.Desired.Manifests.FindDataset(place.Dataset) is { } dataset ? new[] { dataset.Id } : [];
        if (Withdrawal.Is(fields)) return new Work([new DeleteFile(FilePath(manifest.Id.Name, input.Paths)), .. Reload(input.Paths)]) { Needs = needs };
        if (action == ChangeAction.Adopt && fields.Count == 0) return new Work([]) { Needs = needs };
        var fsid = FsidAllocation.Of(input, ExportFacts.Of(facts))[manifest.Id];
        var content = OurExportFile.Render(manifest.Id, spec, place, fsid);
        var foreign = ExportTakeOver.Lines(spec, place, ExportFacts.Of(facts));
        return new Work([new InstallFile(FilePath(manifest.Id.Name, input.Paths), content, "0644"), .. ExportTakeOver.Steps(foreign), .. Reload(input.Paths)]) { Needs = needs };
    }

    /// <summary>What the kernel exports; with a folder of our own, which nobody reads, what stands in it.</summary>
    private static IEnumerable<ExportEntry> Effective(ObservationContext context, IReadOnlyDictionary<string, string> etab, Dictionary<string, string> files) => context.Paths.ServesExports
        ? Etab.Parse(etab.GetValueOrDefault(EtabPath, ""))
        : files.OrderBy(f => f.Key, StringComparer.Ordinal).SelectMany(f => OurExportFile.Entries(f.Value));

    /// <summary>Clients that are names and are not exported to: a name service tells whether they can be.</summary>
    private static IEnumerable<(string Name, RunProbe Probe)> Lookups(ObservationContext context)
    {
        if (!context.Paths.ServesExports || !Files(context, EtabKey, EtabPath).IsKnown(out var etab)) return [];
        var effective = Etab.Parse(etab.GetValueOrDefault(EtabPath, ""));
        return context.Manifests.OfSpec<NfsExportSpec>()
            .SelectMany(m => m.Spec.Clients.Select(c => (c.Host, ExportPlace.Find(m.Spec, context.Manifests, observed: null)?.Path)))
            .Where(c => ClientHost.IsName(c.Host) && !effective.Any(e => e.Path == c.Path && ClientComparison.Named(c.Host, e.Client)))
            .Select(c => c.Host)
            .Distinct()
            .Select(h => (h, new RunProbe($"nfs:lookup:{h}", new Command("getent", ["ahosts", h], LookupTimeout))));
    }

    private static FolderProbe Folder(ObservationContext context) => new(FolderKey, context.Paths.ExportsDirectory, OurExportFile.Suffix);

    /// <summary>One question for each export of a directory below a mount root: every part of its path, so that a link in the middle is seen.</summary>
    private static IEnumerable<(string Key, FactsProbe Probe)> Places(ObservationContext context) =>
        context.Manifests.OfSpec<NfsExportSpec>()
            .Select(m => ExportPlace.Find(m.Spec, context.Manifests, observed: null))
            .OfType<ExportPlace>()
            .Where(p => p.Subpath.Length > 0)
            .Distinct()
            .Select(p => (ExportFacts.PlaceKey(p.Root, p.Subpath), new FactsProbe($"nfs:place:{p.Root} {p.Subpath}", p.Root, ["", .. Prefixes(p.Subpath)])));

    private static string? State(ObservationContext context, FactsProbe probe)
    {
        if (context.Answers.Find<FactsAnswer>(probe.Key) is not { Failure: null } answer || !answer.Facts.ContainsKey("")) return null;
        var parts = probe.RelativePaths.Skip(1).Select(answer.Facts.GetValueOrDefault).ToList();
        if (parts.Any(p => p is { IsLink: true })) return ExportFacts.StateLink;
        if (parts[^1] is not { } last) return ExportFacts.StateAbsent;
        if (!last.IsDirectory) return ExportFacts.StateFile;
        var above = parts.SkipLast(1).Prepend(answer.Facts[""]);
        return parts.Zip(above).All(p => p.First is not null && p.Second is not null && IsFixed(p.First, p.Second)) ? ExportFacts.StateDirectory : ExportFacts.StateOpen;
    }

    /// <summary>Whether nobody but root can rename a directory or put something in its place. The group's bits also bound what an access list grants.</summary>
    private static bool IsFixed(FileFacts directory, FileFacts parent)
    {
        var mode = Convert.ToUInt32(parent.Mode, 8);
        var onlyRootWrites = (mode & WritableByOthers) == 0 || ((mode & Sticky) != 0 && directory.Uid == 0);
        return parent.Uid == 0 && onlyRootWrites;
    }

    private static IEnumerable<string> Prefixes(string subpath)
    {
        for (var slash = subpath.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = subpath.IndexOf('/', slash + 1)) yield return subpath[..slash];
        yield return subpath;
    }

    private static Reading<IReadOnlyDictionary<string, string>> Files(ObservationContext context, string key, string path) => context.Answers.Find<FilesAnswer>(key) switch
    {
        null => Reading<IReadOnlyDictionary<string, string>>.Unknown($"{path} was not read"),
        { Failure: { } failure } => Reading<IReadOnlyDictionary<string, string>>.Unknown($"{path}: {failure}"),
        var answer => Reading<IReadOnlyDictionary<string, string>>.Known(answer.Files),
    };

    private static Row Columns(params (string Name, string Value)[] columns) => columns.ToDictionary(c => c.Name, c => c.Value);
}

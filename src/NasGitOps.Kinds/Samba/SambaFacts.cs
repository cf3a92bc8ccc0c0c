using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using Row = System.Collections.Generic.IReadOnlyDictionary<string, string>;

namespace NasGitOps.Kinds.Samba;

/// <summary>What both Samba kinds read: the effective configuration and our own files. Asked once, since the probes have equal keys.</summary>
internal static class SambaFacts
{
    /// <summary>Table: our share files by file name, with <see cref="Text"/> and <see cref="Resource"/>.</summary>
    public const string Files = "files";

    /// <summary>Table: parameters by section; <see cref="GlobalRow"/> for the globals.</summary>
    public const string Effective = "effective";

    /// <summary>Table: share sections that are not ours, with their parameters.</summary>
    public const string Foreign = "foreign";

    /// <summary>Table: the unit that runs smbd.</summary>
    public const string Service = "service";

    public const string GlobalRow = "global";
    public const string Text = "text";
    public const string Resource = "resource";
    public const string SmbConfRow = "smb.conf";
    public const string IncludeRow = "nasgitops.conf";
    public const string ServiceRow = "smbd";
    public const string AnnouncementRow = "avahi";
    public const string State = "state";

    private const string FilesKey = "samba:files";
    private const string SmbConfKey = "samba:smb.conf";
    private const string IncludeKey = "samba:nasgitops.conf";
    private const string AnnouncementKey = "samba:avahi";

    /// <summary>Debian's own printer shares serve no files and count for nobody.</summary>
    private static readonly HashSet<string> Stock = new(StringComparer.OrdinalIgnoreCase) { "printers", "print$" };

    /// <summary>The kinds that this folder is about, as resources name them.</summary>
    private static readonly HashSet<string> Kinds = new(StringComparer.Ordinal) { "SmbShare", "SambaServer" };

    /// <summary>Whether anything of Samba is declared here, or was.</summary>
    public static bool IsWanted(ObservationContext context) =>
        context.Manifests.All.Any(m => Kinds.Contains(m.Id.Kind)) || context.Owned.Any(id => Kinds.Contains(id.Kind));

    /// <summary>The files cost no process; testparm runs where something of Samba is there or wanted.</summary>
    public static IEnumerable<Probe> Probes(ObservationContext context)
    {
        var paths = SambaPaths.Of(context.Paths);
        yield return new FileProbe(SmbConfKey, paths.SmbConf);
        yield return new FileProbe(IncludeKey, paths.Include);
        yield return new FileProbe(AnnouncementKey, Announcement.Path(context.Paths.AvahiDirectory));
        yield return new FolderProbe(FilesKey, paths.ShareFolder, ".conf");
        if (IsWanted(context) || FileText(context, SmbConfKey, paths.SmbConf).State == ReadingState.Known) yield return SambaCommands.Effective(paths);
    }

    /// <summary>All that the answers say; Unknown when one of them is missing, Absent where there is no Samba and nobody wants it.</summary>
    public static Reading<SambaState> Read(ObservationContext context)
    {
        var paths = SambaPaths.Of(context.Paths);
        var smbConf = FileText(context, SmbConfKey, paths.SmbConf);
        var include = FileText(context, IncludeKey, paths.Include);
        if (smbConf.State == ReadingState.Unknown) return Reading<SambaState>.Unknown(smbConf.Reason ?? "");
        if (include.State == ReadingState.Unknown) return Reading<SambaState>.Unknown(include.Reason ?? "");
        var announcement = FileText(context, AnnouncementKey, Announcement.Path(context.Paths.AvahiDirectory));
        if (announcement.State == ReadingState.Unknown) return Reading<SambaState>.Unknown(announcement.Reason ?? "");
        if (smbConf.State == ReadingState.Absent && !IsWanted(context)) return Reading<SambaState>.Absent;
        if (context.Answers.Find<FilesAnswer>(FilesKey) is not { Failure: null } folder)
        {
            return Reading<SambaState>.Unknown($"{paths.ShareFolder} could not be read: {context.Answers.Find<FilesAnswer>(FilesKey)?.Failure ?? "it was not asked for"}");
        }

        return context.Answers.Output(SambaCommands.Effective(paths)).Select(output => Build(TestparmOutput.Parse(output), smbConf.Value ?? "", include.Value, folder.Files) with { Announcement = announcement.Value });
    }

    /// <summary>The effective value: the section's, else the global one, else Samba's own default.</summary>
    public static string Value(SambaParameter parameter, Row? section, Row globals) =>
        section?.GetValueOrDefault(parameter.Name) ?? globals.GetValueOrDefault(parameter.Name) ?? parameter.Default;

    /// <summary>Globals, our include file and the host's smb.conf, as the server's facts carry them.</summary>
    public static Reading<KindFacts> OfServer(PlanInput input) => input.Observed.Facts("SambaServer");

    /// <summary>Our sections and files, and the foreign ones, as the shares' facts carry them.</summary>
    public static Reading<KindFacts> OfShares(PlanInput input) => input.Observed.Facts("SmbShare");

    /// <summary>Whether there may be sessions to speak to: without smbd, smbcontrol fails. A private smbd has no unit and is taken to run.</summary>
    public static bool Runs(PlanInput input) =>
        OfServer(input).Value?.Table(Service).GetValueOrDefault(ServiceRow)?.GetValueOrDefault(State) is null or "active";

    private static SambaState Build(TestparmOutput effective, string smbConf, string? include, IReadOnlyDictionary<string, string> folder)
    {
        var files = folder
            .Select(f => (Name: f.Key[(f.Key.LastIndexOf('/') + 1)..], Text: f.Value, Resource: SmbConfText.ResourceOf(f.Value)))
            .ToDictionary(f => f.Name, f => f, StringComparer.Ordinal);
        var foreignByText = SmbConfText.Sections(smbConf).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var ours = new Dictionary<string, Row>(StringComparer.OrdinalIgnoreCase);
        var foreign = new Dictionary<string, Row>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, parameters) in effective.Sections)
        {
            var isOurs = files.ContainsKey(SambaPaths.FileName(name)) && !foreignByText.Contains(name);
            if (isOurs) ours[name] = parameters;
            else if (!Stock.Contains(name)) foreign[name] = parameters;
        }

        return new SambaState(
            effective.Global,
            ours,
            foreign,
            files.ToDictionary(f => f.Key, f => (Row)new Dictionary<string, string> { [Resource] = f.Value.Resource ?? "", [Text] = f.Value.Text }),
            smbConf,
            include);
    }

    private static Reading<string> FileText(ObservationContext context, string key, string path)
    {
        if (context.Answers.Find<FilesAnswer>(key) is not { } answer) return Reading<string>.Unknown($"{path} was not read");
        if (answer.Failure is not null) return Reading<string>.Unknown($"{path}: {answer.Failure}");
        return answer.Files.GetValueOrDefault(path) is { } text ? Reading<string>.Known(text) : Reading<string>.Absent;
    }
}

/// <summary>Samba's effective configuration and the files it comes from.</summary>
/// <param name="Include">Null where our include file does not exist.</param>
internal sealed record SambaState(
    Row Globals,
    IReadOnlyDictionary<string, Row> Ours,
    IReadOnlyDictionary<string, Row> Foreign,
    IReadOnlyDictionary<string, Row> Files,
    string SmbConf,
    string? Include)
{
    /// <summary>Our Avahi service file; null where there is none.</summary>
    public string? Announcement { get; init; }
}

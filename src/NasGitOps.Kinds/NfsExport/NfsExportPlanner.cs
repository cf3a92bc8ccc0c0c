using System.Globalization;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.NfsExport;

/// <summary>Compares an export with our file and with what is effective (etab).</summary>
internal static class NfsExportPlanner
{
    public const string Path = "path";
    public const string Dataset = "dataset";
    public const string Subpath = "subpath";
    public const string Fsid = "fsid";
    public const string File = "file";
    private const string AsGenerated = "as generated";
    private const string EditedByHand = "edited by hand";

    public static Assessment Assess(Manifest manifest, NfsExportSpec spec, PlanInput input)
    {
        var reading = input.Observed.Facts(NfsExportKind.KindName);
        if (!reading.IsKnown(out var known)) return Assessment.Unknown(reading.Reason ?? "");
        var facts = ExportFacts.Of(known);
        var fileName = OurExportFile.FileName(manifest.Id.Name);
        var text = facts.FileText(fileName);
        var existence = text is null ? Existence.Absent : Existence.Present;
        if (ExportPlace.Find(spec, input.Desired.Manifests, input.Observed) is not { } place)
        {
            return new Assessment(existence, []) { Blocker = NoPlace(spec) };
        }

        var fsid = FsidAllocation.Of(input, facts)[manifest.Id];
        var file = facts.Ours.GetValueOrDefault(fileName);
        var problem = PlaceProblem(place, facts, input);
        if (problem is not null && file?.Resource == manifest.Id && IsUntrusted(problem)) return Withdrawal.Of(problem);
        var stands = text == OurExportFile.Render(manifest.Id, spec, place, fsid);
        var clients = new ClientComparison(manifest.Id, spec, place, stands, facts, input);
        var foreign = ExportTakeOver.Lines(spec, place, facts);
        // What is taken over is there already, at this place.
        if (foreign.Count > 0) existence = Existence.Present;
        var there = file is null && foreign.Count > 0 ? (place.Path, place.Dataset, place.Subpath) : (Path: file?.Path, Dataset: file?.Dataset, Subpath: file?.Subpath);
        List<Field> fields =
        [
            Plain(Path, place.Path, there.Path, Risk.Disruptive),
            Plain(Dataset, place.Dataset, there.Dataset, Risk.Safe),
            .. place.Subpath.Length > 0 || there is { Subpath.Length: > 0 } ? [Plain(Subpath, place.Subpath, there.Subpath, Risk.Safe)] : Array.Empty<Field>(),
            Plain(Fsid, Text(fsid), Text(clients.OtherFsid(fsid) ?? file?.Fsid), Risk.Disruptive),
            .. clients.Fields,
            .. ExportTakeOver.Fields(spec, foreign),
        ];
        fields.Add(new Field(
            File, AsGenerated, text is null ? null : stands ? AsGenerated : EditedByHand,
            // Where something that is named differs, the file differs because of it: one difference is told once.
            Equal: text is not null && (stands || fields.Any(f => !f.Equal))));
        return new Assessment(existence, fields)
        {
            Owned = input.Record(manifest.Id) is not null,
            Blocker = ForeignFile(manifest.Id, text, file, input) ?? (foreign.Count > 0 ? ExportTakeOver.Problem(manifest.Id, spec, place, facts) : clients.ForeignExport()) ?? problem,
            AtStake = AtStake.Nothing with { Clients = clients.Disrupted },
            Notices = clients.Notices,
        };
    }

    /// <summary>Our file goes, and with it what is effective of it; also the rest of a removal that was cut short after its file was gone.</summary>
    public static Absence Absent(ResourceId id, PlanInput input)
    {
        var reading = input.Observed.Facts(NfsExportKind.KindName);
        if (!reading.IsKnown(out var known)) return new Absence(null, [], [], new Notice(id, Notice.Unknown, reading.Reason ?? "", Degraded: true));
        var facts = ExportFacts.Of(known);
        var fileName = OurExportFile.FileName(id.Name);
        var hasFile = facts.FileText(fileName) is not null;
        var path = facts.Ours.GetValueOrDefault(fileName)?.Path ?? input.Record(id)?.Fields.GetValueOrDefault(Path);
        var clients = facts.Effective.Where(e => e.Path == path && !ExportedByOthers(e, id, facts, input)).Select(e => e.Client).Order(StringComparer.Ordinal).ToList();
        if (!hasFile && clients.Count == 0) return Absence.Nothing;
        Step[] steps = [.. hasFile ? [new DeleteFile(NfsExportDriver.FilePath(id.Name, input.Paths))] : Array.Empty<Step>(), .. NfsExportDriver.Reload(input.Paths)];
        return new Absence(ChangeAction.Remove, steps, [new FieldChange(Path, path, null, "", Cause.Commit)], null) { AtStake = AtStake.Nothing with { Clients = clients } };
    }

    /// <summary>Whether a foreign file, or another export of ours, stands behind what is effective.</summary>
    public static bool ExportedByOthers(ExportEntry entry, ResourceId self, ExportFacts facts, PlanInput input) =>
        facts.Foreign.Any(f => f.Path == entry.Path && ClientComparison.Named(f.Client, entry.Client))
        || input.Desired.Manifests.OfSpec<NfsExportSpec>().Any(m =>
            m.Manifest.Id != self
            && m.Spec.Clients.Any(c => ClientComparison.Named(c.Host, entry.Client))
            && ExportPlace.Find(m.Spec, input.Desired.Manifests, input.Observed)?.Path == entry.Path);

    private static Field Plain(string name, string desired, string? actual, Risk risk) => new(name, desired, actual, desired == actual, Risk: actual is null ? Risk.Safe : risk);

    private static string? Text(uint? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);

    private static Blocker NoPlace(NfsExportSpec spec) => spec.Dataset is { } dataset
        ? new Blocker("NotMountable", $"dataset {dataset} has no mount point", "give it a mountpoint, or export another dataset")
        : new Blocker("PathNotManaged", $"{spec.Path} is on no dataset of this repository", "declare the dataset that holds it");

    private static Blocker? ForeignFile(ResourceId id, string? text, OurExportFile? file, PlanInput input) =>
        text is null || file?.Resource == id || input.Record(id) is not null
            ? null
            : new Blocker("ForeignFile", $"{NfsExportDriver.FilePath(id.Name, input.Paths)} exists and does not say that it is ours", "move what it holds to a file of another name, or remove it");

    private static Blocker? PlaceProblem(ExportPlace place, ExportFacts facts, PlanInput input)
    {
        if (place.Subpath.Length == 0) return null;
        if (!ExportText.IsPlainPath(place.Root)) return UnsafeRoot(place);
        var state = input.Observed.Dataset(place.Dataset).Value;
        if (state is not { Mounted: true } || state.Mountpoint != place.Root) return null;
        return facts.PlaceState(place.Root, place.Subpath) switch
        {
            ExportFacts.StateAbsent when !IsDeclared(place, input) => new Blocker(
                "PathMissing", $"there is no directory {place.Path}", $"make it, or declare it under directories of Dataset {place.Dataset}"),
            ExportFacts.StateLink => new Blocker("PathIsLink", $"a part of {place.Path} is a symbolic link; who may write there could export any directory of this host", "look who made it; put a directory in its place"),
            ExportFacts.StateFile => new Blocker("PathNotDirectory", $"{place.Path} is no directory", "export a directory"),
            ExportFacts.StateOpen => new Blocker(
                "PathReplaceable",
                $"others than root may write to a directory above {place.Path}, and so put a link in its place; exportfs would follow it to any directory of this host",
                $"give {place.Path} a Dataset of its own, or take write permission from the directories above it (a sticky bit is enough where root owns the one below)"),
            _ => null,
        };
    }

    /// <summary>Where exportfs may be led astray. A directory that is not there is only not exported.</summary>
    private static bool IsUntrusted(Blocker problem) => problem.Reason is "PathIsLink" or "PathNotDirectory" or "PathReplaceable";

    private static Blocker UnsafeRoot(ExportPlace place) => new(
        "PathNotExportable",
        $"the mount point {place.Root} holds characters that etab cannot carry in an option, so a directory below it cannot be guarded against an unmounted dataset",
        "export the dataset itself, or give it a mountpoint of letters, digits and / . _ - + : @");

    private static bool IsDeclared(ExportPlace place, PlanInput input) =>
        input.Desired.Manifests.FindDataset(place.Dataset)?.Spec is IDatasetDeclaration declared
        && declared.WatchedPaths.Any(p => p == place.Subpath || p.StartsWith(place.Subpath + "/", StringComparison.Ordinal));
}

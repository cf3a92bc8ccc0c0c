using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Kinds.Samba;
using NasGitOps.Storage;
using Row = System.Collections.Generic.IReadOnlyDictionary<string, string>;

namespace NasGitOps.Kinds.SmbShare;

/// <summary>What to ask the host about shares, how to read it, and which steps make and remove one.</summary>
internal static class SmbShareDriver
{
    private const string FileMode = "0644";

    public static IEnumerable<Probe> Probes(ObservationContext context) => SambaFacts.Probes(context);

    public static Reading<KindFacts> Observe(ObservationContext context, List<UnmanagedThing> unmanaged)
    {
        var state = SambaFacts.Read(context);
        if (!state.IsKnown(out var samba)) return state.Select(_ => new KindFacts(new Dictionary<string, IReadOnlyDictionary<string, Row>>()));
        unmanaged.AddRange(samba.Foreign.Select(f => new UnmanagedThing(SmbShareKind.KindName, f.Key, f.Value.GetValueOrDefault("path") ?? "")));
        return Reading<KindFacts>.Known(new KindFacts(new Dictionary<string, IReadOnlyDictionary<string, Row>>
        {
            [SambaFacts.Effective] = samba.Ours,
            [SambaFacts.Files] = samba.Files,
            [SambaFacts.Foreign] = samba.Foreign,
        }));
    }

    public static Work Build(Manifest manifest, IReadOnlyList<FieldChange> fields, PlanInput input, StorageSystem storage)
    {
        var spec = (SmbShareSpec)manifest.Spec;
        var paths = SambaPaths.Of(input.Paths);
        var name = manifest.Id.Name;
        var path = DatasetPaths.Below(spec.Dataset, spec.Subpath, input.Desired.Manifests, input.Observed)
            ?? throw new InvalidOperationException($"{manifest.Id} was assessed as blocked: it has no path");
        if (Withdrawal.Is(fields)) return new Work([new DeleteFile(paths.ShareFile(name)), SambaCommands.Reload(paths, SambaFacts.Runs(input) ? [SambaCommands.Close(paths, name)] : [])]);
        var server = SambaFacts.OfServer(input).Value;
        var isTakenOver = SambaFacts.OfShares(input).Value is { } shares && ShareTakeOver.Section(name, spec, shares) is not null;
        var told = isTakenOver ? [.. fields.Where(f => f.Name != "vfs objects")] : fields;
        return new Work(
        [
            new InstallFile(paths.ShareFile(name), SmbShareRendering.Text(name, spec, path, PreviousVersions.View(spec, storage, input.Desired.Manifests, input.Observed)), FileMode, SambaCommands.Check),
            .. isTakenOver && server is not null ? ShareTakeOver.Steps(name, server, paths) : [],
            SambaCommands.Reload(paths, SambaFacts.Runs(input) ? ToTell(told, paths, name) : []),
        ]);
    }

    public static IEnumerable<ResourceId> Owned(PlanInput input) =>
        SambaFacts.OfShares(input).Value?.Table(SambaFacts.Files).Values
            .Select(file => ResourceId.TryParse(file.GetValueOrDefault(SambaFacts.Resource) ?? ""))
            .OfType<ResourceId>()
            .Where(id => id.Kind == SmbShareKind.KindName)
        ?? [];

    /// <summary>The share goes, its data stays. Its include line goes with the server's next change; Samba ignores an include that is not there.</summary>
    public static Absence Absent(ResourceId id, PlanInput input)
    {
        var facts = SambaFacts.OfShares(input);
        if (facts.State == ReadingState.Unknown)
        {
            return new Absence(null, [], [], new Notice(id, Notice.Unknown, $"whether it is still shared is not known: {facts.Reason}", Degraded: true));
        }

        if (facts.Value?.Table(SambaFacts.Files).ContainsKey(SambaPaths.FileName(id.Name)) != true) return Absence.Nothing;
        var paths = SambaPaths.Of(input.Paths);
        var path = facts.Value.Table(SambaFacts.Effective).GetValueOrDefault(id.Name)?.GetValueOrDefault("path");
        return new Absence(
            ChangeAction.Remove,
            [new DeleteFile(paths.ShareFile(id.Name)), SambaCommands.Reload(paths, SambaFacts.Runs(input) ? [SambaCommands.Close(paths, id.Name)] : [])],
            [new FieldChange(SmbShareFields.Path, path, null, "", Cause.Commit)],
            null);
    }

    /// <summary>
    /// smbd checks access when a client connects: somebody who was taken out, or may only read from now on, goes on as before until told
    /// otherwise, while close-denied-share cuts off exactly those (seen on 4.22). A new path or encryption concerns everyone on the share.
    /// </summary>
    private static IReadOnlyList<Command> ToTell(IReadOnlyList<FieldChange> fields, SambaPaths paths, string name)
    {
        var changed = fields.Where(f => f.Before is not null && f.Name != ShareTakeOver.FieldName).Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        if (changed.Overlaps(ConcernsEveryone)) return [SambaCommands.Close(paths, name)];
        return changed.Overlaps(ConcernsSome) ? [SambaCommands.CloseDenied(paths, name)] : [];
    }

    private static readonly string[] ConcernsEveryone = [SmbShareFields.Path, "vfs objects", "options.server smb encrypt", "admin users", "force user", "wide links"];

    private static readonly string[] ConcernsSome =
    [
        SmbShareFields.ReadWrite, SmbShareFields.ReadOnly, SmbShareFields.Deny, SmbShareFields.Guest, "read only", "valid users", "guest only",
        "options.hosts allow", "options.hosts deny",
    ];
}

using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Kinds.Samba;
using Row = System.Collections.Generic.IReadOnlyDictionary<string, string>;
using Table = System.Collections.Generic.IReadOnlyDictionary<string, System.Collections.Generic.IReadOnlyDictionary<string, string>>;

namespace NasGitOps.Kinds.SambaServer;

/// <summary>What to ask the host about its SMB server, how to read it, and which steps make and remove ours.</summary>
internal static class SambaServerDriver
{
    private const string FileMode = "0644";

    public static IEnumerable<Probe> Probes(ObservationContext context)
    {
        foreach (var probe in SambaFacts.Probes(context)) yield return probe;
        if (AsksForService(context)) yield return SambaCommands.Service;
    }

    public static Reading<KindFacts> Observe(ObservationContext context)
    {
        var service = Service(context);
        if (service.State == ReadingState.Unknown) return Reading<KindFacts>.Unknown(service.Reason ?? "");
        return SambaFacts.Read(context).Select(samba =>
        {
            var files = new Dictionary<string, Row> { [SambaFacts.SmbConfRow] = TextRow(samba.SmbConf) };
            if (samba.Include is { } include) files[SambaFacts.IncludeRow] = TextRow(include);
            if (samba.Announcement is { } announcement) files[SambaFacts.AnnouncementRow] = TextRow(announcement);
            return new KindFacts(new Dictionary<string, Table>
            {
                [SambaFacts.Effective] = new Dictionary<string, Row> { [SambaFacts.GlobalRow] = samba.Globals },
                [SambaFacts.Files] = files,
                [SambaFacts.Service] = service.Value is { } state
                    ? new Dictionary<string, Row> { [SambaFacts.ServiceRow] = new Dictionary<string, string> { [SambaFacts.State] = state } }
                    : [],
            });
        });
    }

    public static Work Build(SambaServerSpec spec, IReadOnlyList<FieldChange> fields, PlanInput input)
    {
        var known = SambaFacts.OfServer(input).Value;
        var shares = SambaFacts.OfShares(input).Value;
        if (known is null || shares is null) throw new InvalidOperationException("the server was assessed as unknown: there is nothing to build");
        var paths = SambaPaths.Of(input.Paths);
        var names = fields.Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        var writesBlock = names.Remove(SambaServerPlanner.SmbConf);
        var starts = names.Remove(SambaServerPlanner.Service);
        var announces = names.Remove(SambaServerPlanner.Announced);
        var steps = new List<Step>();
        if (names.Count > 0)
        {
            var wanted = SambaServerPlanner.Wanted(spec, input, known, shares);
            steps.Add(new InstallFile(paths.Include, wanted.Text(wanted.ShareFiles), FileMode, SambaCommands.Check));
        }

        if (writesBlock)
        {
            var text = SambaServerPlanner.Text(known, SambaFacts.SmbConfRow) ?? "";
            steps.Add(new InstallFile(paths.SmbConf, SmbConfText.WithBlock(text, paths.Include), FileMode, SambaCommands.CheckHostFile));
        }

        if (announces)
        {
            var path = Announcement.Path(input.Paths.AvahiDirectory);
            steps.Add(SambaServerPlanner.Announces(input) is { } text ? new InstallFile(path, text, FileMode) : new DeleteFile(path));
        }

        if (starts) steps.Add(SambaCommands.StartService);
        if (names.Count > 0 || writesBlock) steps.Add(SambaCommands.Reload(paths));
        return new Work(steps);
    }

    public static IEnumerable<ResourceId> Owned(PlanInput input) => IsThere(SambaFacts.OfServer(input).Value) ? [SambaServerKind.OnlyId] : [];

    /// <summary>Neither a server nor a share is declared any more: our file and our block go, the host's own configuration is what it was.</summary>
    public static Absence Absent(ResourceId id, PlanInput input)
    {
        var facts = SambaFacts.OfServer(input);
        if (facts.State == ReadingState.Unknown)
        {
            return new Absence(null, [], [], new Notice(id, Notice.Unknown, $"whether its configuration is still there is not known: {facts.Reason}", Degraded: true));
        }

        if (!IsThere(facts.Value)) return Absence.Nothing;
        var paths = SambaPaths.Of(input.Paths);
        var smbConf = SambaServerPlanner.Text(facts.Value!, SambaFacts.SmbConfRow) ?? "";
        // The file by which it shows that this is ours goes last: a pass that is cut off is done again.
        var steps = new List<Step>();
        if (Announced(facts.Value!)) steps.Add(new DeleteFile(Announcement.Path(input.Paths.AvahiDirectory)));
        if (SmbConfText.HasAnyBlock(smbConf)) steps.Add(new InstallFile(paths.SmbConf, SmbConfText.WithoutBlock(smbConf), FileMode, SambaCommands.CheckHostFile));
        steps.Add(SambaCommands.Reload(paths));
        if (SambaServerPlanner.Text(facts.Value!, SambaFacts.IncludeRow) is not null) steps.Add(new DeleteFile(paths.Include));
        var foreign = SambaFacts.OfShares(input).Value?.Table(SambaFacts.Foreign).Keys.Order(StringComparer.Ordinal).ToList() ?? [];
        return new Absence(ChangeAction.Remove, steps, [new FieldChange(SambaServerPlanner.File, paths.Include, null, "", Cause.Commit)], null)
        {
            AtStake = foreign.Count > 0 ? new AtStake([], 0, 0, foreign) : AtStake.Nothing,
        };
    }

    private static bool IsThere(KindFacts? known) =>
        known is not null
        && (SambaServerPlanner.Text(known, SambaFacts.IncludeRow) is not null || Announced(known) || SmbConfText.HasAnyBlock(SambaServerPlanner.Text(known, SambaFacts.SmbConfRow) ?? ""));

    private static bool Announced(KindFacts known) => SambaServerPlanner.Text(known, SambaFacts.AnnouncementRow) is { } text && Announcement.IsOurs(text);

    private static bool AsksForService(ObservationContext context) => SambaPaths.Of(context.Paths).IsSystem && SambaFacts.IsWanted(context);

    /// <summary><c>systemctl is-active</c> says the state on standard output and ends with 3 where it is not active.</summary>
    private static Reading<string> Service(ObservationContext context)
    {
        if (!AsksForService(context)) return Reading<string>.Absent;
        return context.Answers.Find<RunAnswer>(SambaCommands.Service.Key) switch
        {
            { Failure: null } answer when answer.Output.Trim() is { Length: > 0 } state => Reading<string>.Known(state),
            var answer => Reading<string>.Unknown($"'{SambaCommands.Service.Command}': {answer?.Failure ?? answer?.Errors.Trim() ?? "it was not run"}"),
        };
    }

    private static Dictionary<string, string> TextRow(string text) => new() { [SambaFacts.Text] = text };
}

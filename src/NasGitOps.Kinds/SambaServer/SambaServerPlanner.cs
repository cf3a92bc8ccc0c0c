using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Kinds.Samba;
using NasGitOps.Kinds.SmbShare;
using Row = System.Collections.Generic.IReadOnlyDictionary<string, string>;

namespace NasGitOps.Kinds.SambaServer;

/// <summary>Compares the server as wanted with the host's.</summary>
internal static class SambaServerPlanner
{
    public const string File = "file";
    public const string Includes = "includes";
    public const string SmbConf = "smb.conf";
    public const string Service = "service";
    public const string Announced = "announcement";

    private const string BlockIsLast = "includes nasgitops.conf as its last block";

    public static Assessment Assess(Manifest manifest, PlanInput input)
    {
        var facts = SambaFacts.OfServer(input);
        if (facts.State == ReadingState.Absent) return Assessment.Unknown("Samba is not installed: it has no smb.conf");
        if (!facts.IsKnown(out var known)) return Assessment.Unknown(facts.Reason ?? "");
        if (!SambaFacts.OfShares(input).IsKnown(out var shares)) return Assessment.Unknown(SambaFacts.OfShares(input).Reason ?? "the shares were not read");

        var wanted = Wanted((SambaServerSpec)manifest.Spec, input, known, shares);
        var globals = known.Table(SambaFacts.Effective).GetValueOrDefault(SambaFacts.GlobalRow) ?? new Dictionary<string, string>();
        var current = Text(known, SambaFacts.IncludeRow);
        var fields = GlobalFields(wanted, current, globals)
            .Append(IncludesField(wanted, current, shares, input.Paths))
            .Append(FileField(wanted, current))
            .Append(SmbConfField(Text(known, SambaFacts.SmbConfRow) ?? "", input.Paths))
            .Concat(ServiceField(known))
            .Concat(AnnouncementField(known, input))
            .ToList();
        var endangers = wanted.Foreign.Count > 0 && fields.Any(f => !f.Equal && f.Risk == Risk.Disruptive);
        return new Assessment(current is null ? Existence.Absent : Existence.Present, fields)
        {
            // The host has a server already, whose shares are taken over.
            WhenAbsent = input.Desired.Manifests.OfSpec<SmbShareSpec>().Any(s => s.Spec.TakeOver) ? ChangeAction.Adopt : ChangeAction.Create,
            Risk = endangers ? Risk.Disruptive : Risk.Safe,
            AtStake = endangers ? new AtStake([], 0, 0, wanted.Foreign) : AtStake.Nothing,
            Notices = wanted.LeavesGlobals ? [GlobalsLeftAlone(manifest.Id, wanted.Foreign)] : [],
        };
    }

    /// <summary>Whether globals are the host's own affair: nobody asked for a SambaServer, and others share here too.</summary>
    public static bool LeavesGlobalsAlone(PlanInput input) =>
        input.Desired.Manifests.Find(SambaServerKind.OnlyId)?.Spec is not SambaServerSpec { IsImplied: false }
        && SambaFacts.OfServer(input).IsKnown(out var known)
        && SambaFacts.OfShares(input).IsKnown(out var shares)
        && Wanted(SambaServerSpec.Implied, input, known, shares).LeavesGlobals;

    /// <summary>
    /// The server as wanted. Shares that are still on the host keep their include until they are removed: their removal may have to wait, and
    /// must not happen by the way.
    /// </summary>
    public static WantedServer Wanted(SambaServerSpec spec, PlanInput input, KindFacts known, KindFacts shares)
    {
        var foreign = shares.Table(SambaFacts.Foreign).Keys.Order(StringComparer.Ordinal).ToList();
        var declared = input.Desired.Manifests.OfSpec<SmbShareSpec>().ToList();
        var keepsImplied = SambaServerRendering.WasImplied(Text(known, SambaFacts.IncludeRow));
        // Shares that were taken over go on under the globals that they had.
        var leaves = spec.IsImplied && !keepsImplied && (foreign.Count > 0 || declared.Exists(s => s.Spec.TakeOver));
        var guests = declared.Any(s => s.Spec.Access.Guest != GuestAccess.None);
        var announces = declared.Any(s => s.Spec.TimeMachine is not null);
        var paths = SambaPaths.Of(input.Paths);
        var present = shares.Table(SambaFacts.Files).Where(f => f.Value.GetValueOrDefault(SambaFacts.Resource) is { Length: > 0 }).Select(f => f.Key);
        var files = declared.Select(s => SambaPaths.FileName(s.Manifest.Id.Name)).Union(present).Order(StringComparer.Ordinal);
        return new WantedServer(
            leaves ? [] : SambaServerRendering.Globals(spec, guests, announces), spec.IsImplied, leaves, [.. files.Select(f => $"{paths.ShareFolder}/{f}")], foreign);
    }

    public static string? Text(KindFacts facts, string row) => facts.Table(SambaFacts.Files).GetValueOrDefault(row)?.GetValueOrDefault(SambaFacts.Text);

    private static IEnumerable<Field> GlobalFields(WantedServer wanted, string? current, Row globals)
    {
        var note = wanted.Foreign.Count == 0 ? null : $"also changes the foreign shares {string.Join(", ", wanted.Foreign)}";
        foreach (var (name, value) in wanted.Globals)
        {
            var parameter = GlobalParameters.Find(name) ?? throw new InvalidOperationException($"'{name}' is in neither table");
            var desired = parameter.Canonical(value);
            var actual = parameter.Canonical(SambaFacts.Value(parameter, null, globals));
            var equal = desired == actual;
            yield return new Field(name, desired, actual, equal, Risk: RiskOf(wanted, equal), Note: equal ? null : note);
        }

        foreach (var (name, value) in current is null ? [] : SambaServerRendering.GlobalsOf(current).Where(g => wanted.Globals.All(w => w.Key != g.Key)))
        {
            yield return new Field(name, null, value, Equal: false, Risk: RiskOf(wanted, equal: false), Note: note);
        }
    }

    private static Risk RiskOf(WantedServer wanted, bool equal) => !equal && wanted.Foreign.Count > 0 ? Risk.Disruptive : Risk.Safe;

    /// <summary>An include whose file is gone does no harm (Samba passes over it) and is no difference; it goes with the next change.</summary>
    private static Field IncludesField(WantedServer wanted, string? current, KindFacts shares, HostPaths host)
    {
        var actual = current is null ? null : SambaServerRendering.Includes(current);
        var onHost = shares.Table(SambaFacts.Files).Keys.Select(f => $"{SambaPaths.Of(host).ShareFolder}/{f}").ToHashSet(StringComparer.Ordinal);
        var meaningful = actual?.Where(i => wanted.ShareFiles.Contains(i) || onHost.Contains(i)).ToList();
        return new Field(Includes, Names(wanted.ShareFiles), meaningful is null ? null : Names(meaningful), meaningful?.SequenceEqual(wanted.ShareFiles) == true);
    }

    /// <summary>The rest of our file, apart from the includes: comments and anything that nobody asked for.</summary>
    private static Field FileField(WantedServer wanted, string? current)
    {
        var desired = wanted.Text([]);
        var equal = current is not null && current == wanted.Text(SambaServerRendering.Includes(current));
        var actual = current is null ? null : equal ? SmbConfText.Digest(desired) : SmbConfText.Digest(current);
        return new Field(File, SmbConfText.Digest(desired), actual, equal);
    }

    private static Field SmbConfField(string text, HostPaths host)
    {
        var paths = SambaPaths.Of(host);
        var equal = SmbConfText.HasBlock(text, paths.Include);
        var actual = equal ? BlockIsLast : SmbConfText.HasAnyBlock(text) ? "has our block changed, or not at its end" : "does not include nasgitops.conf";
        return new Field(SmbConf, BlockIsLast, actual, equal, Blocker: Unwritable(text, paths));
    }

    /// <summary>Bytes that are no UTF-8 were lost in reading: writing the text back would damage what others wrote.</summary>
    private static Blocker? Unwritable(string text, SambaPaths paths) => text.Contains('\uFFFD', StringComparison.Ordinal)
        ? new Blocker("NotUtf8", $"{paths.SmbConf} holds bytes that are not UTF-8, which an edit would damage", $"convert it: iconv -f latin1 -t utf-8 {paths.SmbConf}")
        : null;

    private static IEnumerable<Field> ServiceField(KindFacts known)
    {
        if (known.Table(SambaFacts.Service).GetValueOrDefault(SambaFacts.ServiceRow)?.GetValueOrDefault(SambaFacts.State) is { } state)
        {
            yield return new Field(Service, "active", state, state == "active");
        }
    }

    /// <summary>The Avahi service file as wanted; null where no share is a target for Time Machine.</summary>
    public static string? Announces(PlanInput input)
    {
        var targets = input.Desired.Manifests.OfSpec<SmbShareSpec>().Where(s => s.Spec.TimeMachine is not null).Select(s => s.Manifest.Id.Name).ToList();
        return targets.Count == 0 ? null : Announcement.Render(SmbConfText.Header(SambaServerKind.OnlyId.ToString()), input.Observed.Host, targets);
    }

    /// <summary>Only where there is a target, or something of ours to take away.</summary>
    private static IEnumerable<Field> AnnouncementField(KindFacts known, PlanInput input)
    {
        var there = Text(known, SambaFacts.AnnouncementRow);
        var wanted = Announces(input);
        if (wanted is null && (there is null || !Announcement.IsOurs(there))) yield break;
        yield return new Field(Announced, wanted is null ? null : SmbConfText.Digest(wanted), there is null ? null : SmbConfText.Digest(there), wanted == there, FromCommit: wanted is null);
    }

    private static Notice GlobalsLeftAlone(ResourceId id, IReadOnlyList<string> foreign) => new(
        id,
        "GlobalsLeftAlone",
        $"the hardened defaults are not set, because they would also change {(foreign.Count > 0 ? $"the foreign shares {string.Join(", ", foreign)}" : "the shares that were taken over")}; a SambaServer manifest would set them",
        Degraded: false);

    private static string Names(IEnumerable<string> files) => string.Join(", ", files.Select(f => f[(f.LastIndexOf('/') + 1)..^".conf".Length]));
}

/// <summary>What the include file should say.</summary>
/// <param name="LeavesGlobals">True where the globals belong to the host and its foreign shares.</param>
/// <param name="ShareFiles">Full paths, sorted.</param>
/// <param name="Foreign">Names of share sections that are not ours.</param>
internal sealed record WantedServer(
    IReadOnlyList<KeyValuePair<string, string>> Globals, bool IsImplied, bool LeavesGlobals, IReadOnlyList<string> ShareFiles, IReadOnlyList<string> Foreign)
{
    public string Text(IEnumerable<string> shareFiles) => SambaServerRendering.Text(Globals, IsImplied, shareFiles);
}

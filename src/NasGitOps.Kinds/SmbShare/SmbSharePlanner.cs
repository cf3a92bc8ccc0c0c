using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Storage;
using NasGitOps.Kinds.Samba;
using Row = System.Collections.Generic.IReadOnlyDictionary<string, string>;

namespace NasGitOps.Kinds.SmbShare;

/// <summary>Compares a share as the manifest wants it with what smbd serves.</summary>
internal static class SmbSharePlanner
{
    private const string LinkInPath = "LinkInPath";
    private const string PathNotDirectory = "PathNotDirectory";

    public static Assessment Assess(Manifest manifest, PlanInput input, StorageSystem storage)
    {
        var spec = (SmbShareSpec)manifest.Spec;
        if (!SambaFacts.OfShares(input).IsKnown(out var shares)) return Assessment.Unknown(Unreadable(SambaFacts.OfShares(input)));
        if (!SambaFacts.OfServer(input).IsKnown(out var server)) return Assessment.Unknown(Unreadable(SambaFacts.OfServer(input)));

        var name = manifest.Id.Name;
        var globals = server.Table(SambaFacts.Effective).GetValueOrDefault(SambaFacts.GlobalRow) ?? new Dictionary<string, string>();
        var section = Find(shares.Table(SambaFacts.Effective), name);
        var file = shares.Table(SambaFacts.Files).GetValueOrDefault(SambaPaths.FileName(name));
        var path = DatasetPaths.Below(spec.Dataset, spec.Subpath, input.Desired.Manifests, input.Observed);
        if (path is null)
        {
            return new Assessment(Existence.Absent, [])
            {
                Blocker = new Blocker("NoMountpoint", $"{spec.Dataset} has no mount point, so there is nothing to share", $"give {spec.Dataset} a mount point"),
            };
        }

        var foreign = ShareTakeOver.Section(name, spec, shares);
        var exists = section is not null || file is not null || foreign is not null;
        var blocker = (foreign is null ? null : ShareTakeOver.Problem(name, server, input)) ?? Blocked(manifest, spec, path, shares, input);
        if (file is not null && blocker is { Reason: LinkInPath or PathNotDirectory }) return Withdrawal.Of(blocker);
        var fields = Fields(name, spec, path, PreviousVersions.View(spec, storage, input.Desired.Manifests, input.Observed), foreign ?? section, globals, file);
        if (foreign is not null) fields = [.. fields.Select(f => ShareTakeOver.Judged(f, spec, foreign, globals))];
        return new Assessment(exists ? Existence.Present : Existence.Absent, [.. fields, .. ShareTakeOver.Fields(spec, foreign), .. ShareExtras.Fields(spec, input.Record(manifest.Id))])
        {
            // What another file defines is not ours yet, until it was recorded once.
            Owned = foreign is null || input.Record(manifest.Id) is not null,
            Blocker = blocker,
            Notices = [.. Notices(manifest.Id, spec, input, globals)],
        };
    }

    /// <summary>One field for each thing a person named, and one for each parameter that is there and was not wanted.</summary>
    private static IReadOnlyList<Field> Fields(string name, SmbShareSpec spec, string path, SnapshotView view, Row? section, Row globals, Row? file)
    {
        var wanted = SmbShareRendering.Section(spec, path, view);
        var fields = wanted.Select(p => SmbShareFields.Of(p.Key, p.Value, section, globals, wanted)).ToList();
        var rendered = wanted.Select(p => p.Key).Append("include").ToHashSet(StringComparer.Ordinal);
        foreach (var (parameter, value) in section ?? new Dictionary<string, string>())
        {
            if (!rendered.Contains(parameter)) fields.Add(SmbShareFields.Unwanted(parameter, value));
        }

        var text = SmbShareRendering.Text(name, spec, path, view);
        var actual = file?.GetValueOrDefault(SambaFacts.Text);
        fields.Add(new Field("file", SmbConfText.Digest(text), actual is null ? null : SmbConfText.Digest(actual), actual == text));
        return fields;
    }

    private static Blocker? Blocked(Manifest manifest, SmbShareSpec spec, string path, KindFacts shares, PlanInput input)
    {
        var name = manifest.Id.Name;
        if (!spec.TakeOver && Find(shares.Table(SambaFacts.Foreign), name) is not null)
        {
            var paths = SambaPaths.Of(input.Paths);
            return new Blocker(
                "ForeignShare", $"{paths.SmbConf} (or a file it includes) has a section [{name}] of its own", "take that section out, say takeOver: true, or give this share another name");
        }

        var unknown = SmbShareChecks.AccountFields(spec)
            .Where(a => !input.Desired.Manifests.Contains(SmbShareChecks.AccountId(a.Name)) && !OnHost(a.Name, input.Observed.Accounts))
            .Select(a => a.Name).Distinct().ToList();
        if (unknown.Count > 0)
        {
            return new Blocker(
                "UnknownAccount", $"neither a manifest nor the host knows {string.Join(", ", unknown)}", "declare them as User or Group, make them on the host, or take them out");
        }

        if (SmbConfValue.PathRefusal(path) is { } refusal) return new Blocker("PathNotWritable", $"'{path}' cannot be written in smb.conf: {refusal}", "choose another mount point");
        return PlaceProblem(spec, path, input);
    }

    /// <summary>A link or a file on the way, or nothing there; known only while the dataset is mounted.</summary>
    private static Blocker? PlaceProblem(SmbShareSpec spec, string path, PlanInput input)
    {
        if (input.Observed.Dataset(spec.Dataset).Value is not { Mounted: true } dataset) return null;
        foreach (var part in spec.DirectoryPaths)
        {
            switch (dataset.Directories.GetValueOrDefault(part))
            {
                case { IsLink: true }:
                    return new Blocker(LinkInPath, $"{part} below {spec.Dataset} is a symbolic link, and whoever can write there could lead the share anywhere", "share the directory it points to");
                case { IsDirectory: false }:
                    return new Blocker(PathNotDirectory, $"{part} below {spec.Dataset} is no directory", "share a directory");
                case null when !IsDeclared(spec, part, input):
                    return new Blocker("PathMissing", $"there is no directory {path}", $"make it, or declare it under directories of Dataset {spec.Dataset}");
            }
        }

        return null;
    }

    private static bool IsDeclared(SmbShareSpec spec, string part, PlanInput input) =>
        input.Desired.Manifests.FindDataset(spec.Dataset)?.Spec is IDatasetDeclaration declared
        && declared.WatchedPaths.Any(p => p == part || p.StartsWith(part + "/", StringComparison.Ordinal));

    private static IEnumerable<Notice> Notices(ResourceId id, SmbShareSpec spec, PlanInput input, Row globals)
    {
        if (spec.Access.Guest == GuestAccess.None || !SambaServer.SambaServerPlanner.LeavesGlobalsAlone(input)) yield break;
        var parameter = GlobalParameters.Own["map to guest"];
        if (parameter.IsDefault(SambaFacts.Value(parameter, null, globals)))
        {
            yield return new Notice(
                id, "GuestsRefused", "the host's own 'map to guest = Never' turns guests away, and foreign shares depend on it; a SambaServer manifest would set it", Degraded: true);
        }
    }

    private static bool OnHost(string name, Accounts accounts) =>
        name.StartsWith('@') ? accounts.Groups.ContainsKey(name[1..]) : accounts.Users.ContainsKey(name);

    private static Row? Find(IReadOnlyDictionary<string, Row> table, string name) =>
        table.FirstOrDefault(row => row.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    private static string Unreadable(Reading<KindFacts> facts) =>
        facts.State == ReadingState.Absent ? "Samba is not installed: it has no smb.conf" : facts.Reason ?? "";
}

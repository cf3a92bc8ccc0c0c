using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Snapshots;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.SmbShare;

/// <param name="Family">The common part of the names: what begins at <c>_GMT</c>, or the whole where nothing stands before the time.</param>
/// <param name="Folder">Where the storage shows them, below a mount point.</param>
internal sealed record SnapshotView(string Family, string Folder);

/// <summary>Which snapshots a share shows as Previous Versions, and how Samba reads the time in their names.</summary>
/// <remarks>
/// Source: vfs_shadow_copy2(8). Samba knows one format a share: with a delimiter it takes the text before that as a prefix, which here may be any, so that what a removed
/// schedule made, or somebody by hand in the same form, is shown too.
/// </remarks>
internal static class PreviousVersions
{
    /// <summary>Schedules that snapshot the share's dataset or a declared one that is reached through it.</summary>
    public static IEnumerable<(Manifest Manifest, ISnapshotSource Source)> Reaching(SmbShareSpec spec, ManifestSet manifests)
    {
        var reached = manifests.All.Select(m => m.Spec).OfType<IMountable>().Select(m => m.DatasetName).Where(d => d == spec.Dataset || DatasetPaths.IsBelow(d, spec.Dataset)).ToList();
        return manifests.All.Where(m => m.Spec is ISnapshotSource source && reached.Exists(source.Covers)).Select(m => (m, (ISnapshotSource)m.Spec));
    }

    public static SnapshotView View(SmbShareSpec spec, StorageSystem storage, ManifestSet manifests, Observed? observed) => new(
        Reaching(spec, manifests).Select(r => FamilyOf(r.Source)).OfType<string>().FirstOrDefault() ?? SnapshotNameFormat.DefaultTime,
        storage.Of(spec.Dataset, manifests, observed).SnapshotDirectory);

    public static string? FamilyOf(ISnapshotSource source) => SnapshotNameFormat.TryParse(source.NameFormat, out var format, out _) ? format.PreviousVersionsFamily : null;

    public static IEnumerable<(string Name, string Value)> Parameters(SnapshotView view)
    {
        yield return ("shadow:snapdir", view.Folder);
        yield return ("shadow:sort", "desc");
        yield return ("shadow:localtime", "no");
        // Without these two the snapshots of nested datasets are listed, and nothing can be opened in them.
        yield return ("shadow:snapdirseverywhere", "yes");
        yield return ("shadow:crossmountpoints", "yes");
        yield return ("shadow:format", view.Family);
        if (!view.Family.StartsWith(SnapshotNameFormat.Delimiter, StringComparison.Ordinal)) yield break;
        yield return ("shadow:delimiter", SnapshotNameFormat.Delimiter);
        yield return ("shadow:snapprefix", ".*");
    }

    public static IEnumerable<ManifestProblem> Check(Manifest manifest, SmbShareSpec spec, ManifestSet manifests)
    {
        if (!spec.PreviousVersions) yield break;
        var reaching = Reaching(spec, manifests).ToList();
        foreach (var (schedule, source) in reaching.Where(r => FamilyOf(r.Source) is null))
        {
            yield return manifest.Problem(
                "spec.previousVersions", $"{schedule.Id} ({schedule.Provenance}) names snapshots '{source.NameFormat}', in which Samba cannot find the time",
                $"write its nameFormat with {SnapshotNameFormat.Delimiter} before the time, as {SnapshotNameFormat.Default("daily")}");
        }

        var families = reaching.Where(r => FamilyOf(r.Source) is not null).GroupBy(r => FamilyOf(r.Source)).ToList();
        if (families.Count > 1)
        {
            var (first, second) = (families[0].First(), families[1].First());
            yield return manifest.Problem(
                "spec.previousVersions", $"{first.Manifest.Id} names snapshots …{families[0].Key} and {second.Manifest.Id} …{families[1].Key}: Samba reads one form a share",
                $"let both end with {SnapshotNameFormat.DefaultTime}");
        }

        if (reaching.Count == 0)
        {
            yield return manifest.Problem("spec.previousVersions", $"no SnapshotSchedule takes snapshots of {spec.Dataset}", "write one, or only snapshots made by hand show", Severity.Warning);
        }
    }
}

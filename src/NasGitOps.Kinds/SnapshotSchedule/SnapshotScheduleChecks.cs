using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Snapshots;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.SnapshotSchedule;

/// <summary>Rules of a schedule beyond its schema.</summary>
internal static class SnapshotScheduleChecks
{
    /// <summary>Dataset, <c>@</c> and snapshot together. Source: ZFS_MAX_DATASET_NAME_LEN.</summary>
    private const int LongestName = 255;

    public static IEnumerable<ManifestProblem> Check(Manifest manifest, SnapshotScheduleSpec spec, ManifestSet manifests, StorageSystem storage) =>
        Format(manifest, spec).Concat(Rules(manifest, spec)).Concat(Excludes(manifest, spec)).Concat(Twins(manifest, spec, manifests)).Concat(Instants(manifest, spec, manifests, storage));

    private static IEnumerable<ManifestProblem> Format(Manifest manifest, SnapshotScheduleSpec spec)
    {
        if (!SnapshotNameFormat.TryParse(spec.NameFormat, out var format, out var error))
        {
            yield return manifest.Problem("spec.nameFormat", $"'{spec.NameFormat}' is no format for snapshots: {error}", $"write a prefix of its own and the time, as {SnapshotNameFormat.Default("daily")}");
        }
        else if (spec.Datasets.FirstOrDefault(d => d.Length + 1 + format.Length > LongestName) is { } dataset)
        {
            yield return manifest.Problem("spec.nameFormat", $"{dataset}@{format.Name(DateTimeOffset.UnixEpoch)} has more than {LongestName} characters", "shorten the format");
        }
    }

    private static IEnumerable<ManifestProblem> Rules(Manifest manifest, SnapshotScheduleSpec spec)
    {
        if (!spec.Retention.HasRule)
        {
            yield return manifest.Problem("spec.retention", RetentionPolicy.NoRule, RetentionPolicy.WriteARule);
        }
    }

    private static IEnumerable<ManifestProblem> Excludes(Manifest manifest, SnapshotScheduleSpec spec)
    {
        for (var i = 0; i < spec.Exclude.Count; i++)
        {
            var excluded = spec.Exclude[i];
            if (spec.Recursive && spec.Datasets.Any(d => DatasetPaths.IsBelow(excluded, d))) continue;
            yield return manifest.Problem(
                $"spec.exclude[{i}]",
                spec.Datasets.Contains(excluded) ? $"'{excluded}' is named in datasets too" : $"'{excluded}' is below none of the datasets{(spec.Recursive ? "" : ", which are taken without what is below them")}",
                "take it out of one of the two");
        }

        for (var i = 0; i < spec.Datasets.Count; i++)
        {
            if (spec.Recursive && spec.Datasets.FirstOrDefault(d => DatasetPaths.IsBelow(spec.Datasets[i], d)) is { } above)
            {
                yield return manifest.Problem($"spec.datasets[{i}]", $"'{spec.Datasets[i]}' is below '{above}', which is taken with all below it", "name it once", Severity.Warning);
            }
        }
    }

    /// <summary>Two schedules whose names meet would take each other's snapshots for their own.</summary>
    private static IEnumerable<ManifestProblem> Twins(Manifest manifest, SnapshotScheduleSpec spec, ManifestSet manifests)
    {
        var twin = manifests.OfSpec<SnapshotScheduleSpec>().FirstOrDefault(o => o.Manifest.Id.CompareTo(manifest.Id) < 0 && o.Spec.NameFormat == spec.NameFormat && Meet(o.Spec, spec));
        if (twin.Manifest is { } other)
        {
            yield return manifest.Problem(
                "spec.nameFormat", $"{other.Id} ({other.Provenance}) names its snapshots '{spec.NameFormat}' too, on a dataset of both", $"give each a prefix of its own, as {SnapshotNameFormat.Default(spec.Name)}");
        }
    }

    /// <summary>Who snapshots several datasets may count on them being of one instant.</summary>
    private static IEnumerable<ManifestProblem> Instants(Manifest manifest, SnapshotScheduleSpec spec, ManifestSet manifests, StorageSystem storage)
    {
        foreach (var pool in spec.Pools)
        {
            var count = manifests.All.Select(m => m.Spec).OfType<IMountable>().Select(m => m.DatasetName).Count(d => d.Split('/')[0] == pool && spec.Covers(d));
            if (count < 2 || storage.Of(pool, manifests).Lacks(StorageFeature.AtomicSnapshots) is not { } why) continue;
            yield return manifest.Problem("spec.datasets", $"{why}: those of these {count} datasets are of slightly different times", "put what must be of one instant into one dataset, or use a pool on ZFS", Severity.Warning);
        }
    }

    private static bool Meet(SnapshotScheduleSpec a, SnapshotScheduleSpec b) => a.Datasets.Any(b.Covers) || b.Datasets.Any(a.Covers);
}

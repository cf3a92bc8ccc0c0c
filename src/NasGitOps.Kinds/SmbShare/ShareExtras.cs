using System.Globalization;
using NasGitOps.Core.Jobs;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.SmbShare;

/// <summary>Time Machine and the recycle bin of a share.</summary>
internal static class ShareExtras
{
    public const string KeepFor = "recycleBin.keepFor";
    private const string Bin = ".recycle";

    /// <summary>Often enough for days, at a minute when little else is due.</summary>
    private static readonly Schedule Purges = new("23 * * * *", Schedule.Utc);

    /// <summary>What follows the usual modules. Source: vfs_recycle(8), vfs_shadow_copy2(8), vfs_fruit(8).</summary>
    public static string Modules(SmbShareSpec spec) =>
        "catia fruit streams_xattr" + (spec.PreviousVersions ? " shadow_copy2" : "") + (spec.RecycleBin is null ? "" : " recycle");

    public static IEnumerable<(string Name, string Value)> Parameters(SmbShareSpec spec)
    {
        if (spec.TimeMachine is { } size)
        {
            yield return ("fruit:time machine", "yes");
            yield return ("fruit:time machine max size", size.Exact);
        }

        if (spec.RecycleBin is null) yield break;
        // The one macro that stands in a file of ours: a bin for each user, which nobody else may enter.
        yield return ("recycle:repository", $"{Bin}/%U");
        yield return ("recycle:keeptree", "yes");
        yield return ("recycle:versions", "yes");
        yield return ("recycle:directory_mode", "1777");
        yield return ("recycle:subdir_mode", "0700");
    }

    /// <summary>How long the bin keeps is nowhere in Samba's configuration: the job that purges it follows the record.</summary>
    public static IEnumerable<Field> Fields(SmbShareSpec spec, Applied? record) => RecordedFields.Compare(
        spec.RecycleBin is { } keep ? new Dictionary<string, string> { [KeepFor] = Duration.Format(keep) } : [],
        record?.Fields.Where(f => f.Key == KeepFor).ToDictionary());

    public static IEnumerable<RecurringJob> Jobs(Applied record) =>
        record.Fields.ContainsKey(KeepFor) ? [new RecurringJob(record.Id, JobTasks.RecycleBin, Purges)] : [];

    public static IReadOnlyList<Step> Purge(ResourceId id, ManifestSet manifests) =>
        manifests.Find(id)?.Spec is SmbShareSpec { RecycleBin: { } keep } spec && DatasetPaths.Mountpoint(spec.Dataset, manifests, null) is { } root
            ? [new PurgeDirectory(spec.Dataset, root, spec.Subpath is null ? Bin : $"{spec.Subpath}/{Bin}", keep)]
            : [];

    public static IEnumerable<ManifestProblem> Check(Manifest manifest, SmbShareSpec spec, ManifestSet manifests)
    {
        if (spec.TimeMachine is not { } size) yield break;
        const string field = "spec.timeMachine.maxSize";
        if (spec.Subpath is not null) yield return manifest.Problem("spec.subpath", "a target for Time Machine wants a dataset of its own, which alone can limit its size", "share a dataset without subpath");
        if (manifests.FindDataset(spec.Dataset)?.Spec is not ILimitedDataset dataset)
        {
            yield return manifest.Problem(field, $"{spec.Dataset} has no refquota, so nothing makes the size hold", $"share a Dataset of its own with refquota: {size.ToString().Replace(" ", "", StringComparison.Ordinal)}");
        }
        else if (dataset.ReferencedLimit?.Bytes != size.Bytes)
        {
            var there = dataset.ReferencedLimit is { } limit ? $"is {limit}" : "is not set";
            yield return manifest.Problem(
                field, string.Create(CultureInfo.InvariantCulture, $"it says {size}, and refquota of {spec.Dataset} {there}: Macs would be told of space that there is not"),
                $"write refquota: {size.ToString().Replace(" ", "", StringComparison.Ordinal)} in the Dataset");
        }
    }
}

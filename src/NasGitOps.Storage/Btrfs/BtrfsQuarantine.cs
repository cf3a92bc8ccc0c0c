using NasGitOps.Core.Observation;
using NasGitOps.Core.Steps;

namespace NasGitOps.Storage.Btrfs;

/// <summary>Into quarantine, out of it, and its end: what was set is kept on the dataset's folder, where its other marks are.</summary>
internal static class BtrfsQuarantine
{
    private const string CanMount = "canmount";

    public static IReadOnlyList<Step> GoIn(DatasetState dataset)
    {
        var (node, subvolume) = (BtrfsLayout.NodeOf(dataset.Name), BtrfsLayout.SubvolumeOf(dataset.Name));
        return
        [
            .. dataset.Mark?.Quarantine is null ? [Set(node, BtrfsMark.Quarantine, QuarantineRecord.Of(dataset))] : Array.Empty<Step>(),
            Set(node, BtrfsMark.OfProperty(CanMount), "noauto"),
            .. dataset is { Mounted: true, Mountpoint: { } } ? [new ReleaseNfs(dataset.Mountpoint)] : Array.Empty<Step>(),
            .. dataset.Mountpoint is { } place ? BtrfsMounts.Unmount(dataset.Name, place) : [],
            BtrfsDatasets.ReadOnly(subvolume, "true"),
            // Taken a second time it would be put into the first, which is read-only.
            new Run(Command.Of("btrfs", "subvolume", "snapshot", "-r", subvolume, Snapshot(dataset))) { Tolerates = "Read-only file system" },
            Set(node, BtrfsMark.QuarantinedAt, Run.Now),
        ];
    }

    public static IReadOnlyList<Step> Restore(DatasetState dataset)
    {
        var (node, recorded) = (BtrfsLayout.NodeOf(dataset.Name), dataset.Mark!.Quarantine!.Recorded);
        var places = new[] { CanMount, "mountpoint" }.Where(recorded.ContainsKey).ToDictionary(BtrfsMark.OfProperty, p => recorded[p]);
        return
        [
            BtrfsDatasets.ReadOnly(BtrfsLayout.SubvolumeOf(dataset.Name), recorded.GetValueOrDefault("readonly") == "on" ? "true" : "false"),
            new SetAttributes(node, places, recorded.ContainsKey(CanMount) ? [] : [BtrfsMark.OfProperty(CanMount)]),
            new Run(Command.Of("btrfs", "subvolume", "delete", "-c", Snapshot(dataset))) { Tolerates = BtrfsDatasets.IsGone },
            new SetAttributes(node, new Dictionary<string, string>(), [BtrfsMark.QuarantinedAt, BtrfsMark.Quarantine]),
        ];
    }

    public static IReadOnlyList<Step> Purge(DatasetState dataset, IReadOnlyList<Step> destroy) =>
    [
        Set(BtrfsLayout.NodeOf(dataset.Name), BtrfsMark.Quarantine, QuarantineRecord.Purging),
        .. dataset.Snapshots is { Count: > 0 } names ? new BtrfsSnapshots().Destroy(dataset.Name, names) : [],
        .. destroy,
    ];

    private static string Snapshot(DatasetState dataset) => $"{BtrfsLayout.SnapshotsOf(dataset.Name)}/{QuarantineRecord.Snapshot}";

    private static SetAttributes Set(string node, string name, string value) => new(node, new Dictionary<string, string> { [name] = value }, []);
}

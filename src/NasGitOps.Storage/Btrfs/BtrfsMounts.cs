using NasGitOps.Core.Observation;
using NasGitOps.Core.Steps;

namespace NasGitOps.Storage.Btrfs;

/// <summary>Mounts of datasets: binds of what lies below the pool's top level, each with flags of its own, and in each its snapshots.</summary>
internal static class BtrfsMounts
{
    /// <summary>The directory of the file system that a mount of the dataset shows.</summary>
    public static string RootOf(string dataset) => Root(BtrfsLayout.SubvolumeOf(dataset), dataset);

    public static string SnapshotRootOf(string dataset) => Root(BtrfsLayout.SnapshotsOf(dataset), dataset);

    public static bool IsMountOf(MountEntry entry, MountTable table, string dataset) =>
        entry.FileSystem == "btrfs" && table.At(BtrfsLayout.Top(BtrfsLayout.PoolOf(dataset)))?.Device == entry.Device && entry.Root == RootOf(dataset);

    public static IEnumerable<Step> Mount(string dataset, string path, IReadOnlyDictionary<string, string> properties)
    {
        var flags = BtrfsCatalogue.MountFlags.Where(f => properties.GetValueOrDefault(f.Key) == "off").Select(f => f.Value).Order(StringComparer.Ordinal).ToList();
        yield return new BindMount(BtrfsLayout.SubvolumeOf(dataset), path, flags);
        yield return new BindMount(BtrfsLayout.SnapshotsOf(dataset), ShownAt(path), ["noatime", "nodev", "nosuid", "ro"]);
    }

    /// <summary>Whatever of the dataset is still mounted at a place, also where an attempt to take it away got no further than its snapshots.</summary>
    public static IEnumerable<Step> Unmount(string dataset, string path) =>
        [new Unmount(ShownAt(path), BtrfsLayout.SnapshotsOf(dataset)), new Unmount(path, BtrfsLayout.SubvolumeOf(dataset))];

    public static IEnumerable<Step> Unmount(string path) => [new Unmount(ShownAt(path)), new Unmount(path)];

    /// <summary>What is mounted at old places goes first, the deepest before what it lies in; then what has a new place is mounted, parents first.</summary>
    public static (IEnumerable<Step> Before, IEnumerable<Step> After) Relocate(IReadOnlyList<Relocation> relocations) => (
        relocations.OrderByDescending(r => r.From.Length).SelectMany(r => Unmount(r.From)),
        relocations.Where(r => r.To is not null).OrderBy(r => r.To!.Length).SelectMany(r => Mount(r.Dataset, r.To!, r.Properties)));

    private static string ShownAt(string path) => $"{path.TrimEnd('/')}/{BtrfsLayout.Shown}";

    private static string Root(string path, string dataset) => path[BtrfsLayout.Top(BtrfsLayout.PoolOf(dataset)).Length..];
}

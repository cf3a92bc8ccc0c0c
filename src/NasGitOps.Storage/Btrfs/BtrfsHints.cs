namespace NasGitOps.Storage.Btrfs;

internal sealed class BtrfsHints : IStorageHints
{
    public string PropertyPage => "docs/backends.md";

    public string PoolStatus(string pool) => $"btrfs filesystem usage {BtrfsLayout.Top(pool)}";

    public string ClearErrors(string pool) => $"btrfs device stats -z {BtrfsLayout.Top(pool)}";

    public string ChangeLayout(string pool) => "btrfs-device(8) and btrfs-balance(8)";

    public string StopReplacing(string pool, string successor) => $"btrfs replace cancel {BtrfsLayout.Top(pool)}";

    public string? Convert(string pool, string property, string value) => $"btrfs balance start -{(property == "dataProfile" ? 'd' : 'm')}convert={value} {BtrfsLayout.Top(pool)}";

    public string Rename(string from, string to) => $"mv -T {BtrfsLayout.NodeOf(from)} {BtrfsLayout.NodeOf(to)}";

    public string Destroy(string dataset) => $"btrfs subvolume delete {BtrfsLayout.SubvolumeOf(dataset)}";

    public string Differences(string? origin, string clone) =>
        $"diff -rq {(origin is null ? "SNAPSHOT" : BtrfsLayout.SnapshotOf(origin))} {BtrfsLayout.SubvolumeOf(clone)}";
}

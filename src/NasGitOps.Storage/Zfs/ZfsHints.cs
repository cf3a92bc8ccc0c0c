namespace NasGitOps.Storage.Zfs;

internal sealed class ZfsHints : IStorageHints
{
    public string PropertyPage => "zfsprops(7)";

    public string PoolStatus(string pool) => $"zpool status -v {pool}";

    public string ClearErrors(string pool) => $"zpool clear {pool}";

    public string ChangeLayout(string pool) => "zpool(8)";

    public string StopReplacing(string pool, string successor) => $"zpool detach {pool} {successor}";

    public string? Convert(string pool, string property, string value) => null;

    public string Rename(string from, string to) => $"zfs rename {from} {to}";

    public string Destroy(string dataset) => $"zfs destroy {dataset}";

    public string Differences(string? origin, string clone) => $"zfs diff {origin} {clone}";
}

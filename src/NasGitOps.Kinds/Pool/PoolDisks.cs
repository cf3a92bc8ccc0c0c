using System.Globalization;
using NasGitOps.Core.Planning;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Pool;

/// <summary>What is known of the disks that a pool may be given.</summary>
internal sealed class PoolDisks
{
    private readonly IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> table;

    private PoolDisks(IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> table) => this.table = table;

    public static PoolDisks Of(PlanInput input) => new(input.Observed.Facts("Pool").Value?.Table(StorageFacts.Disks) ?? new Dictionary<string, IReadOnlyDictionary<string, string>>());

    public ulong Bytes(string path) => ulong.TryParse(table.GetValueOrDefault(path)?.GetValueOrDefault("bytes"), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes : 0;

    /// <summary>What stands on a disk, for people; null for a blank one.</summary>
    public string? Carrying(string path) => table.GetValueOrDefault(path)?.GetValueOrDefault("carries") is { Length: > 0 } carries ? $"{path} ({Bytes(path)} bytes) carries {carries}" : null;

    /// <summary>Why these disks may not be taken; null where they may, once approved if they carry something.</summary>
    public Blocker? Problem(PoolSpec spec, IEnumerable<string> paths)
    {
        var disks = paths.ToList();
        if (disks.Find(d => table.GetValueOrDefault(d)?.GetValueOrDefault("missing") == "yes") is { } missing)
        {
            return new Blocker("DiskMissing", $"there is no disk {missing}", "'ls -l /dev/disk/by-id' shows those that are there");
        }

        var carrying = disks.Select(Carrying).OfType<string>().ToList();
        return carrying.Count == 0 || spec.ForceDestructive
            ? null
            : new Blocker(
                "DiskNotBlank", string.Join("; ", carrying),
                "check that it is the right disk; wipe it by hand, or say diskPolicy: force-destructive and approve the plan");
    }
}

using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;

namespace NasGitOps.Storage.Btrfs;

/// <summary>What <c>btrfs</c> does to the devices of a pool, and what is left to a person. Source: btrfs-device(8), btrfs-replace(8), and what was seen on Linux 6.18.</summary>
internal static class BtrfsTopology
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);

    public static IReadOnlyList<Step> Steps(PoolState pool, LayoutMove move, bool force)
    {
        var top = BtrfsLayout.Top(pool.Name);
        string[] flags = force ? ["-f"] : [];
        return move switch
        {
            AddVdev add => WithDevice(add.Vdev.Disks[0], device => ["device", "add", .. flags, device, top]),
            // In the background: its end is for a later pass to see.
            ReplaceDisk replace => WithDevice(replace.Disk, device => ["replace", "start", .. flags, IdOf(replace), device, top]),
            _ => throw new InvalidOperationException($"no way to {move}"),
        };
    }

    public static LayoutVerdict Judge(PoolState pool, LayoutMove move, LayoutContext context)
    {
        var top = BtrfsLayout.Top(pool.Name);
        if (pool.Running == "replacement" && move is AddVdev or ReplaceDisk)
        {
            return LayoutVerdict.Blocked("ReplacementRunning", $"a disk of pool {pool.Name} is being replaced, and btrfs does one such thing at a time", "nothing is to be done: it is made when that has ended");
        }

        switch (move)
        {
            case AddVdev:
                return new LayoutVerdict(null, "new in the pool; data that is there stays where it is");
            case ReplaceDisk replace when context.Bytes(replace.Disk) is > 0 and var bytes && bytes < replace.Old.Bytes:
                return LayoutVerdict.Blocked(
                    "DiskTooSmall", $"{replace.Disk} has {bytes} bytes, and the pool uses {replace.Old.Bytes} of {replace.Old.Path}",
                    $"take a larger disk; or make room first: 'btrfs filesystem resize {IdOf(replace)}:{bytes} {top}'");
            case ReplaceDisk replace:
                return new LayoutVerdict(null, replace.Old.IsWhole ? $"{replace.Old.Path} stays in the pool until {replace.Disk} holds all that it holds" : "what it held is rebuilt from the other disks");
            case RemoveVdev remove:
                return LayoutVerdict.Blocked(
                    "DeviceRemoval", $"pool {pool.Name} has {remove.Vdev.Disks[0].Path}, which the manifest does not name; all its data would have to move to the other disks, which can take hours and cannot be watched",
                    $"run 'btrfs device remove {(remove.Vdev.Disks[0].IsWhole ? remove.Vdev.Disks[0].Path : "missing")} {top}' by hand, or write it back into the manifest");
            default:
                throw new InvalidOperationException($"btrfs has no vdevs that {move} could be about");
        }
    }

    /// <summary>By its number: a missing device has no path.</summary>
    private static string IdOf(ReplaceDisk move) => move.In.Name;

    private static Step[] WithDevice(string disk, Func<string, string[]> arguments)
    {
        if (disk.StartsWith("/dev/", StringComparison.Ordinal)) return [new Run(new Command("btrfs", arguments(disk), Timeout))];
        return
        [
            new Run(Command.Of("losetup", "--find", "--show", "--nooverlap", disk), Capture: "loop"),
            new Run(new Command("btrfs", arguments("${loop}"), Timeout)),
        ];
    }
}

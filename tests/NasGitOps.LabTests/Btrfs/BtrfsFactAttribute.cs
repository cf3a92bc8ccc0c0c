namespace NasGitOps.LabTests.Btrfs;

/// <summary>A test on the real btrfs of this machine's kernel. Where there is none, it says why.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BtrfsFactAttribute : FactAttribute
{
    public BtrfsFactAttribute() => Skip = Missing;

    /// <summary>Null where it can run.</summary>
    public static string? Missing
    {
        get
        {
            if (Environment.UserName != "root")
                return "btrfs on this machine: needs root";
            if (!File.Exists("/usr/bin/mkfs.btrfs") && !File.Exists("/usr/sbin/mkfs.btrfs") && !File.Exists("/sbin/mkfs.btrfs"))
                return "btrfs on this machine: btrfs-progs is not installed";
            if (!File.ReadLines("/proc/filesystems").Any(l => l.EndsWith("\tbtrfs", StringComparison.Ordinal)) || !File.Exists("/dev/loop-control"))
                return "btrfs on this machine: needs root, a kernel with btrfs, and loop devices";
            return null;
        }
    }
}

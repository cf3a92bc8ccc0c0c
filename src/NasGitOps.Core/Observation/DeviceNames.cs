using System.Text.RegularExpressions;

namespace NasGitOps.Core.Observation;

/// <summary>Names of disks: a whole disk given to ZFS gets a partition, and the pool names that.</summary>
public static partial class DeviceNames
{
    /// <summary>Takes a partition suffix off: <c>…/by-id/ata-X-part1</c>, <c>/dev/sda1</c>, <c>/dev/nvme0n1p1</c>.</summary>
    public static string WholeDisk(string path)
    {
        if (!path.StartsWith("/dev/", StringComparison.Ordinal)) return path;
        if (path.StartsWith("/dev/disk/", StringComparison.Ordinal)) return LinkPart().Replace(path, "");
        var match = KernelPart().Match(path);
        return match.Success ? match.Groups["disk"].Value : path;
    }

    /// <summary>The kernel's name of the whole disk: links resolved, partition taken off. Paths are compared by it.</summary>
    public static string Canonical(string path, IReadOnlyDictionary<string, string> links)
    {
        if (links.TryGetValue(path, out var target)) return WholeDisk(target);
        var whole = WholeDisk(path);
        return links.TryGetValue(whole, out target) ? WholeDisk(target) : whole;
    }

    [GeneratedRegex(@"-part\d+$")]
    private static partial Regex LinkPart();

    [GeneratedRegex(@"^(?<disk>/dev/(?:(?:sd|vd|hd|xvd)[a-z]+|(?:nvme\d+n\d+|mmcblk\d+|loop\d+)(?=p\d)))p?\d+$")]
    private static partial Regex KernelPart();
}

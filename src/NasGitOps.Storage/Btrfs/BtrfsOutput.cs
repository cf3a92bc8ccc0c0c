using System.Globalization;
using System.Text.RegularExpressions;

namespace NasGitOps.Storage.Btrfs;

/// <summary>A file system as <c>btrfs filesystem show --raw</c> lists it.</summary>
/// <param name="IsIncomplete">Whether devices are missing.</param>
internal sealed record BtrfsFilesystem(string Label, string Uuid, IReadOnlyList<BtrfsDevice> Devices, bool IsIncomplete)
{
    public bool IsReplacing => Devices.Any(d => d.IsSuccessor);
}

/// <param name="Path">Empty for a missing one.</param>
/// <param name="Size">Bytes that the file system uses of it at most.</param>
internal sealed record BtrfsDevice(int Id, ulong Size, string Path)
{
    /// <summary>Whether it is taking the place of another, whose number it gets in the end.</summary>
    public bool IsSuccessor => Id == 0;
}

/// <param name="Id">Of its tree; never used again in this file system.</param>
/// <param name="Generation">Transaction of its last change.</param>
/// <param name="Created">Transaction that made it.</param>
/// <param name="Parent">UUID of what it is a snapshot of; empty for none.</param>
/// <param name="Path">Below the top level.</param>
internal sealed record BtrfsSubvolume(string Id, ulong Generation, ulong Created, string Uuid, string Parent, string Path, DateTimeOffset? Time);

/// <param name="Referenced">Bytes.</param>
/// <param name="Limit">Bytes; 0 for none.</param>
internal sealed record BtrfsQgroup(string Id, ulong Referenced, ulong Limit);

/// <param name="Free">Bytes that can still be written, as <c>df</c> tells them: 0 also where there is no room for metadata.</param>
internal sealed record BtrfsUsage(ulong Size, ulong Used, ulong Free, string DataProfile, string MetadataProfile);

/// <summary>Readers of what <c>btrfs</c> prints. Seen on btrfs-progs 6.2 and 6.14.</summary>
internal static partial class BtrfsOutput
{
    public static IReadOnlyList<BtrfsFilesystem> Filesystems(string output)
    {
        var found = new List<BtrfsFilesystem>();
        foreach (var line in output.Split('\n'))
        {
            if (FilesystemLine().Match(line) is { Success: true } head)
            {
                var label = head.Groups["label"].Value;
                found.Add(new BtrfsFilesystem(label == "none" ? "" : label[1..^1], head.Groups["uuid"].Value, [], IsIncomplete: false));
            }
            else if (found.Count > 0 && DeviceLine().Match(line) is { Success: true } device)
            {
                var path = device.Groups["path"].Value;
                var isMissing = path.EndsWith("MISSING", StringComparison.Ordinal) || path.Length == 0;
                found[^1] = found[^1] with
                {
                    Devices = [.. found[^1].Devices, new BtrfsDevice((int)Math.Min(int.MaxValue, Number(device.Groups["id"].Value)), Number(device.Groups["size"].Value), isMissing ? "" : path)],
                    IsIncomplete = found[^1].IsIncomplete || isMissing,
                };
            }
            else if (found.Count > 0 && line.Contains("devices missing", StringComparison.Ordinal))
            {
                found[^1] = found[^1] with { IsIncomplete = true };
            }
        }

        return found;
    }

    /// <summary>Lines of <c>btrfs subvolume list -c -g -u -q</c>, with <c>-s</c> and times in UTC too; the id alone is always there. A name with a line break, which none of ours has, is passed over.</summary>
    public static IReadOnlyList<BtrfsSubvolume> Subvolumes(string output)
    {
        var found = new List<BtrfsSubvolume>();
        foreach (var line in output.Split('\n').Where(l => l.StartsWith("ID ", StringComparison.Ordinal)))
        {
            if (SubvolumeLine().Match(line) is not { Success: true } match) throw new FormatException($"btrfs subvolume list: '{line}'");
            DateTimeOffset? time = match.Groups["otime"] is { Success: true } otime
                ? DateTimeOffset.ParseExact(otime.Value, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)
                : null;
            var parent = match.Groups["parent"].Value;
            found.Add(new BtrfsSubvolume(
                match.Groups["id"].Value, Number(match.Groups["gen"].Value), Number(match.Groups["cgen"].Value), match.Groups["uuid"].Value, parent == "-" ? "" : parent, match.Groups["path"].Value, time));
        }

        return found;
    }

    /// <summary><c>btrfs replace status -1</c> while one runs: <c>22.9% done, 0 write errs, 0 uncorr. read errs</c>.</summary>
    public static string Replacement(string output) => output.Contains("% done", StringComparison.Ordinal) ? output.Trim() : "";

    /// <summary><c>btrfs qgroup show -r --raw</c>, by id.</summary>
    public static IReadOnlyDictionary<string, BtrfsQgroup> Qgroups(string output)
    {
        var found = new Dictionary<string, BtrfsQgroup>();
        foreach (var columns in output.Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(c => c.Length >= 4 && QgroupId().IsMatch(c[0])))
        {
            found[columns[0]] = new BtrfsQgroup(columns[0], Number(columns[1]), columns[3] == "none" ? 0 : Number(columns[3]));
        }

        return found;
    }

    /// <summary><c>btrfs filesystem usage -b</c>.</summary>
    public static BtrfsUsage Usage(string output)
    {
        ulong Of(string name) => Regex.Match(output, $@"^\s*{Regex.Escape(name)}:?\s+(\d+)", RegexOptions.Multiline) is { Success: true } m ? Number(m.Groups[1].Value) : 0;
        string Profile(string type) => Regex.Match(output, $@"^{type}(?:\+Metadata)?,\s*(\w+):", RegexOptions.Multiline) is { Success: true } m ? m.Groups[1].Value.ToLowerInvariant() : "";
        if (!output.Contains("Device size:", StringComparison.Ordinal)) throw new FormatException("btrfs filesystem usage: no 'Device size'");
        var statfs = Regex.IsMatch(output, @"Free \(statfs, df\):") ? Of("Free (statfs, df)") : Of("Free (estimated)");
        return new BtrfsUsage(Of("Device size"), Of("Used"), statfs, Profile("Data"), Profile("(?:Data\\+)?Metadata"));
    }

    /// <summary><c>btrfs device stats</c>: device path to read, write and checksum errors.</summary>
    public static IReadOnlyDictionary<string, (ulong Read, ulong Write, ulong Checksum)> Errors(string output)
    {
        var found = new Dictionary<string, (ulong Read, ulong Write, ulong Checksum)>();
        foreach (var match in output.Split('\n').Select(l => ErrorLine().Match(l)).Where(m => m.Success))
        {
            var (device, count) = (match.Groups["device"].Value, Number(match.Groups["count"].Value));
            var old = found.GetValueOrDefault(device);
            found[device] = match.Groups["name"].Value switch
            {
                "read_io_errs" => old with { Read = old.Read + count },
                "write_io_errs" or "flush_io_errs" => old with { Write = old.Write + count },
                _ => old with { Checksum = old.Checksum + count },
            };
        }

        return found;
    }

    /// <summary>How the last scrub went, in words, and what it could not mend. Source: btrfs-scrub(8).</summary>
    public static (string Words, ulong Unrepaired) Scrub(string output)
    {
        string Of(string name) => Regex.Match(output, $@"^\s*{name}:\s+(.+)$", RegexOptions.Multiline) is { Success: true } m ? m.Groups[1].Value.Trim() : "";
        if (Of("Status") is not { Length: > 0 } status) return ("", 0);
        var unrepaired = Of("Uncorrectable");
        return ($"scrub {status}, started {Of("Scrub started")}, {Of("Error summary")}", unrepaired.Length > 0 ? Number(unrepaired) : 0);
    }

    private static ulong Number(string text) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [GeneratedRegex(@"^Label: (?<label>none|'.*')\s+uuid: (?<uuid>[0-9a-f-]{36})")]
    private static partial Regex FilesystemLine();

    [GeneratedRegex(@"^\s+devid\s+(?<id>\d+) size (?<size>\d+) used \d+ path ?(?<path>.*)$")]
    private static partial Regex DeviceLine();

    [GeneratedRegex(@"^ID (?<id>\d+) gen (?<gen>\d+) (?:cgen (?<cgen>\d+) )?top level \d+ (?:otime (?<otime>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) )?(?:parent_uuid (?<parent>\S+)\s+)?(?:uuid (?<uuid>\S+) )?path (?<path>.*)$")]
    private static partial Regex SubvolumeLine();

    [GeneratedRegex(@"^\d+/\d+$")]
    private static partial Regex QgroupId();

    [GeneratedRegex(@"^\[(?<device>.+)\]\.(?<name>\w+)\s+(?<count>\d+)$")]
    private static partial Regex ErrorLine();
}

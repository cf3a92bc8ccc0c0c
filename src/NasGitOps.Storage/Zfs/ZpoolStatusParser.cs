using System.Globalization;
using System.Text.RegularExpressions;
using NasGitOps.Core.Observation;

namespace NasGitOps.Storage.Zfs;

/// <summary>Topology, health and scan of one pool, as <c>zpool status -P -p</c> tells it.</summary>
internal sealed partial record ZpoolStatus(string Pool, string State, string Scan, IReadOnlyList<VdevState> Vdevs)
{
    /// <summary>How far what runs is.</summary>
    public string Progress { get; init; } = "";

    /// <summary><c>scrub</c>, <c>resilver</c>, <c>expansion</c> or <c>removal</c>; empty when nothing runs.</summary>
    public string Running { get; init; } = "";

    /// <summary>What runs, in words; empty when nothing does.</summary>
    public string Work { get; init; } = "";

    /// <summary>What the last scan found and could not mend.</summary>
    public ulong UnrepairedErrors => ScanErrors().Match(Scan) is { Success: true } found
        ? ulong.TryParse(found.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : ulong.MaxValue
        : 0;

    /// <summary>As <c>scrub repaired 0B in 00:00:01 with 0 errors on Sun …</c>, which <c>zpool status</c> prints.</summary>
    [GeneratedRegex(@"^(?:scrub|resilver).* with ([0-9]+) errors on ")]
    private static partial Regex ScanErrors();
}

/// <summary>Reads <c>zpool status -P -p</c> and the like-shaped config of <c>zpool import</c>. Depth is two blanks a level behind a tab; class sections (logs, cache, special…) stand at the pool's own depth.</summary>
internal static partial class ZpoolStatusParser
{
    private static readonly Dictionary<string, string> Classes = new()
    {
        ["logs"] = "log",
        ["cache"] = "cache",
        ["spares"] = "spare",
        ["special"] = "special",
        ["dedup"] = "dedup",
    };

    // Source: print_scan_status, print_raidz_expand_status and print_removal_status of zpool_main.c.
    private static readonly (string Paragraph, string Sign, string Name)[] Works =
    [
        ("scan", "resilver in progress", "resilver"),
        ("scan", "resilver (", "resilver"),
        ("expand", "expansion of ", "expansion"),
        ("remove", "Evacuation of ", "removal"),
        ("scan", "scrub in progress", "scrub"),
    ];

    public static IReadOnlyList<ZpoolStatus> Parse(string output, IReadOnlyDictionary<string, string> links)
    {
        var pools = new List<ZpoolStatus>();
        foreach (var section in Sections(output)) pools.Add(ParsePool(section, links));
        return pools;
    }

    private static IEnumerable<List<string>> Sections(string output)
    {
        List<string>? section = null;
        foreach (var line in output.Split('\n'))
        {
            if (line.TrimStart().StartsWith("pool: ", StringComparison.Ordinal) && !line.StartsWith('\t'))
            {
                if (section is not null) yield return section;
                section = [];
            }

            section?.Add(line);
        }

        if (section is not null) yield return section;
    }

    private static ZpoolStatus ParsePool(List<string> lines, IReadOnlyDictionary<string, string> links)
    {
        var paragraphs = new List<(string Name, List<string> Lines)>();
        foreach (var line in lines)
        {
            if (Heading().Match(line) is { Success: true } heading) paragraphs.Add((heading.Groups["name"].Value, [heading.Groups["text"].Value.Trim()]));
            else if (line.StartsWith('\t') && paragraphs.Count > 0) paragraphs[^1].Lines.Add(line[1..]);
        }

        var name = First("pool");
        var (running, told) = Works
            .SelectMany(w => paragraphs.Where(p => p.Name == w.Paragraph && p.Lines[0].StartsWith(w.Sign, StringComparison.Ordinal) && p.Lines[0].Contains("in progress", StringComparison.Ordinal)).Select(p => (w.Name, p.Lines)))
            .FirstOrDefault();
        return new ZpoolStatus(name, First("state"), First("scan"), Vdevs([.. paragraphs.Where(p => p.Name == "config").SelectMany(p => p.Lines.Skip(1))], name, links))
        {
            Running = running ?? "",
            Work = told?[0] ?? "",
            Progress = told?.Find(l => l.Contains("% done", StringComparison.Ordinal))?.Trim() ?? "",
        };

        string First(string paragraph) => paragraphs.Find(p => p.Name == paragraph).Lines?[0] ?? "";
    }

    private static List<VdevState> Vdevs(List<string> config, string pool, IReadOnlyDictionary<string, string> links)
    {
        var vdevs = new List<VdevState>();
        var deviceClass = "data";
        List<LeafState> leaves = [];
        string? place = null;
        foreach (var line in config)
        {
            var depth = (line.Length - line.TrimStart(' ').Length) / 2;
            var columns = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (columns.Length == 0 || columns[0] == "NAME") continue;
            if (depth == 0)
            {
                deviceClass = columns[0] == pool ? "data" : Classes.GetValueOrDefault(columns[0], deviceClass);
                continue;
            }

            var isDevice = IsDevice(columns[0]);
            if (depth == 1)
            {
                // A single disk that is being replaced, or for which a spare stands in, is a single disk still.
                var isShared = IsShared(columns[0]);
                place = isShared ? columns[0] : null;
                leaves = isDevice ? [Leaf(columns, links, null)] : [];
                vdevs.Add(new VdevState(columns[0], isDevice || isShared ? "stripe" : TypeOf(columns[0]), deviceClass, columns.ElementAtOrDefault(1) ?? "", leaves));
                continue;
            }

            if (vdevs.Count == 0) throw new FormatException($"zpool status: '{line.Trim()}' stands below no vdev of pool {pool}");
            // Below a mirror or raidz: a leaf, or replacing-N and spare-N, within each other too, whose leaves follow deeper.
            if (depth == 2 && !IsShared(vdevs[^1].Name)) place = isDevice ? null : columns[0];
            if (isDevice) leaves.Add(Leaf(columns, links, place));
        }

        return vdevs;
    }

    private static bool IsShared(string name) => name.StartsWith("replacing-", StringComparison.Ordinal) || name.StartsWith("spare-", StringComparison.Ordinal);

    private static string TypeOf(string name)
    {
        var dash = name.LastIndexOf('-');
        var type = dash > 0 ? name[..dash] : name;
        var colon = type.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && type.StartsWith("draid", StringComparison.Ordinal) ? type[..colon] : type;
    }

    /// <summary>A leaf is a path, or for a missing disk its guid (a bare number).</summary>
    private static bool IsDevice(string name) => name.StartsWith('/') || name.All(char.IsAsciiDigit);

    private static LeafState Leaf(string[] columns, IReadOnlyDictionary<string, string> links, string? place)
    {
        var was = Array.IndexOf(columns, "was");
        var isNumber = !columns[0].StartsWith('/');
        var path = was >= 0 && was + 1 < columns.Length ? columns[was + 1] : columns[0];
        var whole = DeviceNames.WholeDisk(path);
        var health = columns.ElementAtOrDefault(1) ?? "";
        return new LeafState(whole, isNumber || health == "REMOVED" ? Gone(whole) : DeviceNames.Canonical(path, links), health, Count(columns, 2), Count(columns, 3), Count(columns, 4))
        {
            Guid = isNumber ? columns[0] : null,
            Place = place,
            IsFilling = Array.Exists(columns, c => c is "(resilvering)" or "(awaiting"),
        };
    }

    /// <summary>The kernel's name of a disk that is not there any more may be another disk's by now.</summary>
    private static string Gone(string path) => path.StartsWith("/dev/disk/", StringComparison.Ordinal) || !path.StartsWith("/dev/", StringComparison.Ordinal) ? path : $"{path} (gone)";

    private static ulong Count(string[] columns, int index) =>
        ulong.TryParse(columns.ElementAtOrDefault(index), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;

    [GeneratedRegex(@"^ *(?<name>[a-z]+): ?(?<text>.*)$")]
    private static partial Regex Heading();
}

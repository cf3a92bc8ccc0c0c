using System.Globalization;
using System.Text.RegularExpressions;
using NasGitOps.Core.Observation;

namespace NasGitOps.Storage.Zfs;

/// <summary>Topology, health and scan of one pool, as <c>zpool status -P -p</c> tells it.</summary>
internal sealed partial record ZpoolStatus(string Pool, string State, string Scan, IReadOnlyList<VdevState> Vdevs)
{
    public string Progress { get; init; } = "";

    /// <summary>What the last scan found and could not mend.</summary>
    public ulong UnrepairedErrors => ScanErrors().Match(Scan) is { Success: true } found
        ? ulong.TryParse(found.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : ulong.MaxValue
        : 0;

    /// <summary>As <c>scrub repaired 0B in 00:00:01 with 0 errors on Sun …</c>, which <c>zpool status</c> prints.</summary>
    [GeneratedRegex(@"^(?:scrub|resilver).* with ([0-9]+) errors on ")]
    private static partial Regex ScanErrors();
}

/// <summary>Reads <c>zpool status -P -p</c> and the like-shaped config of <c>zpool import</c>. Depth is two blanks a level behind a tab; class sections (logs, cache, special…) stand at the pool's own depth.</summary>
internal static class ZpoolStatusParser
{
    private static readonly Dictionary<string, string> Classes = new()
    {
        ["logs"] = "log",
        ["cache"] = "cache",
        ["spares"] = "spare",
        ["special"] = "special",
        ["dedup"] = "dedup",
    };

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
        string name = "", state = "", scan = "", progress = "";
        var config = new List<string>();
        var inConfig = false;
        foreach (var line in lines)
        {
            if (inConfig && line.StartsWith('\t')) config.Add(line[1..]);
            else if (!inConfig && line.StartsWith('\t') && line.Contains("% done", StringComparison.Ordinal)) progress = line.Trim();
            else if (Value(line, "pool") is { } pool) name = pool;
            else if (Value(line, "state") is { } stateText) state = stateText;
            else if (Value(line, "scan") is { } scanText) scan = scanText;
            else if (Value(line, "config") is not null) inConfig = true;
            else if (Value(line, "errors") is not null) inConfig = false;
        }

        return new ZpoolStatus(name, state, scan, Vdevs(config, name, links)) { Progress = progress };
    }

    private static string? Value(string line, string key)
    {
        var trimmed = line.TrimStart();
        return !line.StartsWith('\t') && trimmed.StartsWith(key + ":", StringComparison.Ordinal) ? trimmed[(key.Length + 1)..].Trim() : null;
    }

    private static List<VdevState> Vdevs(List<string> config, string pool, IReadOnlyDictionary<string, string> links)
    {
        var vdevs = new List<VdevState>();
        var deviceClass = "data";
        List<LeafState>? leaves = null;
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

            var health = columns.Length > 1 ? columns[1] : "";
            if (depth > 1)
            {
                // Below a mirror or raidz: a leaf, or replacing-N/spare-N whose own leaves follow one level deeper.
                if (IsDevice(columns[0])) leaves?.Add(Leaf(columns, links));
            }
            else if (IsDevice(columns[0]))
            {
                vdevs.Add(new VdevState(columns[0], "stripe", deviceClass, health, [Leaf(columns, links)]));
                leaves = null;
            }
            else
            {
                leaves = [];
                vdevs.Add(new VdevState(columns[0], TypeOf(columns[0]), deviceClass, health, leaves));
            }
        }

        return vdevs;
    }

    private static string TypeOf(string name)
    {
        var dash = name.LastIndexOf('-');
        var type = dash > 0 ? name[..dash] : name;
        var colon = type.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && type.StartsWith("draid", StringComparison.Ordinal) ? type[..colon] : type;
    }

    /// <summary>A leaf is a path, or for a missing disk its guid (a bare number).</summary>
    private static bool IsDevice(string name) => name.StartsWith('/') || name.All(char.IsAsciiDigit);

    private static LeafState Leaf(string[] columns, IReadOnlyDictionary<string, string> links)
    {
        var was = Array.IndexOf(columns, "was");
        var path = was >= 0 && was + 1 < columns.Length ? columns[was + 1] : columns[0];
        var whole = DeviceNames.WholeDisk(path);
        return new LeafState(whole, DeviceNames.Canonical(path, links), columns.ElementAtOrDefault(1) ?? "", Count(columns, 2), Count(columns, 3), Count(columns, 4));
    }

    private static ulong Count(string[] columns, int index) =>
        ulong.TryParse(columns.ElementAtOrDefault(index), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;
}

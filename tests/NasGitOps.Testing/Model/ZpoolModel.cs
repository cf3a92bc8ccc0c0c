using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using NasGitOps.Storage.Zfs;

namespace NasGitOps.Testing.Model;

/// <summary>What <c>zpool</c> does to a host, and what it prints.</summary>
internal static class ZpoolModel
{
    private static readonly HashSet<string> Classes = ["log", "cache", "spare", "special", "dedup"];

    private static readonly Dictionary<string, string> Options = new()
    {
        ["ashift"] = "0",
        ["autoexpand"] = "off",
        ["autoreplace"] = "off",
        ["autotrim"] = "off",
        ["comment"] = "-",
        ["delegation"] = "on",
        ["failmode"] = "wait",
        ["listsnapshots"] = "off",
        ["multihost"] = "off",
    };

    public static ModelResult Run(ModelState state, IReadOnlyList<string> arguments) => arguments[0] switch
    {
        "create" => Create(state, arguments),
        "import" => Import(state, arguments[^1]),
        "add" or "attach" or "replace" or "detach" or "remove" => ZpoolLayoutModel.Run(state, arguments),
        "set" => Set(state, arguments[1], arguments[2]),
        _ => throw new InvalidOperationException($"the model has no 'zpool {arguments[0]}'"),
    };

    public static string Get(ModelState state, string columns)
    {
        var text = new StringBuilder();
        foreach (var pool in Pools(state).Where(p => p.Imported))
        {
            foreach (var property in columns.Split(','))
            {
                var (value, source) = property switch
                {
                    "guid" => (pool.Guid, "-"),
                    "health" => (pool.Health, "-"),
                    "size" => ("1073741824", "-"),
                    "allocated" => ("1048576", "-"),
                    "free" => ("1072693248", "-"),
                    _ when pool.Options.TryGetValue(property, out var set) => (set, "local"),
                    _ => (Options[property], "default"),
                };
                text.Append(CultureInfo.InvariantCulture, $"{pool.Name}\t{property}\t{value}\t{source}\n");
            }
        }

        return text.ToString();
    }

    /// <param name="numbers">As <c>-g</c>: numbers in the place of names.</param>
    public static string Status(ModelState state, string? only = null, bool numbers = false) => string.Join(
        '\n', Pools(state).Where(p => p.Imported && (only is null || p.Name == only)).Select(p => Describe(p, "  pool: ", " state: ", "config:", "errors: No known data errors\n", numbers)));

    /// <summary>As <c>zpool list -v -H -P -p</c>.</summary>
    public static string Sizes(ModelState state, string name) =>
        $"{name}\t1073741824\t1048576\t1072693248\n" + string.Concat(state.Pools[name].Vdevs.Select((v, i) => $"\t{(v.Type == "stripe" ? v.Disks[0] : $"{v.Type}-{i}")}\t1073741824\t1048576\t1005584384\n"));

    public static string Importable(ModelState state) => string.Join('\n', Pools(state).Where(p => !p.Imported).Select(p => Describe(p, "  pool: ", " state: ", "config:", "")));

    private static IEnumerable<ModelPool> Pools(ModelState state) => state.Pools.Values.Where(p => p.Backend == ZfsBackend.BackendName);

    private static string Describe(ModelPool pool, string name, string state, string config, string end, bool numbers = false)
    {
        var text = new StringBuilder($"{name}{pool.Name}\n{state}{pool.Health}\n{config}\n\n\t{pool.Name}  {pool.Health}\n");
        foreach (var group in pool.Vdevs.Select((v, i) => (Vdev: v, Index: i)).GroupBy(v => v.Vdev.Class).OrderBy(g => g.Key == "data" ? 0 : 1).ThenBy(g => g.Key, StringComparer.Ordinal))
        {
            if (group.Key != "data") text.Append(CultureInfo.InvariantCulture, $"\t{group.Key switch { "log" => "logs", "spare" => "spares", var other => other }}\n");
            foreach (var (vdev, index) in group)
            {
                if (vdev.Type != "stripe") Line("  ", numbers ? GuidOf($"{vdev.Type}-{index}") : $"{vdev.Type}-{index}", "ONLINE");
                foreach (var disk in vdev.Disks) Line(vdev.Type == "stripe" ? "  " : "    ", numbers ? GuidOf(disk) : disk, vdev.Class == "spare" ? "AVAIL" : "ONLINE");
            }
        }

        return text.Append('\n').Append(end).ToString();

        void Line(string depth, string shown, string health) => text.Append(CultureInfo.InvariantCulture, $"\t{depth}{shown}  {health}  0  0  0\n");
    }

    /// <summary>A disk's number in its pool.</summary>
    internal static string GuidOf(string disk) => disk.Aggregate(14695981039346656037UL, (hash, c) => (hash ^ c) * 1099511628211UL).ToString(CultureInfo.InvariantCulture);

    private static ModelResult Create(ModelState state, IReadOnlyList<string> arguments)
    {
        var options = Maps.Empty<string>();
        var local = new Dictionary<string, string>();
        var at = 1;
        var force = false;
        for (; arguments[at].StartsWith('-'); at++)
        {
            switch (arguments[at])
            {
                case "-f": force = true; break;
                case "-o": options = Assign(options, arguments[++at]); break;
                case "-O": local[arguments[++at].Split('=')[0]] = arguments[at][(arguments[at].IndexOf('=', StringComparison.Ordinal) + 1)..]; break;
                case "-m": local["mountpoint"] = arguments[++at]; break;
                default: throw new InvalidOperationException($"the model has no 'zpool create {arguments[at]}'");
            }
        }

        var name = arguments[at];
        if (state.Pools.TryGetValue(name, out var there) && there.Imported) return ModelResult.Refused($"cannot create '{name}': pool already exists");
        var vdevs = Vdevs([.. arguments.Skip(at + 1)]);
        foreach (var disk in vdevs.SelectMany(v => v.Disks))
        {
            if (!state.Disks.TryGetValue(disk, out var carries)) return ModelResult.Refused($"cannot resolve path '{disk}'");
            if (carries.Length > 0 && !force) return new ModelResult(state, "", null, $"zpool create takes {disk}, which carries {carries}");
        }

        var guid = ZfsModel.New(state, "pool " + name, "filesystem", []).Guid;
        var root = ZfsModel.New(state, name, "filesystem", local);
        var next = Taken(state, vdevs, name) with { Pools = state.Pools.SetItem(name, new ModelPool(name, guid, Imported: true, options, vdevs)) };
        next = next.With(root);
        return ZfsProperties.Mountpoint(next, root).Value.StartsWith('/') && local.GetValueOrDefault("canmount", "on") == "on" ? ZfsModel.Mount(next, name) : ModelResult.Done(next);
    }

    private static ModelResult Import(ModelState state, string name) =>
        state.Pools.TryGetValue(name, out var pool) && !pool.Imported
            ? ModelResult.Done(state with { Pools = state.Pools.SetItem(name, pool with { Imported = true }) })
            : ModelResult.Refused($"cannot import '{name}': no such pool available");

    private static ModelResult Set(ModelState state, string assignment, string name) => ModelResult.Done(
        state with { Pools = state.Pools.SetItem(name, state.Pools[name] with { Options = Assign(state.Pools[name].Options, assignment) }) });

    private static ImmutableSortedDictionary<string, string> Assign(ImmutableSortedDictionary<string, string> options, string assignment) =>
        options.SetItem(assignment.Split('=')[0], assignment[(assignment.IndexOf('=', StringComparison.Ordinal) + 1)..]);

    internal static ModelState Taken(ModelState state, ImmutableList<ModelVdev> vdevs, string pool) =>
        state with { Disks = state.Disks.SetItems(vdevs.SelectMany(v => v.Disks).Select(d => KeyValuePair.Create(d, $"a member of pool {pool}"))) };

    internal static ImmutableList<ModelVdev> Vdevs(IReadOnlyList<string> words)
    {
        var vdevs = ImmutableList<ModelVdev>.Empty;
        var deviceClass = "data";
        string? type = null;
        foreach (var word in words)
        {
            if (Classes.Contains(word)) (deviceClass, type) = (word, null);
            else if (!word.StartsWith('/'))
            {
                // log, special and dedup hold for every vdev behind them; spare and cache end at the next grouping. Source: zpool_vdev.c, construct_spec.
                if (deviceClass is "spare" or "cache") deviceClass = "data";
                type = word;
                vdevs = vdevs.Add(new ModelVdev(word, deviceClass, []));
            }
            else if (type is null) vdevs = vdevs.Add(new ModelVdev("stripe", deviceClass, [word]));
            else vdevs = vdevs.SetItem(vdevs.Count - 1, vdevs[^1] with { Disks = vdevs[^1].Disks.Add(word) });
        }

        return vdevs;
    }
}

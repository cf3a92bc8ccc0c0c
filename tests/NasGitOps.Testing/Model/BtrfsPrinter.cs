using System.Globalization;
using System.Text;
using NasGitOps.Core.Observation;
using NasGitOps.Storage.Btrfs;

namespace NasGitOps.Testing.Model;

/// <summary>What <c>btrfs</c>, <c>blkid</c> and the kernel's table of mounts show of a host.</summary>
internal static class BtrfsPrinter
{
    private const string Created = "2025-10-09 08:53:20";

    public static RunAnswer Print(ModelState state, IReadOnlyList<string> arguments) => (arguments[0], arguments.Count > 1 ? arguments[1] : "") switch
    {
        ("--version", _) => Text("btrfs-progs v6.14\n"),
        ("filesystem", "show") => Text(string.Concat(Pools(state).Select(Show))),
        ("filesystem", "usage") => Text(Usage(state.Pools[BtrfsModel.Pool(arguments[^1])])),
        ("filesystem", "sync") => Text(""),
        ("subvolume", "list") => Text(List(state, BtrfsModel.Pool(arguments[^1]), arguments)),
        ("device", "stats") => Text(""),
        ("scrub", "status") => Text("no stats available\n"),
        ("qgroup", "show") => Qgroups(state, BtrfsModel.Pool(arguments[^1])),
        _ => throw new InvalidOperationException($"nobody prints 'btrfs {arguments[0]}'"),
    };

    public static RunAnswer Signature(ModelState state, string disk) => Pools(state).FirstOrDefault(p => p.Vdevs.Any(v => v.Disks.Contains(disk))) is { } pool
        ? Text($"DEVNAME={disk}\nLABEL={pool.Name}\nUUID={pool.Guid}\nTYPE=btrfs\n")
        : new RunAnswer(2, "", "");

    public static string Mounts(ModelState state)
    {
        var text = new StringBuilder("20 1 8:1 / / rw,relatime - ext4 /dev/root rw\n");
        var id = 30;
        foreach (var pool in Pools(state).Where(p => p.Imported)) Line(pool, "/", BtrfsLayout.Top(pool.Name), "nosuid,nodev,noexec,noatime");
        foreach (var (target, bind) in state.Binds)
        {
            var pool = state.Pools[BtrfsModel.Pool(bind.Source)];
            Line(pool, bind.Source[BtrfsLayout.Top(pool.Name).Length..], target, bind.Flags);
        }

        return text.ToString();

        void Line(ModelPool pool, string root, string target, string flags) =>
            text.Append(CultureInfo.InvariantCulture, $"{id++} 20 0:{Device(state, pool)} {Escaped(root)} {Escaped(target)} {(flags.Contains("ro", StringComparison.Ordinal) && flags.Split(',').Contains("ro") ? "" : "rw,")}{(flags.Length == 0 ? "relatime" : flags)} - btrfs {pool.Vdevs[0].Disks[0]} rw,subvolid=5\n");
    }

    public static AttributesAnswer Attributes(ModelState state, AttributesProbe probe)
    {
        var found = new Dictionary<string, PathAttributes>();
        foreach (var path in probe.Paths)
        {
            if (path.EndsWith("/" + BtrfsLayout.Subvolume, StringComparison.Ordinal))
            {
                if (state.Datasets.GetValueOrDefault(BtrfsModel.Dataset(path[..^2])) is not { } dataset) continue;
                var compression = dataset.Local.GetValueOrDefault("compression");
                found[path] = new PathAttributes(compression is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["btrfs.compression"] = compression }, dataset.Local.GetValueOrDefault("nocow") == "on");
            }
            else if (state.Nodes.GetValueOrDefault(BtrfsModel.Dataset(path)) is { } node)
            {
                found[path] = new PathAttributes(node.Attributes, NoCow: false);
            }
        }

        return new AttributesAnswer(found);
    }

    private static IEnumerable<ModelPool> Pools(ModelState state) => state.Pools.Values.Where(p => p.Backend == BtrfsBackend.BackendName);

    private static string Show(ModelPool pool) =>
        $"Label: '{pool.Name}'  uuid: {pool.Guid}\n\tTotal devices {pool.Vdevs.Count} FS bytes used 147456\n"
        + string.Concat(pool.Vdevs.Select((v, i) => $"\tdevid    {i + 1} size 1073741824 used 138412032 path {v.Disks[0]}\n")) + "\n";

    private static string Usage(ModelPool pool)
    {
        var (data, metadata) = (Name(pool.Options["dataProfile"]), Name(pool.Options["metadataProfile"]));
        return $"Overall:\n    Device size:\t\t 1073741824\n    Used:\t\t\t 1048576\n    Free (statfs, df):\t\t 1072693248\n\nData,{data}: Size:8388608, Used:0 (0.00%)\n\nMetadata,{metadata}: Size:8388608, Used:0 (0.00%)\n";

        static string Name(string profile) => profile == "single" ? profile : profile.ToUpperInvariant();
    }

    private static string List(ModelState state, string pool, IReadOnlyList<string> arguments)
    {
        var text = new StringBuilder();
        var onlySnapshots = arguments.Contains("-s");
        foreach (var dataset in state.Datasets.Values.Where(d => BtrfsLayout.PoolOf(d.Name) == pool))
        {
            if (arguments.Contains("-r") && dataset.Local.GetValueOrDefault("readonly") != "on") continue;
            if (onlySnapshots && dataset.Origin is null) continue;
            Line(dataset.Guid, dataset.Name, dataset.Origin is null ? "-" : BtrfsModel.Uuid(dataset.Origin), Relative(pool, BtrfsLayout.SubvolumeOf(dataset.Name)), Created);
        }

        foreach (var (name, time) in state.Snapshots.Where(s => BtrfsLayout.PoolOf(s.Key.Split('@')[0]) == pool).OrderBy(s => s.Value))
        {
            Line(ZfsModel.New(state, name, "filesystem", []).Guid, name, "-", Relative(pool, BtrfsLayout.SnapshotOf(name)), time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
        }

        return text.ToString();

        void Line(string id, string name, string parent, string path, string time)
        {
            var otime = onlySnapshots ? $"otime {time} " : "";
            text.Append(CultureInfo.InvariantCulture, $"ID {id} gen 7 {(arguments.Contains("-c") ? "cgen 7 " : "")}top level 5 {otime}{(arguments.Contains("-q") ? $"parent_uuid {parent,-36} " : "")}uuid {BtrfsModel.Uuid(name)} path {path}\n");
        }
    }

    private static string Relative(string pool, string path) => path[(BtrfsLayout.Top(pool).Length + 1)..];

    private static RunAnswer Qgroups(ModelState state, string pool)
    {
        if (!state.Pools[pool].Quotas) return new RunAnswer(1, "", "ERROR: can't list qgroups: quotas not enabled\n");
        return Text("Qgroupid    Referenced    Exclusive  Max referenced   Path\n"
            + string.Concat(BtrfsModel.AllGroups(state, pool).Select(g => $"{g.Key}  1048576  1048576  {g.Value}  x\n")));
    }

    private static int Device(ModelState state, ModelPool pool) => 40 + state.Pools.Keys.ToList().IndexOf(pool.Name);

    private static string Escaped(string path) => path.Replace("\\", "\\134", StringComparison.Ordinal).Replace(" ", "\\040", StringComparison.Ordinal);

    private static RunAnswer Text(string output) => new(0, output, "");
}

using Newtonsoft.Json.Linq;

namespace NasGitOps.Testing.Laws;

/// <summary>Random manifests of every kind over one small world of names, so that they refer to each other and collide with what the host has. A new kind adds its line.</summary>
public static class KindGenerators
{
    public static readonly string[] Datasets = ["tank/a", "tank/a/b", "tank/a/b/c", "tank/a-b", "tank/c", "tank/c/d", "vault/x", "vault/x/y"];
    public static readonly string[] Users = ["alice", "bob", "carol"];
    public static readonly string[] Groups = ["media", "staff"];

    private static readonly (string Name, string[] Values)[] Properties =
    [
        ("compression", ["lz4", "zstd", "off", "on"]), ("atime", ["on", "off"]), ("recordsize", ["1M", "128K", "16K"]), ("readonly", ["on", "off"]), ("canmount", ["on", "off", "noauto"]),
        ("xattr", ["sa", "on"]), ("acltype", ["posixacl", "off"]), ("copies", ["1", "2"]), ("snapdir", ["hidden", "visible"]), ("filesystem_limit", ["none", "10"]),
        ("casesensitivity", ["sensitive", "insensitive"]), ("sync", ["standard", "disabled"]), ("logbias", ["latency", "throughput"]),
    ];

    private static readonly (string Name, string[] Values)[] BtrfsProperties =
    [
        ("compression", ["zstd", "zlib", "off", "on"]), ("atime", ["on", "off"]), ("readonly", ["on", "off"]), ("canmount", ["on", "off", "noauto"]), ("exec", ["on", "off"]), ("setuid", ["on", "off"]),
        ("devices", ["on", "off"]), ("nocow", ["on", "off"]), ("com.example:note", ["a", "b"]),
    ];

    public static IReadOnlyDictionary<string, Func<Dice, Draft>> All { get; } = new Dictionary<string, Func<Dice, Draft>>
    {
        ["Pool"] = Pool,
        ["Dataset"] = d => Dataset(d, d.One(Datasets)),
        ["Group"] = d => Group(d, d.Below(Groups.Length)),
        ["User"] = d => User(d, d.Below(Users.Length)),
        ["SambaServer"] = Server,
        ["SmbShare"] = Share,
        ["NfsExport"] = Export,
        ["SnapshotSchedule"] = Schedule,
        ["Clone"] = Clone,
    };

    public static string[] DisksOf(string pool) => pool == "tank" ? ["d0", "d1"] : ["d2", "d3"];

    public static string Disk(string name) => $"/dev/disk/by-id/{name}";

    /// <summary>Both pools' own manifests, without which hardly anything else is valid.</summary>
    public static Draft PoolOf(Dice dice, string name)
    {
        if (dice.IsBtrfs(name)) return BtrfsPool(dice, name);
        var vdevs = new JArray(new JObject { ["type"] = "mirror", ["disks"] = Disks(DisksOf(name)) });
        if (name == "tank" && dice.Chance(30)) vdevs = new JArray(OtherLayout(dice));
        if (name == "tank" && dice.Chance(30))
        {
            var log = new JObject { ["class"] = dice.One("log", "cache", "spare"), ["disks"] = Disks(["d4"]) };
            if (dice.Chance(50)) vdevs.Add(log);
            else vdevs.AddFirst(log);
        }

        var spec = new JObject { ["vdevs"] = vdevs };
        if (dice.Chance(40)) spec["properties"] = PropertiesOf(dice, 15, name);
        if (dice.Chance(30)) spec["options"] = new JObject { ["autotrim"] = dice.One("on", "off"), ["comment"] = "made by hand" };
        return Finished(dice, name, spec);
    }

    /// <summary>What <c>zpool</c> makes of a mirror, and what it does not.</summary>
    private static JObject OtherLayout(Dice dice)
    {
        var (type, disks) = dice.One<(string, string[])>(("mirror", ["d0", "d1", "d5"]), ("mirror", ["d0", "d5"]), ("mirror", ["d5", "d1"]), ("mirror", ["d4", "d5"]), ("stripe", ["d0"]), ("stripe", ["d0", "d1"]), ("raidz1", ["d0", "d1", "d5"]));
        return new JObject { ["type"] = type, ["disks"] = Disks(disks) };
    }

    private static Draft BtrfsPool(Dice dice, string name)
    {
        var spec = new JObject { ["backend"] = "btrfs", ["devices"] = Disks(DisksOf(name)) };
        if (dice.Chance(30)) spec["devices"] = Disks([.. DisksOf(name), name == "tank" ? "d4" : "d5"]);
        if (dice.Chance(20)) spec["devices"] = Disks([DisksOf(name)[0], name == "tank" ? "d4" : "d5"]);
        if (dice.Chance(50)) spec["dataProfile"] = dice.One("raid1", "single");
        if (dice.Chance(30)) spec["metadataProfile"] = "raid1";
        if (dice.Chance(40)) spec["properties"] = PropertiesOf(dice, 15, name);
        if (dice.Chance(30)) spec["options"] = new JObject { [dice.One("quotas", "autoexpand")] = dice.One("on", "off") };
        return Finished(dice, name, spec);
    }

    private static Draft Finished(Dice dice, string name, JObject spec)
    {
        if (dice.Chance(30)) spec["mountpoint"] = dice.One("/srv/" + name, "none", "/" + name);
        foreach (var task in dice.Some(20, "scrub", "trim")) spec[task] = new JObject { ["cron"] = dice.One("@monthly", "0 3 1 * *"), ["timeZone"] = dice.One("UTC", "Europe/Berlin") };
        return Whole(dice, "Pool", name, spec);
    }

    private static Draft Pool(Dice dice) => PoolOf(dice, dice.One("tank", "vault"));

    private static Draft Dataset(Dice dice, string name)
    {
        var spec = new JObject();
        var isBtrfs = dice.IsBtrfs(name);
        if (!isBtrfs && dice.Chance(15))
        {
            spec["type"] = "volume";
            spec["volumeSize"] = dice.One("16MiB", "32MiB");
            if (dice.Chance(50)) spec["sparse"] = true;
            return Whole(dice, "Dataset", name, spec);
        }

        if (dice.Chance(60)) spec["properties"] = PropertiesOf(dice, 20, name);
        foreach (var size in dice.Some(15, "quota", "refquota")) spec[size] = dice.One("1GiB", "2GiB", "none");
        if (!isBtrfs && dice.Chance(15)) spec["reservation"] = "1MiB";
        if (!isBtrfs && dice.Chance(15)) spec["userQuotas"] = new JObject { [dice.One(Users)] = dice.One("1GiB", "none") };
        if (dice.Chance(35)) spec["mountpoint"] = dice.One("/srv/" + name.Replace('/', '.'), "/srv/" + name[(name.LastIndexOf('/') + 1)..], "none", isBtrfs ? "none" : "legacy");
        if (dice.Chance(25)) spec["permissions"] = Permissions(dice);
        if (dice.Chance(25)) spec["directories"] = new JArray(dice.Some(50, "in", "in/deep", "out").Select(p => new JObject(Permissions(dice).Properties().Prepend(new JProperty("path", p)))));
        if (!isBtrfs && dice.Chance(15)) spec["encryption"] = new JObject { ["key"] = new JObject { ["secretRef"] = dice.One("key-1", "key-2") } };
        if (dice.Chance(20)) spec["movedFrom"] = dice.One(Datasets);
        if (dice.Chance(35)) spec["deletionPolicy"] = "quarantine";
        return Whole(dice, "Dataset", name, spec);
    }

    private static Draft Group(Dice dice, int which) => Whole(dice, "Group", Groups[which], new JObject { ["gid"] = 2001 + which + (dice.Chance(10) ? 10 : 0) });

    private static Draft User(Dice dice, int which)
    {
        var spec = new JObject { ["uid"] = 1101 + which + (dice.Chance(10) ? 10 : 0) };
        if (dice.Chance(30)) spec["primaryGroup"] = dice.One(Groups);
        if (dice.Chance(50)) spec["groups"] = new JArray(dice.Some(60, Groups));
        if (dice.Chance(20)) spec["groupsExclusive"] = true;
        if (dice.Chance(50)) spec["smb"] = new JObject { ["password"] = new JObject { ["secretRef"] = "password-" + Users[which] } };
        return Whole(dice, "User", Users[which], spec);
    }

    private static Draft Server(Dice dice)
    {
        var spec = new JObject();
        if (dice.Chance(50)) spec["workgroup"] = dice.One("HOME", "WORKGROUP");
        if (dice.Chance(40)) spec["profile"] = dice.One("standard", "high");
        if (dice.Chance(30)) spec["options"] = new JObject { ["deadtime"] = dice.One("15", "10080") };
        return Whole(dice, "SambaServer", "default", spec);
    }

    private static Draft Share(Dice dice)
    {
        var accounts = Users.Concat(Groups.Select(g => "@" + g)).ToList();
        var access = new JObject { ["readWrite"] = new JArray(dice.Some(40, accounts)), ["readOnly"] = new JArray(dice.Some(20, accounts)) };
        if (dice.Chance(20)) access["deny"] = new JArray(dice.Some(30, accounts));
        if (dice.Chance(20)) access["guest"] = dice.One("none", "readOnly", "readWrite");
        var spec = new JObject { ["dataset"] = dice.One([.. Datasets, "tank/restored"]), ["access"] = access };
        if (dice.Chance(20)) spec["subpath"] = dice.One("in", "out");
        if (dice.Chance(30)) spec["comment"] = dice.One("Films and music", "x");
        if (dice.Chance(30)) spec["files"] = new JObject { ["fileMode"] = dice.One("0660", "0640"), ["inherit"] = dice.Chance(50) };
        if (dice.Chance(25)) spec["previousVersions"] = true;
        if (dice.Chance(20)) spec["recycleBin"] = new JObject { ["keepFor"] = dice.One("7d", "30d") };
        if (dice.Chance(15)) spec["timeMachine"] = new JObject { ["maxSize"] = dice.One("1GiB", "2GiB") };
        if (dice.Chance(20)) spec["hidden"] = true;
        if (dice.Chance(30)) spec["options"] = new JObject { ["oplocks"] = dice.Chance(50), ["veto files"] = "/.DS_Store/" };
        return Whole(dice, "SmbShare", dice.One("docs", "Media Files", "s3"), spec);
    }

    private static Draft Export(Dice dice)
    {
        var hosts = dice.Some(50, "10.0.0.0/24", "10.0.0.5", "nas2.lan", Model.NfsModel.Unresolvable).DefaultIfEmpty("10.0.0.9");
        var clients = hosts.Select(h =>
        {
            var client = new JObject { ["host"] = h };
            if (dice.Chance(60)) client["access"] = dice.One("rw", "ro");
            if (dice.Chance(30)) client["squash"] = dice.One("root", "none", "all");
            if (dice.Chance(20)) client["anonUid"] = 1101;
            return client;
        });
        var spec = new JObject { ["dataset"] = dice.One([.. Datasets, "tank/restored"]), ["clients"] = new JArray(clients) };
        if (dice.Chance(20)) spec["subpath"] = dice.One("in", "in/deep", "out");
        if (dice.Chance(20)) spec["nestedDatasets"] = false;
        if (dice.Chance(20)) spec["options"] = new JArray("insecure");
        return Whole(dice, "NfsExport", dice.One("e1", "e2", "e3"), spec);
    }

    private static Draft Clone(Dice dice)
    {
        var from = new JObject { ["dataset"] = dice.One([.. Datasets, "tank"]) };
        if (dice.Chance(40)) from["snapshot"] = dice.One("s1", "s2");
        else if (dice.Chance(60)) from["latest"] = true;
        else from["before"] = "2025-10-09T00:00:00Z";
        var spec = new JObject { ["from"] = from };
        if (dice.Chance(30)) spec["properties"] = new JObject { [dice.One("compression", "readonly")] = dice.One("on", "off") };
        if (dice.Chance(50)) spec["expiresAfter"] = dice.One("7d", "2w");
        return Whole(dice, "Clone", dice.One("tank/restored", "tank/a/restored", "vault/copy"), spec);
    }

    private static Draft Schedule(Dice dice)
    {
        var spec = new JObject
        {
            ["datasets"] = new JArray(dice.Some(30, [.. Datasets, "tank"]).DefaultIfEmpty("tank")),
            ["cron"] = dice.One("@hourly", "*/5 * * * *", "0 3 1 * *"),
            ["retention"] = new JObject { [dice.One("keepLast", "keepDaily")] = 1 + dice.Below(9), ["keepWithin"] = dice.One("1d", "2w") },
        };
        if (dice.Chance(50)) spec["recursive"] = true;
        if (dice.Chance(40)) spec["timeZone"] = dice.One("Europe/Berlin", "UTC");
        if (dice.Chance(20)) spec["includeVolumes"] = true;
        if (dice.Chance(10)) spec["hooks"] = new JObject { ["pre"] = "flush" };
        return Whole(dice, "SnapshotSchedule", dice.One("hourly", "monthly"), spec);
    }

    private static Draft Whole(Dice dice, string kind, string name, JObject spec) => new(kind, name, spec, Suspend: dice.Chance(4), Report: dice.Chance(8));

    private static JObject PropertiesOf(Dice dice, int percent, string dataset)
    {
        var isPool = !dataset.Contains('/', StringComparison.Ordinal);
        return new(dice.Some(percent, dice.IsBtrfs(dataset) ? BtrfsProperties : Properties).Where(p => !isPool || p.Name is not ("casesensitivity" or "nocow")).Select(p => new JProperty(p.Name, dice.One(p.Values))));
    }

    private static JObject Permissions(Dice dice)
    {
        var permissions = new JObject();
        if (dice.Chance(60)) permissions["owner"] = dice.One("alice", "1101", "root");
        if (dice.Chance(60)) permissions["group"] = dice.One("media", "2001");
        if (dice.Chance(60)) permissions["mode"] = dice.One("0770", "2775");
        return permissions;
    }

    private static JArray Disks(IEnumerable<string> names) => new(names.Select(Disk));
}

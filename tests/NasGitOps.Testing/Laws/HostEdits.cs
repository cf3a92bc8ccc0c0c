using NasGitOps.Core.Observation;
using NasGitOps.Storage.Btrfs;
using NasGitOps.Testing.Model;

namespace NasGitOps.Testing.Laws;

/// <summary>What somebody may have done to a host by hand.</summary>
public enum HostEdit
{
    MakePool, MakeBtrfs, ExportPool, MakeDataset, MakeEncrypted, SetProperty, InheritProperty, SetMountpoint, Unmount, UnloadKeys, DestroyDataset, RenameDataset,
    DirtyDisk, FillFolder, ForeignExport, ForeignShare, EditOurFile, DeleteOurFile, ForgetExports, StopSmbd, AddUser, AddGroup, LeaveGroup, JoinGroup, DisableSmb,
    AddSmb, MakeSnapshot, LoseSecret, NewPassword, ChangeMode, ReplaceByLink, Reboot, SwapDisk, WipeDisk,
}

/// <param name="Pick">Chooses which thing, and how.</param>
public sealed record HandEdit(HostEdit Edit, int Pick)
{
    private const string SmbConf = "/etc/samba/smb.conf";

    public static readonly HostEdit[] BeforeAnything =
    [
        HostEdit.MakePool, HostEdit.MakeBtrfs, HostEdit.ExportPool, HostEdit.MakeDataset, HostEdit.MakeDataset, HostEdit.MakeEncrypted, HostEdit.SetProperty, HostEdit.SetMountpoint, HostEdit.Unmount,
        HostEdit.UnloadKeys, HostEdit.DirtyDisk, HostEdit.FillFolder, HostEdit.ForeignExport, HostEdit.ForeignShare, HostEdit.StopSmbd, HostEdit.AddUser, HostEdit.AddGroup,
        HostEdit.AddSmb, HostEdit.LoseSecret, HostEdit.MakeSnapshot, HostEdit.MakeSnapshot,
    ];

    /// <summary>Drift: edits that destroy nothing and bring nothing foreign in the way.</summary>
    public static readonly HostEdit[] Drift =
    [
        HostEdit.SetProperty, HostEdit.InheritProperty, HostEdit.SetMountpoint, HostEdit.Unmount, HostEdit.UnloadKeys, HostEdit.EditOurFile, HostEdit.DeleteOurFile, HostEdit.ForgetExports,
        HostEdit.StopSmbd, HostEdit.LeaveGroup, HostEdit.JoinGroup, HostEdit.DisableSmb, HostEdit.ChangeMode, HostEdit.Reboot, HostEdit.NewPassword, HostEdit.MakeDataset, HostEdit.ForeignExport, HostEdit.MakeSnapshot, HostEdit.SwapDisk, HostEdit.WipeDisk,
    ];

    public static readonly HostEdit[] Losses = [HostEdit.DestroyDataset, HostEdit.RenameDataset, HostEdit.ExportPool, HostEdit.ReplaceByLink, HostEdit.LoseSecret];

    public static ModelState EmptyHost { get; } = new ModelState
    {
        Disks = Maps.Of(Enumerable.Range(0, 6).Select(i => KeyValuePair.Create(KindGenerators.Disk($"d{i}"), ""))),
        Files = Maps.Of([KeyValuePair.Create(SmbConf, "[global]\n   workgroup = WORKGROUP\n")]),
        Groups = Maps.Of([KeyValuePair.Create("root", new ModelGroup(0, []))]),
        Users = Maps.Of([KeyValuePair.Create("root", new ModelUser(0, 0))]),
        Secrets = Maps.Of(new[] { "key-1", "key-2", "password-alice", "password-bob", "password-carol" }.Select(s => KeyValuePair.Create(s, "value of " + s))),
    };

    /// <summary>The host after the edit; the same where there is nothing to edit.</summary>
    public ModelState On(ModelState state) => Edit switch
    {
        HostEdit.MakePool => MakePool(state, Of(["tank", "vault"])),
        HostEdit.MakeBtrfs => MakeBtrfs(state, Of(["tank", "vault"])!),
        HostEdit.ExportPool => Of([.. state.Pools.Values.Where(p => p.Imported)]) is { } pool ? Exported(state, pool) : state,
        HostEdit.MakeDataset => MakeDataset(state, null),
        HostEdit.MakeEncrypted => MakeDataset(state, new ModelKey("aes-256-gcm", "passphrase", "value of " + Of(["key-1", "key-2"]), Loaded: true)),
        HostEdit.SetProperty => Zfs(state, "set", Of(["compression=gzip", "readonly=on", "atime=off", "recordsize=65536", "canmount=noauto", "quota=3221225472", "sync=always", "copies=3", "snapdir=visible"])!),
        HostEdit.InheritProperty => Zfs(state, "inherit", Of(["compression", "atime", "recordsize", "mountpoint", "readonly", "sync"])!),
        HostEdit.SetMountpoint => Zfs(state, "set", $"mountpoint={Of(["/mnt/by-hand-" + (Pick % 7), "none", "legacy"])}"),
        HostEdit.Unmount => Dataset(state) is { } d ? Unmount(state, d) : state,
        HostEdit.UnloadKeys => state.Datasets.Values.Where(d => d.Key is not null).Aggregate(state, (s, d) => ZfsModel.Unmount(s.With(d with { Key = d.Key! with { Loaded = false } }), d.Name)),
        HostEdit.DestroyDataset => Dataset(state) is { Parent.Length: > 0 } d ? Without(state, d.Name) with { Datasets = state.Datasets.RemoveRange(state.Datasets.Keys.Where(n => n == d.Name || n.StartsWith(d.Name + "/", StringComparison.Ordinal))) } : state,
        HostEdit.RenameDataset => Dataset(state) is { Parent.Length: > 0 } d ? Rename(state, d.Name, d.Name.Split('/')[0] + "/old") : state,
        HostEdit.DirtyDisk => state with { Disks = state.Disks.SetItem(KindGenerators.Disk($"d{Pick % 6}"), state.Disks[KindGenerators.Disk($"d{Pick % 6}")] is { Length: > 0 } held ? held : "an ext file system") },
        HostEdit.FillFolder => state with { Folders = state.Folders.SetItem(Of(["/tank", "/srv/a", "/srv/tank", "/srv/x"])!, new FileFacts(0, 0, "0755", IsLink: Pick % 3 == 0, IsDirectory: true, IsEmpty: Pick % 2 == 0)) },
        HostEdit.ForeignExport => ModelHostReload(state with { Files = state.Files.SetItem(NfsModel.Main, state.Files.GetValueOrDefault(NfsModel.Main, "") + $"{Of(["/tank/a", "/home", "/srv/a"])} 10.0.0.{Pick % 6}(ro,sync)\n") }),
        HostEdit.ForeignShare => state with { Files = state.Files.SetItem(SmbConf, state.Files[SmbConf] + $"[{Of(["docs", "homevideo"])}]\n   path = /home/video\n   read only = no\n") },
        HostEdit.EditOurFile => OurFile(state) is { } file ? state with { Files = state.Files.SetItem(file, state.Files[file].Replace("yes", "no", StringComparison.Ordinal) + "# by hand\n") } : state,
        HostEdit.DeleteOurFile => OurFile(state) is { } file ? state with { Files = state.Files.Remove(file) } : state,
        HostEdit.ForgetExports => state with { Exported = Maps.Empty<string>() },
        HostEdit.StopSmbd => state with { Smbd = "inactive" },
        HostEdit.AddUser => AddUser(state),
        HostEdit.AddGroup => state.Groups.ContainsKey(Group) || state.Groups.Values.Any(g => g.Gid == 2001 + (uint)(Pick % 3)) ? state : state with { Groups = state.Groups.Add(Group, new ModelGroup(2001 + (uint)(Pick % 3), [])) },
        HostEdit.LeaveGroup => state with { Groups = Maps.Of(state.Groups.Select(g => KeyValuePair.Create(g.Key, g.Value with { Members = g.Value.Members.Remove(User) }))) },
        HostEdit.JoinGroup => state.Users.ContainsKey(User) && state.Groups.TryGetValue(Group, out var group) ? state with { Groups = state.Groups.SetItem(Group, group with { Members = group.Members.Add(User) }) } : state,
        HostEdit.DisableSmb => state.SmbAccounts.TryGetValue(User, out var account) ? state with { SmbAccounts = state.SmbAccounts.SetItem(User, account with { Enabled = false }) } : state,
        HostEdit.AddSmb => state.Users.ContainsKey(User) ? state with { SmbAccounts = state.SmbAccounts.SetItem(User, new ModelSmbAccount(true, "by hand")) } : state,
        HostEdit.MakeSnapshot => Dataset(state) is { } d ? state with { Snapshots = state.Snapshots.SetItem($"{d.Name}@{Of(["s1", "s2"])}", ModelHost.Now.AddHours(-(Pick % 50))) } : state,
        HostEdit.LoseSecret => state with { Secrets = state.Secrets.Remove(Of(["key-1", "password-alice", "password-bob"])!) },
        HostEdit.NewPassword => state with { Secrets = state.Secrets.SetItem("password-" + User, $"new {Pick}") },
        HostEdit.ChangeMode => Directory(state, (_, facts) => facts with { Mode = "0700", Uid = 7 }),
        HostEdit.ReplaceByLink => Directory(state, (path, facts) => path.Length == 0 ? facts : facts with { IsLink = true, IsDirectory = false }),
        HostEdit.Reboot => Reboot(state),
        HostEdit.SwapDisk => SwapDisk(state),
        HostEdit.WipeDisk => state with { Disks = Maps.Of(state.Disks.Select(d => KeyValuePair.Create(d.Key, d.Value.StartsWith("what pool", StringComparison.Ordinal) ? "" : d.Value))) },
        _ => throw new InvalidOperationException($"no way to do {Edit}"),
    };

    private string User => Of(KindGenerators.Users)!;

    private string Group => Of(KindGenerators.Groups)!;

    /// <summary>Keys are gone; what can be mounted without them is mounted in order, as <c>zfs-mount.service</c> does, and the exports are read.</summary>
    private static ModelState Reboot(ModelState state)
    {
        state = state.Pools.Values.Where(p => p.Backend == BtrfsBackend.BackendName).Aggregate(state, (s, p) => BtrfsModel.Close(s, p.Name));
        var next = state with { Datasets = Maps.Of(state.Datasets.Select(d => KeyValuePair.Create(d.Key, d.Value with { MountedAt = null, Key = d.Value.Key is { } key ? key with { Loaded = false } : null }))) };
        foreach (var dataset in next.Datasets.Values.Where(d => !IsBtrfs(next, d.Name) && (d.Local.GetValueOrDefault("canmount") ?? "on") == "on").OrderBy(d => d.Name, StringComparer.Ordinal).ToList())
        {
            var mounted = ZfsModel.Mount(next, dataset.Name);
            if (mounted is { State: { } after, Violation: null }) next = after;
        }

        return ModelHostReload(next);
    }

    /// <summary>A person replaces a disk of a mirror, as at night with a new one in hand.</summary>
    private ModelState SwapDisk(ModelState state)
    {
        if (Of([.. state.Pools.Values.Where(p => p is { Imported: true, Backend: "zfs" })]) is not { } pool || pool.Vdevs.Find(v => v.Type == "mirror") is not { } mirror) return state;
        return Of([.. state.Disks.Where(d => d.Value.Length == 0).Select(d => d.Key)]) is { } blank && ZpoolModel.Run(state, ["replace", pool.Name, mirror.Disks[^1], blank]) is { State: { } swapped, Violation: null } ? swapped : state;
    }

    private static ModelState MakePool(ModelState state, string? name)
    {
        var disks = KindGenerators.DisksOf(name!).Select(KindGenerators.Disk).ToList();
        if (state.Pools.ContainsKey(name!) || disks.Any(d => state.Disks[d].Length > 0)) return state;
        return ZpoolModel.Run(state, ["create", name!, "mirror", .. disks]) is { State: { } made, Violation: null } ? made : state;
    }

    private ModelState MakeDataset(ModelState state, ModelKey? key)
    {
        var name = Of([.. KindGenerators.Datasets, "tank/foreign", "tank/a/foreign"])!;
        if (state.Datasets.ContainsKey(name) || !state.IsImported(name)) return state;
        if (state.Datasets.GetValueOrDefault(name[..name.LastIndexOf('/')]) is not { Type: "filesystem" } parent || ZfsProperties.KeyHolder(state, parent) is { Key.Loaded: false }) return state;
        if (IsBtrfs(state, name)) return key is null && state.Nodes.ContainsKey(name[..name.LastIndexOf('/')]) ? BtrfsModel.ByHand(state, name, Pick % 3 == 0 ? [new("compression", "zlib")] : []) : state;
        var local = new Dictionary<string, string>();
        if (Pick % 3 == 0) local["compression"] = "lz4";
        if (Pick % 5 == 0) local["atime"] = "off";
        var made = state.With(ZfsModel.New(state, name, "filesystem", local, key));
        return ZfsModel.Mount(made, name) is { State: { } mounted, Violation: null } ? mounted : made;
    }

    private ModelState AddUser(ModelState state)
    {
        var uid = 1101 + (uint)(Pick % 4);
        return state.Users.ContainsKey(User) || state.Users.Values.Any(u => u.Uid == uid) ? state : AccountsModel.UserAdd(state, ["-u", $"{uid}", state.Groups.ContainsKey(User) ? "-N" : "-U", User]).State ?? state;
    }

    private static ModelState ModelHostReload(ModelState state) => NfsModel.Reload(state, ModelHost.Paths.ExportsDirectory);

    private static bool IsBtrfs(ModelState state, string dataset) => state.Pools.GetValueOrDefault(dataset.Split('/')[0])?.Backend == BtrfsBackend.BackendName;

    private static ModelState MakeBtrfs(ModelState state, string name)
    {
        var disks = KindGenerators.DisksOf(name).Select(KindGenerators.Disk).ToList();
        return state.Pools.ContainsKey(name) || disks.Any(d => state.Disks[d].Length > 0) ? state : BtrfsModel.MakeFilesystem(state, ["-L", name, .. disks]).State ?? state;
    }

    private static ModelState Exported(ModelState state, ModelPool pool)
    {
        if (pool.Backend == BtrfsBackend.BackendName) return BtrfsModel.Close(state, pool.Name);
        return ZfsModel.Unmount(state, pool.Name) with { Pools = state.Pools.SetItem(pool.Name, pool with { Imported = false }) };
    }

    /// <summary>With all that is mounted below it.</summary>
    private static ModelState Unmount(ModelState state, ModelDataset dataset)
    {
        if (!IsBtrfs(state, dataset.Name)) return ZfsModel.Unmount(state, dataset.Name);
        if (dataset.MountedAt is not { } place) return state;
        return state.Binds.Keys.Where(b => b == place || b.StartsWith(place + "/", StringComparison.Ordinal)).OrderByDescending(b => b.Length).ToList()
            .Aggregate(state, (s, b) => BtrfsModel.Take(s, b).State ?? s);
    }

    private static ModelState Rename(ModelState state, string from, string to)
    {
        if (!IsBtrfs(state, from)) return ZfsModel.Run(state, ["rename", from, to], null).State ?? state;
        return BtrfsModel.Move(Unmount(state, state.Datasets[from]), BtrfsLayout.NodeOf(from), BtrfsLayout.NodeOf(to)).State ?? state;
    }

    /// <summary>What is mounted of a dataset that goes, and its folder.</summary>
    private static ModelState Without(ModelState state, string name)
    {
        if (!IsBtrfs(state, name)) return state;
        var gone = state.Datasets.Values.Where(d => d.Name == name || d.IsBelow(name)).ToList();
        var next = gone.OrderByDescending(d => d.Name.Length).Aggregate(state, Unmount);
        return next with { Nodes = next.Nodes.RemoveRange(gone.Select(d => d.Name)) };
    }

    private ModelState Zfs(ModelState state, string verb, string what)
    {
        if (Dataset(state) is not { } dataset || !IsBtrfs(state, dataset.Name)) return OnZfs(state, verb, what);
        if (verb == "inherit") return BtrfsModel.SetByHand(state, dataset, what, null);
        var (property, value) = (what.Split('=')[0], what[(what.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        return BtrfsModel.SetByHand(state, dataset, property, value == "gzip" ? "zlib" : value);
    }

    private ModelState OnZfs(ModelState state, string verb, string what) =>
        Dataset(state) is { Type: "filesystem" } d && ZfsModel.Run(state, [verb, what, d.Name], null) is { State: { } after, Violation: null } ? after : state;

    private ModelDataset? Dataset(ModelState state) => Of([.. state.Datasets.Values.Where(d => state.IsImported(d.Name))]);

    private string? OurFile(ModelState state) => Of([.. state.Files.Keys.Where(f => f.Contains("nasgitops", StringComparison.Ordinal))]);

    private ModelState Directory(ModelState state, Func<string, FileFacts, FileFacts> change)
    {
        if (Of([.. state.Mounted.SelectMany(d => d.Directories.Keys.Select(p => (Dataset: d, Path: p)))]) is not { Dataset: { } dataset } found) return state;
        return state.With(dataset with { Directories = dataset.Directories.SetItem(found.Path, change(found.Path, dataset.Directories[found.Path])) });
    }

    private T? Of<T>(IReadOnlyList<T> choices) => choices.Count == 0 ? default : choices[Pick % choices.Count];
}

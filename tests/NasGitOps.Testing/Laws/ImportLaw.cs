using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Kinds;
using NasGitOps.Kinds.Importing;
using NasGitOps.Kinds.Samba;
using NasGitOps.Kinds.SmbShare;
using NasGitOps.Kinds.SnapshotSchedule;
using NasGitOps.Storage.Btrfs;
using NasGitOps.Storage.Zfs;
using NasGitOps.Testing.Model;

namespace NasGitOps.Testing.Laws;

/// <summary>A host is described as it is: the first plan on that adopts and does nothing else, and the second is empty.</summary>
public static class ImportLaw
{
    private const string SmbConf = "/etc/samba/smb.conf";

    // What a host may have without our files, which its own repository would describe.
    private static readonly string[] WithoutFiles = ["Pool", "Dataset", "Group", "User"];

    public static string? Adopts(Recipe recipe, bool takeOver)
    {
        // A host of random storage, some of it made by an agent whose memory is lost, and changed by hand since.
        var made = LawSuite.Pass(recipe.Start(), Draft.Commit("c0", recipe.First.Where(d => WithoutFiles.Contains(d.Kind))));
        if (made.Faults.Count > 0) return null;
        var host = recipe.Between.Aggregate(recipe.Kill % 3 == 0 ? made.Host : Unmarked(made.Host), (state, edit) => edit.On(state));
        host = host with { Files = host.Files.SetItem(SanoidConf.Path, Sanoid(new Dice(recipe.Kill))) };
        host = WithShares(host, new Dice(recipe.Kill + (recipe.First.Count * 1000)));
        var world = new ModelWorld(host, OwnershipRecords.Empty, new Policy(MaxRemovals: 100));
        var imported = Import(world, takeOver);
        var commit = new ModelCommit("c1", imported.Set);

        var plan = new Planner(BuiltInKinds.All).Plan(ModelPass.Input(BuiltInKinds.All, world, commit));
        // What an agent managed that would go into quarantine, and that cannot be described, makes the command refuse.
        if (plan.Changes.Any(c => c.Action == ChangeAction.Quarantine && imported.LeftOut.Any(l => l.What.Contains(c.Id.Name, StringComparison.Ordinal)))) return null;
        if (plan.Changes.FirstOrDefault(c => c.Action != ChangeAction.Adopt || c.Disposition != Disposition.Apply) is { } other) return $"the first plan holds {Show.Of(other)}";
        if (Lost(host, imported) is { } lost) return lost;

        var killed = takeOver ? LawSuite.Pass(world, commit, recipe.Kill % 12) : world;
        var after = LawSuite.Pass(killed, commit);
        if (after.Faults.Count > 0) return string.Join("\n", after.Faults);
        if (after.Left!.Changes.FirstOrDefault() is { } left) return $"the second plan holds {Show.Of(left)}";
        return takeOver ? Served(host, after.Host) ?? Storage(host, after.Host) : Files(host, after.Host) ?? Storage(host, after.Host);
    }

    /// <summary>Whatever was exported and shared still is, to the same, and what was not taken over stands where it stood.</summary>
    private static string? Served(ModelState before, ModelState after)
    {
        foreach (var (export, options) in before.Exported)
        {
            var now = after.Exported.GetValueOrDefault(export, "absent").Split(',').Where(o => !o.StartsWith("mountpoint", StringComparison.Ordinal) && !o.StartsWith("fsid=", StringComparison.Ordinal));
            var was = options.Split(',').Where(o => !o.StartsWith("fsid=", StringComparison.Ordinal));
            if (!now.SequenceEqual(was)) return $"export {export} was {options} and is {after.Exported.GetValueOrDefault(export, "absent")}";
        }

        if (after.Exported.Keys.Except(before.Exported.Keys).FirstOrDefault() is { } more) return $"export {more} is new";
        var (shares, now2) = (Shares(before), Shares(after));
        if (Show.Difference("share", shares, now2, text => text) is { } wrong) return wrong;
        foreach (var file in new[] { NfsModel.Main, SmbConf })
        {
            var (was, isNow) = (before.Files.GetValueOrDefault(file, ""), SmbConfText.WithoutBlock(after.Files.GetValueOrDefault(file, "")));
            if (isNow.Split('\n').Except(was.Split('\n')).FirstOrDefault() is { } odd) return $"{file} has a new line: {odd}";
            if (isNow != was && SmbConfText.WithoutBlock(after.Files.GetValueOrDefault(file + TakeOut.Suffix, "")) != was) return $"{file} was changed and is not kept";
        }

        return null;
    }

    /// <summary>Who may do what where, whatever the words.</summary>
    private static SortedDictionary<string, string> Shares(ModelState host)
    {
        var effective = TestparmOutput.Parse(SimulatedTestparm.Print(host.Files, SmbConf));
        return new SortedDictionary<string, string>(effective.Sections.ToDictionary(s => s.Key, s => $"{s.Value.GetValueOrDefault("path")} {Text(ForeignAccess.Read(s.Value, effective.Global, out var why))} {why}"));

        static string Text(ShareAccess? access) => access is null ? "" : $"{string.Join(',', access.ReadWrite.Order(StringComparer.Ordinal))}|{string.Join(',', access.ReadOnly.Order(StringComparer.Ordinal))}|{string.Join(',', access.Deny.Order(StringComparer.Ordinal))}|{access.Guest}";
    }

    /// <summary>Lines and sections as people write them, on datasets that may be there.</summary>
    private static ModelState WithShares(ModelState host, Dice dice)
    {
        host = host with
        {
            Users = Maps.Of(host.Users.Concat(KindGenerators.Users.Where(u => !host.Users.ContainsKey(u)).Select((u, i) => KeyValuePair.Create(u, new ModelUser(1500 + (uint)i, 100))))),
            Groups = Maps.Of(host.Groups.Concat(KindGenerators.Groups.Where(g => !host.Groups.ContainsKey(g)).Select((g, i) => KeyValuePair.Create(g, new ModelGroup(2500 + (uint)i, ["alice"]))))),
        };
        var places = host.Mounted.Select(d => d.MountedAt!).Append("/home").ToList();
        foreach (var place in places.Where(_ => dice.Chance(40)))
        {
            var clients = dice.Some(60, "10.1.0.0/24", "backup.lan", "*").Select(c => $"{c}({dice.One("rw", "ro")},sync{string.Concat(dice.Some(20, ",no_root_squash", ",insecure", ",crossmnt", ",fsid=77", ",fsid=0", ",async"))})").ToList();
            if (clients.Count > 0) host = host with { Files = host.Files.SetItem(NfsModel.Main, host.Files.GetValueOrDefault(NfsModel.Main, "") + $"# {place}\n{place} {string.Join(' ', clients)}\n") };
        }

        foreach (var (place, i) in places.Select((p, i) => (p, i)).Where(_ => dice.Chance(40)))
        {
            var lines = dice.Some(40, "read only = no", "write list = alice", "comment = By hand", "force group = media", "hide dot files = no", "create mask = 0660\n   force create mode = 0660")
                .Concat(dice.Some(10, "guest ok = yes", "read list = bob", "vfs objects = recycle"))
                .Append(dice.Chance(80) ? $"valid users = {dice.One("alice @media", "alice", "alice bob")}" : "force create mode = 0000");
            host = host with { Files = host.Files.SetItem(SmbConf, host.Files[SmbConf] + $"\n; number {i}\n[share{i}]\n   path = {place}\n{string.Concat(lines.Select(l => $"   {l}\n"))}") };
        }

        return NfsModel.Reload(host, ModelHost.Paths.ExportsDirectory);
    }

    public static ImportResult Import(ModelWorld world, bool takeOver)
    {
        var import = new HostImport(BuiltInKinds.All, BuiltInKinds.Schemas, BuiltInKinds.Storage);
        var answers = new Answers(HostImport.Probes.ToDictionary(p => p.Key, p => ModelHost.Answer(world.Host, p)));
        var seen = ModelHost.Observe(world.Host, BuiltInKinds.All, import.Seeds(answers), []);
        return import.RunAsync("nas", answers, seen, ModelHost.Paths, takeOver, set => Task.FromResult(ModelPass.Input(BuiltInKinds.All, world, new ModelCommit("", set)))).GetAwaiter().GetResult();
    }

    /// <summary>Random sections on random datasets, some of them recursive, some that take or keep nothing.</summary>
    private static string Sanoid(Dice dice)
    {
        var sections = dice.Some(40, ["tank", "vault", "other/x", .. KindGenerators.Datasets])
            .Select(d => $"[{d}]\nuse_template = {dice.One("production", "rare", "ignore", "production,rare")}\n{string.Concat(dice.Some(25, "recursive = yes\n", "recursive = zfs\n", "process_children_only = yes\n", "hourly = 3\n", "autosnap = no\n", "frequently = 4\n"))}");
        return string.Concat(sections) + "[template_production]\nhourly = 36\ndaily = 30\n[template_rare]\nhourly = 0\ndaily = 0\nmonthly = 0\nweekly = 4\n[template_ignore]\nautosnap = no\nautoprune = no\n";
    }

    /// <summary>As if all of it had been made by hand.</summary>
    public static ModelState Unmarked(ModelState host) => host with
    {
        Datasets = Maps.Of(host.Datasets.Select(d => KeyValuePair.Create(d.Key, d.Value with { Local = d.Value.Local.RemoveRange(ZfsMark.All) }))),
        Nodes = Maps.Of(host.Nodes.Select(n => KeyValuePair.Create(n.Key, n.Value with { Attributes = n.Value.Attributes.RemoveRange(BtrfsMark.All) }))),
    };

    /// <summary>Everything there is was written down, or left out with a reason.</summary>
    private static string? Lost(ModelState host, ImportResult imported)
    {
        var told = imported.Manifests.Select(m => m.Id.Name).Concat(imported.LeftOut.Select(l => l.What[(l.What.IndexOfAny(['/', ' ']) + 1)..])).ToHashSet();
        return host.Datasets.Values.Where(d => host.IsImported(d.Name) && host.Pools[d.Name.Split('/')[0]].Backend == "zfs" && !told.Contains(d.Name) && told.Contains(d.Name.Split('/')[0]) && imported.Manifests.Any(m => m.Id == new ResourceId("Pool", d.Name.Split('/')[0])))
            .Select(d => $"nothing is told of {d.Name}").FirstOrDefault();
    }

    private static string? Files(ModelState before, ModelState after) =>
        Show.Difference("file", before.Files, after.Files, text => text) ?? Show.Difference("export", before.Exported, after.Exported, text => text);

    /// <summary>Nothing but our marks is new.</summary>
    private static string? Storage(ModelState before, ModelState after) =>
        Show.Difference("dataset", before.Datasets, after.Datasets, d => $"{d.Guid} {d.MountedAt} {d.Key} {string.Join(' ', d.Local.Where(p => !p.Key.StartsWith("nasgitops:", StringComparison.Ordinal)))}")
        ?? Show.Difference("pool", before.Pools, after.Pools, p => $"{p.Imported} {string.Join(' ', p.Options)}")
        ?? Show.Difference("user", before.Users, after.Users, u => $"{u}")
        ?? Show.Difference("group", before.Groups, after.Groups, g => $"{g.Gid} {string.Join(',', g.Members)}");
}

using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Kinds;
using NasGitOps.Kinds.Importing;
using NasGitOps.Kinds.SnapshotSchedule;
using NasGitOps.Storage.Btrfs;
using NasGitOps.Storage.Zfs;
using NasGitOps.Testing.Model;

namespace NasGitOps.Testing.Laws;

/// <summary>A host is described as it is: the first plan on that adopts and does nothing else, and the second is empty.</summary>
public static class ImportLaw
{
    // What a host may have without our files, which its own repository would describe.
    private static readonly string[] WithoutFiles = ["Pool", "Dataset", "Group", "User"];

    public static string? Adopts(Recipe recipe, bool takeOver)
    {
        // A host of random storage, some of it made by an agent whose memory is lost, and changed by hand since.
        var made = LawSuite.Pass(recipe.Start(), Draft.Commit("c0", recipe.First.Where(d => WithoutFiles.Contains(d.Kind))));
        if (made.Faults.Count > 0) return null;
        var host = recipe.Between.Aggregate(recipe.Kill % 3 == 0 ? made.Host : Unmarked(made.Host), (state, edit) => edit.On(state));
        host = host with { Files = host.Files.SetItem(SanoidConf.Path, Sanoid(new Dice(recipe.Kill))) };
        var world = new ModelWorld(host, OwnershipRecords.Empty, new Policy(MaxRemovals: 100));
        var imported = Import(world, takeOver);
        var commit = new ModelCommit("c1", imported.Set);

        var plan = new Planner(BuiltInKinds.All).Plan(ModelPass.Input(BuiltInKinds.All, world, commit));
        if (plan.Changes.FirstOrDefault(c => c.Action != ChangeAction.Adopt || c.Disposition != Disposition.Apply) is { } other) return $"the first plan holds {Show.Of(other)}";
        if (Lost(host, imported) is { } lost) return lost;

        var after = LawSuite.Pass(world, commit);
        if (after.Faults.Count > 0) return string.Join("\n", after.Faults);
        if (after.Left!.Changes.FirstOrDefault() is { } left) return $"the second plan holds {Show.Of(left)}";
        return Difference(host, after.Host);
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

    /// <summary>Nothing but our marks is new.</summary>
    private static string? Difference(ModelState before, ModelState after) =>
        Show.Difference("dataset", before.Datasets, after.Datasets, d => $"{d.Guid} {d.MountedAt} {d.Key} {string.Join(' ', d.Local.Where(p => !p.Key.StartsWith("nasgitops:", StringComparison.Ordinal)))}")
        ?? Show.Difference("file", before.Files, after.Files, text => text)
        ?? Show.Difference("export", before.Exported, after.Exported, text => text)
        ?? Show.Difference("pool", before.Pools, after.Pools, p => $"{p.Imported} {string.Join(' ', p.Options)}")
        ?? Show.Difference("user", before.Users, after.Users, u => $"{u}")
        ?? Show.Difference("group", before.Groups, after.Groups, g => $"{g.Gid} {string.Join(',', g.Members)}");
}

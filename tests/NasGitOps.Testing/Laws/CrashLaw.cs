using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Kinds;
using NasGitOps.Kinds.Dataset;
using NasGitOps.Storage;
using NasGitOps.Storage.Zfs;
using NasGitOps.Testing.Model;

namespace NasGitOps.Testing.Laws;

/// <summary>A history of three passes (a first commit, hand edits, a second commit), killed at every instant of each: what the next pass makes of it is what a pass without a kill would have made.</summary>
/// <remarks>
/// A kill while mounts are moved leaves what no manifest declares unmounted, until a person mounts it or, with ZFS, the host starts: nobody knows any more that it was mounted.
/// Every step is one point, and so is each half of one that is not atomic, and both sides of each saving of the records. From some points the power is cut instead, and some recoveries are killed again.
/// </remarks>
public static class CrashLaw
{
    private static readonly ZfsBackend Zfs = new();
    private static int points;

    /// <summary>Kills tried so far, for the report of a long run.</summary>
    public static int Points => points;

    public static string? Check(Recipe recipe) => Check(recipe, everyPair: false);

    /// <param name="everyPair">Kills each recovery again at every instant of it, not at one: for single histories.</param>
    public static string? Check(Recipe recipe, bool everyPair)
    {
        recipe = Decidable(recipe);
        if (Killed("the first commit", recipe.Start(), recipe.FirstCommit, everyPair, out var first) is { } atFirst) return atFirst;
        if (first.Faults.Count > 0) return null;
        var edited = first with { Host = recipe.Between.Aggregate(first.Host, (host, edit) => edit.On(host)) };
        if (Killed("the first commit after hand edits", edited, recipe.FirstCommit, everyPair, out var drifted) is { } atDrift) return atDrift;
        if (drifted.Faults.Count > 0) return null;
        return Killed("the second commit", drifted, recipe.SecondCommit, everyPair, out _);
    }

    /// <summary>Without a record a difference is drift, and reported drift is never applied: what a report-only resource becomes depends on when the kill came. So does what is recorded of a suspended one.
    /// Likewise a movedFrom that names what is declared too, or what is there beside its target: whether the move is refused, and people must look which of the two holds the data, depends on which is there.</summary>
    private static Recipe Decidable(Recipe recipe)
    {
        var (first, second) = (Names(recipe.First), Names(recipe.Second));
        return new Recipe(recipe.Before, Clear(recipe.First, first.Contains), recipe.Between, Clear(recipe.Second, second.Contains, first.Contains), recipe.Kill);

        static HashSet<string> Names(IReadOnlyList<Draft> drafts) => [.. drafts.Select(d => d.Name)];
        static IReadOnlyList<Draft> Clear(IReadOnlyList<Draft> drafts, Func<string, bool> isDeclared, Func<string, bool>? isThere = null) =>
            [.. drafts.Where(d => (string?)d.Spec["movedFrom"] is not { } from || !(isDeclared(from) || (isThere?.Invoke(d.Name) == true && isThere(from)))).Select(d => d with { Report = false, Suspend = false })];
    }

    private static string? Killed(string pass, ModelWorld start, ModelCommit commit, bool everyPair, out ModelWorld whole)
    {
        var trail = new List<CrashPoint>();
        whole = new ModelPass(BuiltInKinds.All) { Trail = trail }.Run(start, commit);
        if (whole.Faults.Count > 0) return null;
        ModelWorld? afterBoot = null;
        for (var i = 0; i < trail.Count; i++)
        {
            var (after, killed) = trail[i];
            Interlocked.Increment(ref points);
            var again = new List<CrashPoint>();
            var recovered = new ModelPass(BuiltInKinds.All) { Trail = again }.Run(killed, commit);
            if (Wrong(commit, whole, recovered, start, [.. Away(commit, killed, whole)]) is { } wrong) return $"in the pass of {pass}, killed after {after}: {wrong}";
            foreach (var second in everyPair || again.Count == 0 ? again : [again[i * 7 % again.Count]])
            {
                var late = LawSuite.Pass(second.World, commit);
                if (Wrong(commit, whole, late, start, [.. Away(commit, killed, whole), .. Away(commit, second.World, whole)]) is { } twice) return $"in the pass of {pass}, killed after {after}, and again after {second.After}: {twice}";
            }

            if (i % 3 != 0 || LeftToPeople(killed, whole).Count > 0) continue;
            afterBoot ??= LawSuite.Pass(Booted(whole), commit);
            var booted = LawSuite.Pass(Booted(killed), commit);
            // What lies below and has no manifest was mounted by the start, where a whole pass would have had its parent mounted before: a person must look, and is told.
            if (booted.Left!.Changes.Any(c => c.Reason == "MountpointNotEmpty")) continue;
            if (afterBoot.Faults.Count == 0 && Wrong(commit, Read(afterBoot), Read(booted), start, []) is { } dark) return $"in the pass of {pass}, power cut after {after}: {dark}";
        }

        return null;
    }

    /// <summary>What is <c>noauto</c> stays mounted while it is, and nobody but a person mounts it again: when it became so decides, and after a start what lies below may be in its way.</summary>
    private static HashSet<string> LeftToPeople(params ModelWorld[] worlds) =>
        [.. worlds.SelectMany(w => w.Host.Datasets.Values).Where(d => d.Local.GetValueOrDefault("canmount") == "noauto").Select(d => d.Name)];

    /// <summary>Datasets of others whose mounts are away at the moment of the kill, under the names of before and after.</summary>
    private static IEnumerable<string> Away(ModelCommit commit, ModelWorld killed, ModelWorld whole)
    {
        var mounted = whole.Host.Datasets.Values.Where(d => d.MountedAt is not null).Select(d => d.Guid).ToHashSet();
        var away = killed.Host.Datasets.Values.Where(d => d.MountedAt is null && mounted.Contains(d.Guid)).Select(d => d.Guid).ToHashSet();
        var declared = commit.Manifests.All.Select(m => m.Spec).OfType<IMountable>().Select(m => m.DatasetName).ToHashSet();
        return killed.Host.Datasets.Values.Concat(whole.Host.Datasets.Values).Where(d => away.Contains(d.Guid) && !declared.Contains(d.Name)).Select(d => d.Name);
    }

    private static ModelWorld Without(ModelWorld world, HashSet<string> uncompared, IReadOnlyDictionary<string, IEnumerable<string>> stuck) => world with
    {
        Left = world.Left! with { Changes = [.. world.Left.Changes.Where(c => !uncompared.Contains(c.Id.Name)).Select(c => c with { Fields = [], Steps = [], Cause = Cause.Commit })] },
        Records = world.Records with { Records = world.Records.Records.Where(r => !stuck.ContainsKey(r.Key.Name)).ToDictionary() },
        Host = world.Host with
        {
            Files = Maps.Of(world.Host.Files.Select(f => KeyValuePair.Create(f.Key, WithoutDeadIncludes(f.Value, world.Host)))),
            Datasets = Maps.Of(world.Host.Datasets.Values.Select(d => KeyValuePair.Create(d.Name, d with
            {
                MountedAt = uncompared.Contains(d.Name) ? null : d.MountedAt,
                Local = stuck.TryGetValue(d.Name, out var waiting) ? d.Local.RemoveRange([ZfsMark.Resource, ZfsMark.Guid, ZfsMark.SetProperties, ZfsMark.DeletionPolicy, .. waiting]) : d.Local,
            }))),
        },
    };

    /// <summary>Samba passes over an include whose file is gone, and so does the plan: whether its line went with the share depends on what came first.</summary>
    private static string WithoutDeadIncludes(string text, ModelState host) =>
        string.Join('\n', text.Split('\n').Where(l => l.Split("include = ") is not ["", var file] || host.Files.ContainsKey(file)));

    private static string? Wrong(ModelCommit commit, ModelWorld whole, ModelWorld recovered, ModelWorld start, HashSet<string> uncompared)
    {
        if (recovered.Faults.Count > 0) return string.Join("\n", recovered.Faults);
        if (recovered.Taken.FirstOrDefault(t => Destroys(t.Step)) is { Step: { } step } taken) return $"{taken.Id} takes {step.Describe()}";
        var there = recovered.Host.Datasets.Values.Select(d => d.Guid).ToHashSet();
        if (start.Host.Datasets.Values.FirstOrDefault(d => !there.Contains(d.Guid)) is { } lost) return $"{lost.Name} is gone";
        var waiting = whole.Left!.Changes.Where(HasNoKey).Concat(whole.Left.Changes.Concat(recovered.Left!.Changes).Where(WaitsForAPerson));
        var undecided = new Undecided([.. waiting.Select(c => c.Id.Name), .. MountedByPeople(start, whole, recovered)], commit);
        (whole, recovered) = (undecided.Without(whole), undecided.Without(recovered));
        uncompared = [.. uncompared, .. recovered.Left!.Changes.Where(c => c.Disposition == Disposition.Blocked && c.Fields.Any(f => DecidesMounting(c, f))).Select(c => c.Id.Name)];
        // What is not ours is compared with the rest, and that a whole pass leaves it alone is a law of its own.
        // What stands in the way of a resource may show only after its first steps: then the mark, what is to be given back, and the record wait with the rest, and the plan names them.
        var stuck = recovered.Left.Changes.GroupBy(c => c.Id.Name).ToDictionary(c => c.Key, c => c.SelectMany(change => change.Fields.Where(f => f.After is null).Select(f => DatasetFields.PropertyOf(Zfs, f.Name)).OfType<string>()));
        return Show.Difference(Without(whole, uncompared, stuck), Without(recovered, uncompared, stuck)) ?? Show.Difference("disk", whole.Host.Disks, recovered.Host.Disks, d => d)
            ?? Show.Difference("snapshot", whole.Host.Snapshots, recovered.Host.Snapshots, s => $"{s}") ?? Show.Difference("folder", whole.Host.Folders, recovered.Host.Folders, f => $"{f}");
    }

    /// <summary>
    /// A kill keeps the read-back from putting a file away whose directory turned out to be missing; a start of the host takes a key away that no manifest names any more; and an account is missed only once the dataset is mounted.
    /// A pool that was imported and not marked yet, and turns out to be laid out otherwise than its manifest says, is adopted by nobody but a person.
    /// </summary>
    private static bool WaitsForAPerson(Change change) =>
        change.Reason is "PathMissing" or "KeyUnavailable" or "UnknownAccount" || change is { Action: ChangeAction.Adopt, Disposition: Disposition.Blocked };

    /// <summary>A key that does not fit any more is missed after a start only: what else is to be changed was changed by then, or waits with it.</summary>
    private static bool HasNoKey(Change change) => change.Fields.Any(f => f is { Name: DatasetPlanner.KeyLoaded, Before: "unavailable" });

    /// <summary>A parent's change would have mounted it, or would have left it mounted where it was; by itself it waits with the rest of its manifest, or for what that needs.</summary>
    private static bool DecidesMounting(Change change, FieldChange field) => field.Name switch
    {
        DatasetFields.Mounted => field.Cause == Cause.Commit || change.Reason == "DependencyNotReady",
        "mountpoint" or "properties.canmount" => true,
        _ => false,
    };

    /// <summary>What stands on a dataset that people mount depends on whether it was mounted still.</summary>
    private static IEnumerable<string> MountedByPeople(ModelWorld start, ModelWorld whole, ModelWorld recovered) =>
        LeftToPeople(start, whole).Where(p => whole.Host.Datasets.GetValueOrDefault(p)?.MountedAt != recovered.Host.Datasets.GetValueOrDefault(p)?.MountedAt);

    private static bool Destroys(Step step) => step is Run { Command: { Tool: "zfs" or "zpool", Arguments: ["destroy", ..] } or { Tool: "rm" or "userdel" or "groupdel" or "wipefs" } }
        || (step is Run { Command: { Tool: "btrfs", Arguments: ["subvolume", "delete", .., var gone] } } && !gone.EndsWith("/@new", StringComparison.Ordinal));

    /// <summary>What was released for a moved mount stays away until the files are read again.</summary>
    private static ModelWorld Read(ModelWorld world) => world with { Host = NfsModel.Reload(world.Host, ModelHost.Paths.ExportsDirectory) };

    private static ModelWorld Booted(ModelWorld world) => world with { Host = new HandEdit(HostEdit.Reboot, 0).On(world.Host) };
}

using FsCheck;
using FsCheck.Fluent;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Publishing;
using NasGitOps.Core.Steps;
using NasGitOps.Kinds;
using NasGitOps.Kinds.Samba;
using NasGitOps.Storage;
using NasGitOps.Testing.Model;

namespace NasGitOps.Testing.Laws;

/// <summary>What holds for every kind and backend, whatever the host and the commits. A law says what is wrong with a case, or nothing.</summary>
public static class LawSuite
{
    /// <summary>The law that takes some hundred passes for each case.</summary>
    public const string KillAtEveryInstant = "a kill at every instant of every pass of a history converges, harms nobody and destroys nothing";

    private static readonly IReadOnlyList<IKind> Kinds = BuiltInKinds.All;

    public static IReadOnlyDictionary<string, Func<Recipe, string?>> All { get; } = new Dictionary<string, Func<Recipe, string?>>
    {
        ["a step of a plan is never refused by the host it was planned for"] = StepsSucceed,
        ["after a pass nothing is left to apply, and the next pass changes nothing"] = PlanAfterApplyIsEmpty,
        ["the order of manifests does not matter"] = OrderDoesNotMatter,
        ["nothing of others is touched"] = OthersAreLeftAlone,
        ["a kill after any step converges to the same state as no kill"] = KillConverges,
        [KillAtEveryInstant] = CrashLaw.Check,
        ["an empty or incomplete source removes nothing"] = EmptySourceRemovesNothing,
        ["more removals than the limit all wait while the rest is applied"] = RemovalsWaitTogether,
        ["a suspended resource and a reporting host get no step"] = SuspendedAndReportedGetNoStep,
        ["drift: report leaves hand edits alone and follows commits"] = ReportedDriftIsLeftAlone,
        ["no data and no account is ever destroyed"] = NothingIsDestroyed,
        ["what was recorded and is gone is never made again"] = TheLostIsNotMadeAgain,
        ["a plan from the published inventory equals a plan from the host"] = InventoryPlansAlike,
        ["unrelated drift leaves the approval digest alone"] = DriftLeavesApprovals,
        ["what went into quarantine comes back as it was"] = QuarantineLaws.ComesBack,
        ["a kill on the way into quarantine or out of it changes nothing of that"] = QuarantineLaws.KillOnTheWay,
        ["past its time what lies in quarantine is destroyed, and nothing else"] = QuarantineLaws.Purge,
        ["an approval applies what it named and nothing else, however often it is cut short"] = ApprovalLaws.ApplyWhatTheyName,
        ["an approval lifts nothing once more waits than it named"] = ApprovalLaws.DoNotGrow,
        ["what is imported is adopted without a difference"] = recipe => ImportLaw.Adopts(recipe, takeOver: false),
        ["what is taken over is served as before, a kill anywhere included"] = recipe => ImportLaw.Adopts(recipe, takeOver: true),
    };

    /// <summary>Runs one law on random cases; the failure names the smallest case found.</summary>
    /// <param name="runs">The same cases every time where <paramref name="replay"/> is set, so that a build does not fail by luck.</param>
    /// <param name="btrfsPools">Pools of each case that are btrfs; the others are ZFS.</param>
    public static void Check(string law, int runs, bool replay, params string[] btrfsPools)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(runs);
        if (replay) config = config.WithReplay(new Replay(new Rnd(4711, 4713), Microsoft.FSharp.Core.FSharpOption<int>.None));
        Prop.ForAll(Recipe.Arbitrary(btrfsPools), recipe => All[law](recipe) is { } wrong ? false.Label(wrong) : true.Label("")).Check(config);
    }

    public static ModelWorld Pass(ModelWorld world, ModelCommit commit, int budget = int.MaxValue) => new ModelPass(Kinds, budget).Run(world, commit);

    internal static ModelWorld Edited(ModelWorld world, IEnumerable<HandEdit> edits) => world with { Host = edits.Aggregate(world.Host, (host, edit) => edit.On(host)) };

    /// <summary>The four passes of a case: first commit, the same after hand edits, second commit, and the same again.</summary>
    private static IEnumerable<(string Name, ModelWorld World, ModelCommit Commit)> Story(Recipe recipe)
    {
        var first = Pass(recipe.Start(), recipe.FirstCommit);
        yield return ("first commit", first, recipe.FirstCommit);
        var drifted = Pass(Edited(first, recipe.Between), recipe.FirstCommit);
        yield return ("drift", drifted, recipe.FirstCommit);
        yield return ("second commit", Pass(Approved(drifted, recipe.SecondCommit), recipe.SecondCommit), recipe.SecondCommit);
    }

    /// <summary>With an approval of all that the plan would wait for.</summary>
    public static ModelWorld Approved(ModelWorld world, ModelCommit commit)
    {
        var plan = new Planner(Kinds).Plan(ModelPass.Input(Kinds, world, commit));
        return plan.ApprovalDigest.Length == 0 ? world : world with { Records = world.Records with { Approvals = [new Approval(plan.ApprovalDigest, commit.Name)] } };
    }

    private static string? StepsSucceed(Recipe recipe) =>
        Story(recipe).Select(s => s.World.Faults.Count > 0 ? $"{s.Name}: {string.Join("\n", s.World.Faults)}" : null).FirstOrDefault(w => w is not null);

    private static string? PlanAfterApplyIsEmpty(Recipe recipe)
    {
        foreach (var (name, world, commit) in Story(recipe).Where(s => s.World.Faults.Count == 0))
        {
            // A key that does not fit is tried at every pass.
            if (world.Left!.ToApply.Any(c => c.Steps.Any(s => s is Run { FailureReason: "KeyMismatch" }))) continue;
            if (world.Left.ToApply.FirstOrDefault() is { } left) return $"{name}: left to apply: {Show.Of(left)}";
            var again = Pass(world, commit);
            if (again.Taken.Count > 0) return $"{name}: the next pass takes {again.Taken[0].Id}: {again.Taken[0].Step.Describe()}";
            if (again.Left!.PlanDigest != world.Left.PlanDigest) return $"{name}: the next plan differs: {Show.Of(world.Left)} | {Show.Of(again.Left)}";
        }

        return null;
    }

    private static string? OrderDoesNotMatter(Recipe recipe)
    {
        var other = Draft.Commit("c1", recipe.FirstCommit.Manifests.All.Select(m => recipe.First.LastOrDefault(d => d.Kind == m.Id.Kind && d.Name == m.Id.Name)).OfType<Draft>().Reverse());
        var a = new Planner(Kinds).Plan(ModelPass.Input(Kinds, recipe.Start(), recipe.FirstCommit));
        var b = new Planner([.. Kinds.Reverse()]).Plan(ModelPass.Input([.. Kinds.Reverse()], recipe.Start(), other));
        return a.PlanDigest == b.PlanDigest ? null : $"{Show.Of(a)}\n | {Show.Of(b)}";
    }

    private static string? OthersAreLeftAlone(Recipe recipe)
    {
        var start = recipe.Start();
        var first = Pass(start, recipe.FirstCommit);
        return Foreign.Difference(start.Host, first.Host, recipe.FirstCommit)
            ?? Foreign.Difference(start.Host, Pass(first, recipe.SecondCommit).Host, recipe.FirstCommit, recipe.SecondCommit);
    }

    private static string? KillConverges(Recipe recipe)
    {
        // Without a record a difference is drift, and reported drift is never applied: what a report-only resource becomes depends on when the kill came.
        // Likewise a movedFrom that names what is declared too: whether the move is refused depends on which of the two is there.
        var names = recipe.First.Select(d => d.Name).ToHashSet();
        recipe = new Recipe(recipe.Before, [.. recipe.First.Where(d => !names.Contains((string?)d.Spec["movedFrom"] ?? "")).Select(d => d with { Report = false })], [], [], recipe.Kill);
        var start = recipe.Start();
        var whole = Pass(start, recipe.FirstCommit);
        var killed = Pass(Pass(start, recipe.FirstCommit, recipe.Kill), recipe.FirstCommit);
        if (whole.Faults.Count + killed.Faults.Count > 0) return null;
        // A kill keeps the read-back from putting a file away whose directory turned out to be missing.
        if (killed.Left!.Changes.Any(c => c.Reason == "PathMissing")) return null;
        return Show.Difference(whole, killed) is { } wrong ? $"killed after {recipe.Kill}: {wrong}" : null;
    }

    private static string? EmptySourceRemovesNothing(Recipe recipe)
    {
        var world = Pass(recipe.Start(), recipe.FirstCommit);
        foreach (var commit in new[] { new ModelCommit("c2", new ManifestSet([]), Complete: false), recipe.SecondCommit with { Complete = false } })
        {
            var plan = new Planner(Kinds).Plan(ModelPass.Input(Kinds, world, commit));
            if (plan.ToApply.FirstOrDefault(c => c.IsRemoval()) is { } removal) return Show.Of(removal);
        }

        return null;
    }

    private static string? RemovalsWaitTogether(Recipe recipe)
    {
        var world = Pass(recipe.Start(), recipe.FirstCommit);
        var free = new Planner(Kinds).Plan(ModelPass.Input(Kinds, world, recipe.SecondCommit));
        var removals = free.ToApply.Count(c => c.IsRemoval());
        if (removals == 0) return null;
        var held = new Planner(Kinds).Plan(ModelPass.Input(Kinds, world with { Policy = new Policy(MaxRemovals: removals - 1) }, recipe.SecondCommit));
        if (held.ToApply.FirstOrDefault(c => c.IsRemoval()) is { } removal) return $"applied: {Show.Of(removal)}";
        var rest = free.ToApply.Where(c => !c.IsRemoval()).Select(c => c.Id).Except(held.ToApply.Select(c => c.Id)).ToList();
        if (rest.Count > 0) return $"waits too: {string.Join(", ", rest)}";
        var after = Pass(world with { Policy = new Policy(MaxRemovals: removals - 1) }, recipe.SecondCommit);
        var gone = after.Taken.Where(t => free.ToApply.Any(c => c.IsRemoval() && c.Id == t.Id)).Select(t => t.Step.Describe()).FirstOrDefault();
        return gone is null ? null : $"a waiting removal took: {gone}";
    }

    private static string? SuspendedAndReportedGetNoStep(Recipe recipe)
    {
        var story = Story(recipe).SelectMany(s => s.World.Taken.Where(t => s.Commit.Manifests.Find(t.Id) is { Suspend: true })).FirstOrDefault();
        if (story.Step is { } step) return $"suspended {story.Id} gets {step.Describe()}";
        var reporting = Pass(recipe.Start(new Policy(ReconcileMode.Report)), recipe.FirstCommit);
        return reporting.Taken.Count > 0 ? $"reporting host gets {reporting.Taken[0].Step.Describe()}" : null;
    }

    private static string? ReportedDriftIsLeftAlone(Recipe recipe)
    {
        var reporting = recipe with { First = [.. recipe.First.Select(d => d with { Report = true, Suspend = false })], Second = [.. recipe.Second.Select(d => d with { Report = true, Suspend = false })] };
        // A changed secret is the admin's own wish, and followed all the same.
        reporting = new Recipe(reporting.Before, reporting.First, [.. recipe.Between.Where(e => e.Edit != HostEdit.NewPassword)], reporting.Second, reporting.Kill);
        var first = Pass(reporting.Start(), reporting.FirstCommit);
        if (first.Faults.Count > 0 || first.Left!.Changes.Count > 0) return null;
        var edited = Edited(first, reporting.Between);
        var drifted = Pass(edited, reporting.FirstCommit);
        var isStarted = reporting.Between.Any(e => e.Edit is HostEdit.UnloadKeys or HostEdit.Reboot);
        var taken = drifted.Taken.FirstOrDefault(t => reporting.FirstCommit.Manifests.Find(t.Id) is { Drift: DriftMode.Report } && !(IsForAStart(t.Step) && (isStarted || t.Step is BindMount)));
        return taken.Step is { } step ? $"{taken.Id} gets {step.Describe()}" : null;
    }

    /// <summary>Every start unloads keys, and unmounts what we alone mount, so loading them, and the mounts that wait for them, correct nobody.</summary>
    internal static bool IsForAStart(Step step) => step is BindMount or Run { Command: { Tool: "zfs", Arguments: ["load-key" or "mount", ..] } or { Tool: "mount" or "install" } or { Tool: "btrfs", Arguments: ["device", "scan", ..] } };

    private static string? NothingIsDestroyed(Recipe recipe)
    {
        var guids = recipe.Start().Host.Datasets.Values.Select(d => d.Guid).ToHashSet();
        foreach (var (name, world, _) in Story(recipe))
        {
            foreach (var (id, step) in world.Taken)
            {
                if (step is Run { Command: { Tool: "zfs" or "zpool", Arguments: ["destroy", ..] } or { Tool: "rm" or "userdel" or "groupdel" or "wipefs" } }) return $"{name}: {id} takes {step.Describe()}";
                if (step is Run { Command: { Tool: "btrfs", Arguments: ["subvolume", "delete", .., var gone] } } && !gone.EndsWith("/@new", StringComparison.Ordinal)) return $"{name}: {id} takes {step.Describe()}";
                if (step is Run { Command: { Tool: "zpool", Arguments: ["create" or "add" or "attach" or "replace", "-f", ..] } or { Tool: "mkfs.btrfs", Arguments: [.., "-f", _] or [.., "-f", _, _] } }) return $"{name}: {id} takes {step.Describe()}";
            }

            var there = world.Host.Datasets.Values.Select(d => d.Guid).ToHashSet();
            if (guids.FirstOrDefault(g => !there.Contains(g)) is { } lost) return $"{name}: the dataset with guid {lost} is gone";
            guids = there;
        }

        return null;
    }

    private static string? TheLostIsNotMadeAgain(Recipe recipe)
    {
        var first = Pass(recipe.Start(), recipe.FirstCommit);
        var losses = recipe.Between.Select(e => e with { Edit = HandEdit.Losses[e.Pick % 3] });
        var lossy = Edited(first, losses);
        var gone = first.Records.Records.Keys.Where(id => id.Kind is "Dataset" or "Pool" && (!lossy.Host.Datasets.ContainsKey(id.Name) || !lossy.Host.IsImported(id.Name))).ToHashSet();
        var after = Pass(lossy, recipe.FirstCommit);
        return after.Taken.Where(t => gone.Contains(t.Id) && t.Step is Run { Command: { Tool: "zfs" or "zpool", Arguments: ["create" or "import", ..] } or { Tool: "mkfs.btrfs" } or { Tool: "btrfs", Arguments: ["subvolume", "create", ..] } }).Select(t => $"{t.Id}: {t.Step.Describe()}").FirstOrDefault();
    }

    private static string? InventoryPlansAlike(Recipe recipe)
    {
        var edited = Edited(Pass(recipe.Start(), recipe.FirstCommit), recipe.Between);
        foreach (var world in new[] { recipe.Start(), edited, ApprovalLaws.WithStaleApproval(edited, recipe) })
        {
            var manifests = new ManifestSet(recipe.SecondCommit.Manifests.All.Where(m => m.Spec is not ISecretUser secrets || !secrets.SecretRefs.Any()));
            var input = ModelPass.Input(Kinds, world, new ModelCommit("c2", manifests));
            var parsed = Inventory.Parse(Inventory.Of(input).Render()).ToInput("c2", manifests, sourceComplete: true);
            var (a, b) = (new Planner(Kinds).Plan(input), new Planner(Kinds).Plan(parsed));
            if (a.PlanDigest != b.PlanDigest || a.ApprovalDigest != b.ApprovalDigest || PlanText(a) != PlanText(b)) return $"{Show.Of(a)}\n | {Show.Of(b)}";
        }

        return null;

        static string PlanText(Plan plan) => Json.ToNode(PlanDocument.Of(plan)).ToJsonString();
    }

    private static string? DriftLeavesApprovals(Recipe recipe)
    {
        var world = Pass(recipe.Start(), recipe.FirstCommit) with { Policy = new Policy(MaxRemovals: 0) };
        var before = new Planner(Kinds).Plan(ModelPass.Input(Kinds, world, recipe.SecondCommit));
        if (before.ApprovalDigest.Length == 0) return null;
        var approved = before.Changes.Where(Digest.IsApprovable).Select(c => c.Id).ToHashSet();
        var unrelated = recipe.Between.Where(e => e.Edit is HostEdit.SetProperty or HostEdit.ChangeMode or HostEdit.JoinGroup or HostEdit.LeaveGroup);
        var after = new Planner(Kinds).Plan(ModelPass.Input(Kinds, Edited(world, unrelated), recipe.SecondCommit));
        if (!approved.SetEquals(after.Changes.Where(Digest.IsApprovable).Select(c => c.Id))) return null;
        return before.ApprovalDigest == after.ApprovalDigest ? null : $"{Show.Of(before)}\n | {Show.Of(after)}";
    }
}

using NasGitOps.Core.Manifests;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Kinds;
using NasGitOps.Testing.Model;

namespace NasGitOps.Testing.Laws;

/// <summary>What persons approve is done, and nothing else is.</summary>
internal static class ApprovalLaws
{
    /// <summary>Every removal waits, and so does all that cuts clients off: the only window is open for a minute of 29 February.</summary>
    private static readonly Policy Strict = new(MaxRemovals: 0) { Windows = [new MaintenanceWindow("0 0 29 2 *", "UTC", TimeSpan.FromMinutes(1))] };

    public static string? ApplyWhatTheyName(Recipe recipe)
    {
        var world = LawSuite.Edited(LawSuite.Pass(recipe.Start(), recipe.FirstCommit), recipe.Between) with { Policy = Strict };
        var plan = Plan(world, recipe.SecondCommit);
        foreach (var (digest, named) in new[] { (plan.ApprovalDigest, Ids(plan, Digest.IsApprovable)), (plan.ApproveAllDigest, Ids(plan, c => Digest.IsApprovable(c) || Digest.IsHeldBack(c))) })
        {
            if (digest.Length == 0) continue;
            var others = Ids(plan, c => Digest.IsApprovable(c) || Digest.IsHeldBack(c)).Except(named).ToHashSet();
            var approved = world with { Records = world.Records with { Approvals = [new Approval(digest, "c2")] } };
            var whole = LawSuite.Pass(approved, recipe.SecondCommit);
            if (whole.Taken.FirstOrDefault(t => others.Contains(t.Id) && !LawSuite.IsForAStart(t.Step)) is { Step: { } step } other) return $"{other.Id} was not named and gets {step.Describe()}";
            if (StillWaits(whole, named) is { } undone) return $"named, and still waits: {undone}";

            // Cut short twice, at the same place and at the first step: what is left of it is still approved.
            var killed = LawSuite.Pass(LawSuite.Pass(LawSuite.Pass(approved, recipe.SecondCommit, recipe.Kill), recipe.SecondCommit, 1), recipe.SecondCommit);
            if (StillWaits(killed, named) is { } forgotten) return $"named, and waits after a kill after {recipe.Kill}: {forgotten}";
            if (killed.Taken.FirstOrDefault(t => others.Contains(t.Id) && !LawSuite.IsForAStart(t.Step)) is { Step: { } late } more) return $"{more.Id} was not named and gets {late.Describe()} after a kill";
        }

        return null;
    }

    public static string? DoNotGrow(Recipe recipe)
    {
        var world = LawSuite.Pass(recipe.Start(), recipe.FirstCommit) with { Policy = Strict };
        var plan = Plan(world, recipe.SecondCommit);
        // A SambaServer that shares imply has no draft of its own.
        var removals = plan.Changes.Where(c => Digest.IsApprovable(c) && c.IsRemoval()).Select(c => recipe.First.LastOrDefault(d => d.Kind == c.Id.Kind && d.Name == c.Id.Name)).OfType<Draft>().ToList();
        if (removals.Count == 0) return null;

        // The plan that was approved had one removal less.
        var less = Draft.Commit("less", [.. recipe.Second, removals[recipe.Kill % removals.Count]]);
        var offered = Plan(world, less);
        if (offered.ApprovalDigest.Length == 0 || offered.ApprovalDigest == plan.ApprovalDigest) return null;
        var records = RecordKeeper.AfterGate(world.Records, offered) with { Approvals = [new Approval(offered.ApprovalDigest, "c2")] };
        var held = Plan(world with { Records = records }, recipe.SecondCommit);
        if (!Ids(held, Digest.IsApprovable).SetEquals(Ids(plan, Digest.IsApprovable))) return $"lifted: {Show.Of(held)}";
        return held.Changes.FirstOrDefault(c => Digest.IsApprovable(c) && c.Reason != StaleApproval.Reason) is { } silent ? $"does not say that the approval is stale: {Show.Of(silent)}" : null;
    }

    /// <summary>Everything waits, and what was approved is what another commit would have done.</summary>
    public static ModelWorld WithStaleApproval(ModelWorld world, Recipe recipe)
    {
        var strict = world with { Policy = Strict };
        var offered = Plan(strict, recipe.Kill % 2 == 0 ? recipe.FirstCommit : new ModelCommit("c0", new ManifestSet([])));
        return strict with { Records = RecordKeeper.AfterGate(strict.Records, offered) with { Approvals = [new Approval(offered.ApprovalDigest, "c0"), new Approval("0123", "c0")] } };
    }

    private static string? StillWaits(ModelWorld world, HashSet<ResourceId> named) =>
        world.Faults.Count == 0 && world.Left!.Changes.FirstOrDefault(c => named.Contains(c.Id) && (Digest.IsApprovable(c) || Digest.IsHeldBack(c))) is { } change ? Show.Of(change) : null;

    private static Plan Plan(ModelWorld world, ModelCommit commit) => new Planner(BuiltInKinds.All).Plan(ModelPass.Input(BuiltInKinds.All, world, commit));

    private static HashSet<ResourceId> Ids(Plan plan, Func<Change, bool> which) => [.. plan.Changes.Where(which).Select(c => c.Id)];
}

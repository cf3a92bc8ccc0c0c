using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Publishing;
using NasGitOps.State;

namespace NasGitOps.Cli;

/// <summary><c>nasgitops approve</c>: prints the commit trailer that approves what the current plan holds back. Approving is done by committing it.</summary>
internal static class ApproveCommand
{
    public static Command Create()
    {
        var all = new Option<bool>("--all") { Description = "Approve what waits for a maintenance window or a pool too" };
        var command = new Command("approve", "Print the commit trailer that approves what the current plan holds back") { all };
        command.SetAction(async (parsed, ct) =>
        {
            var (plan, _, code) = await PlanCommand.OnHost(parsed, null, null, ct);
            return plan is null ? code : Write(parsed, plan, parsed.GetValue(all));
        });
        return command;
    }

    private static int Write(ParseResult parsed, Plan plan, bool all)
    {
        foreach (var why in plan.Changes.Where(c => c.Reason == StaleApproval.Reason).Select(c => c.Message).Distinct())
        {
            Console.Error.WriteLine($"{Terminal.Yellow("An approval was given and does not match:")} {Terminal.Safe(why)}");
        }

        var isAll = (all || plan.ApprovalDigest.Length == 0) && plan.ApproveAllDigest.Length > 0;
        var digest = isAll ? plan.ApproveAllDigest : plan.ApprovalDigest;
        if (digest.Length == 0)
        {
            Console.Error.WriteLine("Nothing of the current plan waits for an approval.");
            return ExitCodes.Done;
        }

        Console.Error.WriteLine("This approves exactly the following, on exactly what is named. It stops matching as soon as one of them would hit something else:");
        foreach (var change in plan.Changes.Where(c => Digest.IsApprovable(c) || (isAll && Digest.IsHeldBack(c))))
        {
            var stake = change.AtStake.IsNothing ? "" : $" ({Terminal.Safe(PlanSummary.AtStake(change.AtStake))})";
            Console.Error.WriteLine($"  {change.Action.ToString().ToLowerInvariant()} {Terminal.Safe(change.Id.ToString())}{stake}");
        }

        if (isAll) Console.Error.WriteLine("It waits for no maintenance window and for no pool: clients may be cut off at once.");
        else if (plan.ApproveAllDigest.Length > 0) Console.Error.WriteLine("More waits for a maintenance window or a pool and follows by itself; 'nasgitops approve --all' covers that too.");
        Remember(parsed, plan);
        Console.Error.WriteLine("Put this line at the end of a commit's message; an empty commit will do:");
        Console.WriteLine($"NasGitOps-Approve: {digest}");
        return ExitCodes.Done;
    }

    /// <summary>So that a pass can tell later what the digest covered. While a pass has the lock it is left out: that pass makes the same plan.</summary>
    private static void Remember(ParseResult parsed, Plan plan)
    {
        if (Context.ReadConfig(parsed) is not { } config) return;
        using var held = HostLock.TryTake(config.StateDirectory, "approve", out _);
        if (held is null) return;
        var store = new StateStore(config.StateDirectory, TimeProvider.System, NullLogger.Instance);
        var state = store.Load();
        store.Save(state with { Offers = ApprovalOffer.Kept(plan.Offers, state.Offers) });
    }
}

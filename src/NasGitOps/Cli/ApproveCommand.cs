using System.CommandLine;
using NasGitOps.Core.Planning;

namespace NasGitOps.Cli;

/// <summary><c>nasgitops approve</c>: prints the commit trailer that approves what the current plan holds back. Approving is done by committing it.</summary>
internal static class ApproveCommand
{
    public static Command Create()
    {
        var command = new Command("approve", "Print the commit trailer that approves what the current plan holds back");
        command.SetAction(async (parsed, ct) =>
        {
            var (plan, _, code) = await PlanCommand.OnHost(parsed, null, null, ct);
            if (plan is null) return code;
            if (plan.ApprovalDigest.Length == 0)
            {
                Console.Error.WriteLine("Nothing of the current plan waits for an approval.");
                return ExitCodes.Done;
            }

            Console.Error.WriteLine("This approves exactly the following, on exactly what is named. It stops matching as soon as one of them would hit something else:");
            foreach (var change in plan.Changes.Where(Digest.IsApprovable))
            {
                var stake = change.AtStake.IsNothing ? "" : $" ({Terminal.Safe(Core.Publishing.PlanSummary.AtStake(change.AtStake))})";
                Console.Error.WriteLine($"  {change.Action.ToString().ToLowerInvariant()} {Terminal.Safe(change.Id.ToString())}{stake}");
            }

            Console.Error.WriteLine("Put this line at the end of a commit's message; an empty commit will do:");
            Console.WriteLine($"NasGitOps-Approve: {plan.ApprovalDigest}");
            return ExitCodes.Done;
        });
        return command;
    }
}

using NasGitOps.Core.Planning;
using NasGitOps.Core.Publishing;

namespace NasGitOps.Cli;

/// <summary>A plan for a person at a terminal.</summary>
internal static class PlanText
{
    public static void Write(Plan plan, bool steps)
    {
        foreach (var change in plan.Changes) Write(change, steps);
        foreach (var notice in plan.Notices) Console.WriteLine($"{Terminal.Dim("  note")} {Terminal.Safe(notice.Id.ToString())}: {notice.Reason}: {Terminal.Safe(notice.Message)}");
        if (plan.Changes.Count + plan.Notices.Count > 0) Console.WriteLine();
        Console.WriteLine(PlanSummary.Line(plan));
        if (plan.ApprovalDigest.Length + plan.ApproveAllDigest.Length == 0) return;
        Console.WriteLine("To approve, put one of these lines at the end of a commit's message; an empty commit will do:");
        WriteTrailer("what waits for a person", plan.ApprovalDigest);
        WriteTrailer("all that waits, for a maintenance window or a pool too", plan.ApproveAllDigest);
    }

    private static void WriteTrailer(string what, string digest)
    {
        if (digest.Length == 0) return;
        Console.WriteLine(Terminal.Dim($"  {what}:"));
        Console.WriteLine($"NasGitOps-Approve: {digest}");
    }

    private static void Write(Change change, bool steps)
    {
        var (sign, paint) = change.Action switch
        {
            ChangeAction.Create or ChangeAction.Import or ChangeAction.Adopt or ChangeAction.Restore => ("+", (Func<string, string>)Terminal.Green),
            ChangeAction.Remove or ChangeAction.Quarantine => ("-", Terminal.Red),
            _ => ("~", Terminal.Yellow),
        };
        var from = change.MovedFrom is { } old ? $" from {Terminal.Safe(old.Name)}" : "";
        var marks = string.Join(", ", new[] { change.Cause == Cause.Drift ? "drift" : "", change.Risk == Risk.Safe ? "" : change.Risk.ToString().ToLowerInvariant() }.Where(m => m.Length > 0));
        Console.WriteLine($"{paint(sign)} {Terminal.Bold($"{change.Action.ToString().ToLowerInvariant(),-7}")} {Terminal.Safe(change.Id.ToString())}{from}{(marks.Length > 0 ? $"  ({marks})" : "")}");
        if (change.Disposition != Disposition.Apply) Console.WriteLine($"    {Terminal.Red(change.Disposition.ToString())}: {change.Reason}: {Terminal.Safe(change.Message)}");
        if (!change.AtStake.IsNothing) Console.WriteLine($"    at stake: {Terminal.Safe(PlanSummary.AtStake(change.AtStake))}");
        var width = change.Fields.Select(f => f.Name.Length).DefaultIfEmpty(0).Max();
        foreach (var field in change.Fields)
        {
            var value = field.Before is null ? Shown(field.Name, field.After) : $"{Shown(field.Name, field.Before)} → {Shown(field.Name, field.After)}";
            Console.WriteLine($"    {Terminal.Safe(field.Name).PadRight(width)}  {value}{(field.Note is null ? "" : Terminal.Dim($"  ({field.Note})"))}");
        }

        if (!steps) return;
        foreach (var step in change.Steps) Console.WriteLine(Terminal.Dim($"      $ {Terminal.Safe(step.Describe())}"));
    }

    private static string Shown(string field, string? value) => value is null ? "nothing" : Terminal.Safe(FieldText.Shown(field, value)).Replace("\n", "⏎", StringComparison.Ordinal);
}

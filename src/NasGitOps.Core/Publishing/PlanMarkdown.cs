using System.Text;
using NasGitOps.Core.Planning;

namespace NasGitOps.Core.Publishing;

/// <summary>A plan as a comment on a pull request: a summary line, then changes by risk, with what differs and what is at stake.</summary>
public static class PlanMarkdown
{
    public static string Render(Plan plan, string host)
    {
        var text = new StringBuilder();
        text.Append("### nasgitops plan for `").Append(Code(host)).Append("`\n\n").Append(PlanSummary.Line(plan)).Append('\n');
        foreach (var risk in new[] { Risk.Destructive, Risk.Disruptive, Risk.Safe })
        {
            var changes = plan.Changes.Where(c => c.Risk == risk).ToList();
            if (changes.Count == 0) continue;
            text.Append("\n#### ").Append(Title(risk)).Append(" (").Append(changes.Count).Append(")\n");
            foreach (var change in changes) Append(text, change);
        }

        if (plan.Notices.Count > 0)
        {
            text.Append("\n#### To know\n\n");
            foreach (var notice in plan.Notices) text.Append("- `").Append(Code(notice.Id.ToString())).Append("` ").Append(notice.Reason).Append(": ").Append(Plain(notice.Message)).Append('\n');
        }

        if (plan.ApprovalDigest.Length > 0) text.Append("\nApprove with the trailer `NasGitOps-Approve: ").Append(plan.ApprovalDigest).Append("`\n");
        if (plan.ApproveAllDigest.Length > 0) text.Append("\nNot to wait for a maintenance window or a pool either: `NasGitOps-Approve: ").Append(plan.ApproveAllDigest).Append("`\n");
        text.Append("\n<sub>plan ").Append(plan.PlanDigest).Append("</sub>\n");
        return text.ToString();
    }

    private static void Append(StringBuilder text, Change change)
    {
        text.Append("\n- **").Append(change.Action.ToString().ToLowerInvariant()).Append("** `").Append(Code(change.Id.ToString())).Append('`');
        if (change.MovedFrom is { } from) text.Append(" from `").Append(Code(from.Name)).Append('`');
        if (change.Cause == Cause.Drift) text.Append(" (drift)");
        if (change.Disposition != Disposition.Apply) text.Append(" — **").Append(change.Disposition).Append("** ").Append(change.Reason).Append(": ").Append(Plain(change.Message));
        text.Append('\n');
        if (!change.AtStake.IsNothing) text.Append("\n  At stake: ").Append(Plain(PlanSummary.AtStake(change.AtStake))).Append('\n');
        if (change.Fields.Count == 0) return;
        text.Append("\n  | field | now | then | |\n  |---|---|---|---|\n");
        foreach (var field in change.Fields)
        {
            text.Append("  | ").Append(Plain(field.Name)).Append(" | ").Append(Cell(field.Name, field.Before)).Append(" | ").Append(Cell(field.Name, field.After)).Append(" | ").Append(Plain(field.Note ?? "")).Append(" |\n");
        }
    }

    private static string Title(Risk risk) => risk switch { Risk.Destructive => "Destructive", Risk.Disruptive => "Disruptive", _ => "Safe" };

    private static string Cell(string field, string? value) => value is null ? "–" : $"`{Code(FieldText.Shown(field, value))}`";

    /// <summary>Inside back quotes nothing is interpreted but the quote itself, a line end and a cell's bar.</summary>
    private static string Code(string text) => text.Replace('`', '\'').Replace('\n', ' ').Replace('\r', ' ').Replace("|", "\\|", StringComparison.Ordinal);

    /// <summary>Text that must not become markup, a mention, or HTML on the page of a pull request.</summary>
    private static string Plain(string text)
    {
        var plain = new StringBuilder();
        foreach (var c in text)
        {
            if (c is '\n' or '\r') plain.Append(' ');
            else if ("\\`*_[]<>|#@".Contains(c, StringComparison.Ordinal)) plain.Append('\\').Append(c);
            else plain.Append(c);
        }

        return plain.ToString();
    }
}

/// <summary>A plan in one line, for people.</summary>
public static class PlanSummary
{
    public static string Line(Plan plan)
    {
        if (plan.Changes.Count == 0) return $"No changes: {Count(plan.InSync.Count, "resource is", "resources are")} as the manifests say.";
        var actions = plan.Changes.GroupBy(c => c.Action).OrderBy(g => g.Key).Select(g => $"{g.Count()} to {g.Key.ToString().ToLowerInvariant()}");
        var held = plan.Changes.Count(c => c.Disposition != Disposition.Apply);
        return $"{Count(plan.Changes.Count, "change", "changes")}: {string.Join(", ", actions)}{(held > 0 ? $"; {held} held back" : "")}; {plan.InSync.Count} unchanged.";
    }

    public static string AtStake(AtStake stake)
    {
        var parts = new List<string>();
        if (stake.Bytes > 0) parts.Add(new Manifests.ByteSize(stake.Bytes).ToString());
        if (stake.Snapshots > 0) parts.Add(Count(stake.Snapshots, "snapshot", "snapshots"));
        if (stake.Clients.Count > 0) parts.Add("clients " + string.Join(", ", stake.Clients));
        if (stake.Guids.Count > 0) parts.Add(string.Join("; ", stake.Guids));
        return string.Join(", ", parts);
    }

    private static string Count(int number, string one, string many) => $"{number} {(number == 1 ? one : many)}";
}

using System.Globalization;
using System.Net;
using System.Text;
using NasGitOps.Agent;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Status;

namespace NasGitOps.Web;

/// <summary>The page for people: the host, its conditions, its resources. No scripts, and whatever a manifest or a tool said is encoded.</summary>
internal static class StatusPage
{
    private const string Style = "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1b1f24;background:#fff}"
        + "table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{text-align:left;padding:.3rem .7rem .3rem 0;border-bottom:1px solid #d8dee4;vertical-align:top;overflow-wrap:anywhere}"
        + ".good{color:#1a7f37}.bad{color:#cf222e}code{font-family:ui-monospace,monospace}";

    public static string Html(AgentFacts facts)
    {
        var status = facts.Last?.Status;
        var title = status is null ? "NasGitOps" : $"{status.Host} – NasGitOps";
        var html = new StringBuilder();
        html.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        html.Append(CultureInfo.InvariantCulture, $"<title>{Safe(title)}</title>\n<style>{Style}</style>\n</head>\n<body>\n<h1>{Safe(status?.Host ?? "NasGitOps")}</h1>\n");
        if (facts.Aborted is not null) html.Append(CultureInfo.InvariantCulture, $"<p class=\"bad\">The last pass did not come to its end: {Safe(facts.Aborted)}</p>\n");
        if (status is null) html.Append("<p>No pass has ended yet.</p>\n");
        else Body(html, status);
        html.Append("<p><a href=\"/status.json\">status.json</a> · <a href=\"/metrics\">metrics</a></p>\n</body>\n</html>\n");
        return html.ToString();
    }

    private static void Body(StringBuilder html, HostStatus status)
    {
        html.Append(CultureInfo.InvariantCulture, $"<p>Observed {status.ObservedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC by nasgitops {Safe(status.Version)}. ");
        html.Append(CultureInfo.InvariantCulture, $"In force {Commit(status.InForceCommit)}{(status.Signer is { } signer ? $" signed by {Safe(signer)}" : "")}, last fully applied {Commit(status.LastAppliedCommit)}, newest seen {Commit(status.LastAttemptedCommit)}.</p>\n");
        Table(html, "Conditions", ["Condition", "Status", "Reason", "Message"], status.Conditions.Select(c => Row(c, Safe(c.Type))));
        if (status.Problems.Count > 0) Table(html, "Problems of the newest commit", ["Where", "Severity", "Message"], status.Problems.Select(Row));
        Table(html, "Resources", ["Resource", "Ready", "Reason", "Message"], status.Resources.SelectMany(r => r.Conditions.Where(c => c.Type is Condition.Ready or Condition.Degraded).Select(c => Row(c, Safe(Name(r, c))))));
    }

    private static string Name(ResourceStatus resource, Condition condition) => condition.Type == Condition.Ready ? resource.Id.ToString() : $"{resource.Id} ({condition.Type.ToLowerInvariant()})";

    private static void Table(StringBuilder html, string title, IReadOnlyList<string> heads, IEnumerable<string> rows)
    {
        html.Append(CultureInfo.InvariantCulture, $"<h2>{title}</h2>\n<table>\n<thead><tr>{string.Concat(heads.Select(h => $"<th scope=\"col\">{h}</th>"))}</tr></thead>\n<tbody>\n");
        foreach (var row in rows) html.Append(row);
        html.Append("</tbody>\n</table>\n");
    }

    private static string Row(Condition condition, string name)
    {
        var good = condition.Type == Condition.Ready ? condition.Status == "True" : condition.Status != "True";
        return $"<tr><td>{name}</td><td class=\"{(good ? "good" : "bad")}\">{Safe(condition.Status)}</td><td>{Safe(condition.Reason)}</td><td>{Safe(condition.Message)}</td></tr>\n";
    }

    private static string Row(ManifestProblem problem) =>
        $"<tr><td>{Safe($"{problem.File}:{problem.Line}:{problem.Column}")}</td><td>{problem.Severity}</td><td>{Safe(problem.Message)} {Safe(problem.WayOut)}</td></tr>\n";

    private static string Commit(string? commit) => commit is null ? "none" : $"<code>{Safe(commit[..Math.Min(12, commit.Length)])}</code>";

    private static string Safe(string text) => WebUtility.HtmlEncode(text);
}

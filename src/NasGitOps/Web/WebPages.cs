using System.Text.Json;
using NasGitOps.Agent;
using NasGitOps.Core.Publishing;

namespace NasGitOps.Web;

/// <summary>An answer, before it meets a connection.</summary>
internal sealed record Page(int Status, string ContentType, string Body)
{
    public static Page Text(int status, string body) => new(status, "text/plain; charset=utf-8", body + "\n");
}

/// <summary>What is answered, by path. Everything is read from memory: no request makes the agent touch the host.</summary>
internal sealed class WebPages(AgentReport report, MetricsCollector metrics)
{
    public Page Answer(string path) => path switch
    {
        "/" => new Page(200, "text/html; charset=utf-8", StatusPage.Html(report.Facts)),
        "/metrics" => new Page(200, PrometheusText.ContentType, PrometheusText.Write(metrics.Collect())),
        "/healthz" => report.DeadBecause is { } dead ? Page.Text(503, $"not alive: {dead}; see 'journalctl -u nasgitops -e'") : Page.Text(200, "alive"),
        "/readyz" => report.Facts.NotReadyBecause is { } why ? Page.Text(503, $"not ready: {why}") : Page.Text(200, "ready"),
        "/status.json" => report.Facts.Last is { } last
            ? new Page(200, "application/json; charset=utf-8", JsonSerializer.Serialize(StatusDocument.Of(last.Status), Json.Options) + "\n")
            : Page.Text(503, "no pass has ended yet"),
        _ => Page.Text(404, "not here; there are / /metrics /healthz /readyz /status.json"),
    };
}

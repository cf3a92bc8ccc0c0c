using System.Diagnostics;
using System.Diagnostics.Metrics;
using NasGitOps.Agent;
using NasGitOps.Core.Planning;
using NasGitOps.Reporting;
using NasGitOps.Source;
using NasGitOps.Web;

namespace NasGitOps.Tests.Web;

public sealed class MetricsTests : IDisposable
{
    private readonly Meter meter = new("test");
    private readonly AgentReport report = new(TimeProvider.System);

    public void Dispose() => meter.Dispose();

    [Fact]
    public void Counts_are_added_up_by_label_and_durations_fall_into_their_buckets()
    {
        using var metrics = new MetricsCollector(meter);
        var counter = meter.CreateCounter<long>("a_total", null, "A.");
        var histogram = meter.CreateHistogram("b_seconds", "s", "B.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 10] });

        counter.Add(1, new KeyValuePair<string, object?>("kind", "x"));
        counter.Add(2, new KeyValuePair<string, object?>("kind", "x"));
        histogram.Record(1);
        histogram.Record(11);

        var text = PrometheusText.Write(metrics.Collect());
        Assert.Contains("a_total{kind=\"x\"} 3\n", text, StringComparison.Ordinal);
        Assert.Contains("b_seconds_bucket{le=\"1\"} 1\nb_seconds_bucket{le=\"10\"} 1\nb_seconds_bucket{le=\"+Inf\"} 2\nb_seconds_sum 12\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_series_whose_thing_is_gone_is_gone_too()
    {
        var pools = new List<string> { "tank", "old" };
        meter.CreateObservableGauge("a", () => pools.Select(p => new Measurement<double>(1, new KeyValuePair<string, object?>("pool", p))), null, "A.");
        using var metrics = new MetricsCollector(meter);
        Assert.Contains("old", PrometheusText.Write(metrics.Collect()), StringComparison.Ordinal);

        pools.Remove("old");

        Assert.DoesNotContain("old", PrometheusText.Write(metrics.Collect()), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_meters_of_the_process_are_not_published()
    {
        using var other = new Meter("test");
        using var metrics = new MetricsCollector(meter);
        other.CreateCounter<long>("a_total").Add(1);

        Assert.Empty(metrics.Collect());
    }

    [Fact]
    public void The_last_pass_is_told_in_figures()
    {
        using var gauges = Telemetry.Observe(report);
        using var metrics = new MetricsCollector(gauges);
        report.PassEnded(Passes.Of(
            "False",
            [Passes.Resource("Dataset", "tank/ours"), Passes.Resource("Dataset", "tank/gone", "False", "Orphaned"), Passes.Resource("Pool", "tank", "Unknown", "Unknown")],
            Passes.Change("Dataset", "tank/ours", Cause.Drift, Disposition.ReportOnly, "DriftReported"),
            Passes.Change("Pool", "tank", Cause.Commit, Disposition.Blocked, "PoolMissing")));

        var text = PrometheusText.Write(metrics.Collect());

        foreach (var line in (string[])[
            "nasgitops_resources{kind=\"Dataset\",ready=\"true\"} 1",
            "nasgitops_resources{kind=\"Dataset\",ready=\"false\"} 1",
            "nasgitops_resources{kind=\"Pool\",ready=\"unknown\"} 1",
            "nasgitops_orphans{kind=\"Dataset\"} 1",
            "nasgitops_drifted_resources{kind=\"Dataset\"} 1",
            "nasgitops_blocked_changes{disposition=\"Blocked\",reason=\"PoolMissing\"} 1",
            "nasgitops_unmanaged_things{kind=\"Dataset\"} 1",
            "nasgitops_pool_health{pool=\"tank\",state=\"DEGRADED\"} 1",
            "nasgitops_pool_health{pool=\"tank\",state=\"ONLINE\"} 0",
            "nasgitops_pool_free_bytes{pool=\"tank\"} 600",
            "nasgitops_dataset_used_bytes{dataset=\"tank/ours\"} 300",
            "nasgitops_host_ready 0",
            $"nasgitops_last_applied_commit_info{{commit=\"{Passes.Commit}\"}} 1",
        ]) Assert.Contains(line + "\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("tank/foreign", text, StringComparison.Ordinal);
        Assert.Contains("process_resident_memory_bytes ", text, StringComparison.Ordinal);
    }

    [PromtoolFact]
    public void Prometheus_own_checker_finds_nothing_to_say()
    {
        using var gauges = Telemetry.Observe(report);
        using var metrics = new MetricsCollector(Telemetry.Meter, gauges);
        Telemetry.BeginAtZero();
        Telemetry.CommandRan("zfs", "ok", TimeSpan.FromSeconds(0.2));
        Telemetry.Fetched(new FetchResult.Unchanged(Passes.Commit));
        Telemetry.PassAborted();
        var corrected = Passes.Change("Dataset", "tank/ours", Cause.Drift, Disposition.Apply, "");
        Telemetry.Applied(corrected, Outcome.Done(corrected.Id));
        report.PassEnded(Passes.Of(
            "True",
            [Passes.Resource("Dataset", "tank/ours"), Passes.Resource("SmbShare", "ein \"Name\" \\ mit ü", "False", "Orphaned")],
            Passes.Change("Pool", "tank", Cause.Drift, Disposition.Blocked, "PoolMissing")));
        var text = PrometheusText.Write(metrics.Collect());
        Assert.Contains("nasgitops_drift_corrected_total{kind=\"Dataset\"}", text, StringComparison.Ordinal);

        var start = new ProcessStartInfo("promtool", ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var promtool = Process.Start(start)!;
        promtool.StandardInput.Write(text);
        promtool.StandardInput.Close();
        var said = promtool.StandardOutput.ReadToEnd() + promtool.StandardError.ReadToEnd();
        promtool.WaitForExit();

        Assert.Equal("", said);
        Assert.Equal(0, promtool.ExitCode);
    }

    [Fact]
    public void Every_figure_is_explained_in_the_docs()
    {
        using var gauges = Telemetry.Observe(report);
        using var metrics = new MetricsCollector(Telemetry.Meter, gauges);
        var docs = File.ReadAllText(Path.Combine(Docs(), "metrics.md"));

        Assert.All(metrics.Collect(), m => Assert.Contains($"`{m.Name}`", docs, StringComparison.Ordinal));
    }

    private static string Docs()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "NasGitOps.sln"))) folder = folder.Parent;
        return Path.Combine(folder.FullName, "docs");
    }
}

/// <summary>Needs promtool, of Debian's package <c>prometheus</c>.</summary>
internal sealed class PromtoolFactAttribute : FactAttribute
{
    public PromtoolFactAttribute()
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        if (!path.Split(':').Any(p => File.Exists(Path.Combine(p, "promtool")))) Skip = "promtool is not installed: 'apt-get install prometheus'";
    }
}

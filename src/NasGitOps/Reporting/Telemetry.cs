using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using NasGitOps.Agent;
using NasGitOps.Core.Planning;
using NasGitOps.Source;

namespace NasGitOps.Reporting;

/// <summary>Every figure that is published, by the name under which Prometheus knows it; docs/metrics.md explains them. Nobody listens outside the agent, and then they cost nothing.</summary>
internal static class Telemetry
{
    public const string MeterName = "NasGitOps";

    /// <summary>The states in which a pool can be, so that each has a series before it happens. Source: zpoolconcepts(7), SUSPENDED from zpool-status(8), and two of btrfs: made read-only by the kernel, and not mounted yet.</summary>
    private static readonly string[] PoolStates = ["ONLINE", "DEGRADED", "FAULTED", "OFFLINE", "REMOVED", "UNAVAIL", "SUSPENDED", "READONLY", "CLOSED"];

    public static readonly Meter Meter = new(MeterName);

    private static readonly Counter<long> Commands = Meter.CreateCounter<long>("nasgitops_commands_total", null, "Commands run, by tool and how they ended.");
    private static readonly Histogram<double> CommandSeconds = Meter.CreateHistogram(
        "nasgitops_command_duration_seconds", "s", "How long commands took, by tool.", null, Buckets(0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120));

    private static readonly Counter<long> Passes = Meter.CreateCounter<long>("nasgitops_passes_total", null, "Passes, by result.");
    private static readonly Histogram<double> PassSeconds = Meter.CreateHistogram(
        "nasgitops_pass_duration_seconds", "s", "How long passes took that came to their end.", null, Buckets(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800));

    private static readonly Counter<long> Changes = Meter.CreateCounter<long>("nasgitops_changes_total", null, "Changes tried on the host, by kind, action and result.");
    private static readonly Counter<long> DriftCorrected = Meter.CreateCounter<long>("nasgitops_drift_corrected_total", null, "Differences that no commit made and that were put right, by kind.");
    private static readonly Counter<long> Fetches = Meter.CreateCounter<long>("nasgitops_fetches_total", null, "Fetches of the followed repository, by result.");

    private static readonly Counter<long> Jobs = Meter.CreateCounter<long>("nasgitops_jobs_total", null, "Runs of recurring jobs, by task and result.");
    private static readonly Histogram<double> JobSeconds = Meter.CreateHistogram(
        "nasgitops_job_duration_seconds", "s", "How long runs of recurring jobs took, by task.", null, Buckets(0.1, 0.5, 1, 5, 30, 120, 600));

    /// <summary>Gives the counters whose labels are known from the start their zero: a first failure is an increase then, which alert rules see.</summary>
    public static void BeginAtZero()
    {
        foreach (var result in (string[])["ok", "failed", "aborted"]) Passes.Add(0, new KeyValuePair<string, object?>("result", result));
        foreach (var result in (string[])["ok", "failed"]) Fetches.Add(0, new KeyValuePair<string, object?>("result", result));
    }

    public static void JobRan(string task, string resource, bool succeeded, TimeSpan took)
    {
        Jobs.Add(1, new("task", task), new("resource", resource), new("result", succeeded ? "ok" : "failed"));
        JobSeconds.Record(took.TotalSeconds, new KeyValuePair<string, object?>("task", task));
    }

    /// <param name="result">How it ended, in one word.</param>
    public static void CommandRan(string tool, string result, TimeSpan took)
    {
        Commands.Add(1, new("tool", tool), new("result", result));
        CommandSeconds.Record(took.TotalSeconds, new KeyValuePair<string, object?>("tool", tool));
    }

    public static void PassEnded(bool succeeded, TimeSpan took)
    {
        Passes.Add(1, new KeyValuePair<string, object?>("result", succeeded ? "ok" : "failed"));
        PassSeconds.Record(took.TotalSeconds);
    }

    public static void PassAborted() => Passes.Add(1, new KeyValuePair<string, object?>("result", "aborted"));

    public static void Fetched(FetchResult result) => Fetches.Add(1, new KeyValuePair<string, object?>("result", result is FetchResult.Failed ? "failed" : "ok"));

    public static void Applied(Change change, Outcome outcome)
    {
        Changes.Add(1, new("kind", change.Id.Kind), new("action", Lower(change.Action)), new("result", Lower(outcome.State)));
        if (change.Cause == Cause.Drift && outcome.State == OutcomeState.Done) DriftCorrected.Add(1, new KeyValuePair<string, object?>("kind", change.Id.Kind));
    }

    /// <summary>Figures of the agent's state now, read whenever they are asked for, until the meter is disposed.</summary>
    public static Meter Observe(AgentReport report)
    {
        var meter = new Meter(MeterName);
        void Gauge(string name, string? unit, string description, Func<AgentFacts, IEnumerable<Measurement<double>>> read) =>
            meter.CreateObservableGauge(name, () => read(report.Facts), unit, description);
        void OfPass(string name, string? unit, string description, Func<PassFigures, IEnumerable<Measurement<double>>> read) =>
            Gauge(name, unit, description, f => f.Last is { } last ? read(last.Figures) : []);

        Gauge("nasgitops_build_info", null, "Always 1; the running version.", _ => [One(1, ("version", Versions.Product), ("runtime", RuntimeInformation.FrameworkDescription))]);
        Gauge("nasgitops_last_pass_timestamp_seconds", "s", "When the last pass ended, whatever its result (Unix time).", f => When(f.LastPassEnded));
        Gauge("nasgitops_last_successful_pass_timestamp_seconds", "s", "When a pass last ended with result ok (Unix time).", f => When(f.LastSuccess));
        Gauge("nasgitops_host_ready", null, "1 when every declared resource is as its manifest says and the newest commit is valid.", f => f.Last is null ? [] : [One(f.NotReadyBecause is null ? 1 : 0)]);
        Gauge(
            "nasgitops_last_applied_commit_info", null, "Always 1; the newest commit of which every change was applied.",
            f => f.Last?.Status.LastAppliedCommit is { } commit ? [One(1, ("commit", commit))] : []);

        OfPass("nasgitops_resources", null, "Resources, by kind and readiness.", f => f.Resources.Select(r => One(r.Value, ("kind", r.Key.Kind), ("ready", r.Key.Ready))));
        OfPass("nasgitops_drifted_resources", null, "Resources that differ although no commit changed them, after the last pass.", f => ByKind(f.Drifted));
        OfPass("nasgitops_quarantined", null, "Resources that lie in quarantine.", f => ByKind(f.Quarantined));
        OfPass("nasgitops_orphans", null, "Resources that are ours and have no manifest any more.", f => ByKind(f.Orphans));
        OfPass("nasgitops_unmanaged_things", null, "Things on the host that are not ours and are left alone.", f => ByKind(f.Unmanaged));
        OfPass(
            "nasgitops_blocked_changes", null, "Changes that are wanted and not made, by disposition and reason.",
            f => f.Blocked.Select(b => One(b.Value, ("disposition", b.Key.Disposition), ("reason", b.Key.Reason))));

        OfPass("nasgitops_pool_health", null, "1 for the state in which a pool is, 0 for the others.", f => f.Pools.SelectMany(Health));
        OfPass("nasgitops_pool_size_bytes", "By", "Size of a pool.", f => f.Pools.Select(p => One(p.Size, ("pool", p.Name))));
        OfPass("nasgitops_pool_allocated_bytes", "By", "Space of a pool that is in use.", f => f.Pools.Select(p => One(p.Allocated, ("pool", p.Name))));
        OfPass("nasgitops_pool_free_bytes", "By", "Space of a pool that is free.", f => f.Pools.Select(p => One(p.Free, ("pool", p.Name))));
        OfPass("nasgitops_dataset_used_bytes", "By", "Space that a managed dataset and its descendants use.", f => f.Datasets.Select(d => One(d.Used, ("dataset", d.Name))));
        OfPass("nasgitops_dataset_available_bytes", "By", "Space that is left to a managed dataset.", f => f.Datasets.Select(d => One(d.Available, ("dataset", d.Name))));

        var started = Started();
        Gauge("process_start_time_seconds", "s", "When the agent started (Unix time).", _ => When(started));
        Gauge("process_resident_memory_bytes", "By", "Resident memory of the agent.", _ => [One(Environment.WorkingSet)]);
        meter.CreateObservableCounter("process_cpu_seconds_total", () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Processor time of the agent itself; its commands are not counted.");
        return meter;
    }

    private static InstrumentAdvice<double> Buckets(params double[] bounds) => new() { HistogramBucketBoundaries = bounds };

    private static Measurement<double> One(double value, params (string Name, string Value)[] labels) => new(value, labels.Select(l => new KeyValuePair<string, object?>(l.Name, l.Value)));

    private static IEnumerable<Measurement<double>> ByKind(IReadOnlyDictionary<string, int> counts) => counts.Select(c => One(c.Value, ("kind", c.Key)));

    private static IEnumerable<Measurement<double>> When(DateTimeOffset? time) => time is { } t ? [One(t.ToUnixTimeMilliseconds() / 1000.0)] : [];

    private static IEnumerable<Measurement<double>> Health(PoolFigures pool) =>
        PoolStates.Append(pool.Health).Distinct().Select(state => One(state == pool.Health ? 1 : 0, ("pool", pool.Name), ("state", state)));

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static DateTimeOffset Started()
    {
        using var self = Process.GetCurrentProcess();
        return new DateTimeOffset(self.StartTime);
    }
}

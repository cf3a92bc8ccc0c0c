using Microsoft.Extensions.Logging;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Jobs;
using NasGitOps.Reconciling;
using NasGitOps.Source;
using NasGitOps.State;

namespace NasGitOps.Agent;

/// <summary>The daemon's loop: polls the repository with jitter, corrects drift on its own interval, and runs a pass when asked to.</summary>
internal sealed class AgentLoop(HostServices services, JobScheduler jobs, AgentReport report, SystemdNotifier systemd, TimeProvider time, ILogger log)
{
    private const double Jitter = 0.1;

    private readonly SemaphoreSlim asked = new(0, 1);
    private readonly PassTimes times = new(time, services.Config.Reconcile.DriftInterval, Jittered);
    private bool waits;

    /// <summary>A pass as soon as possible; asking twice before it starts is one pass.</summary>
    public void Ask()
    {
        try
        {
            asked.Release();
        }
        catch (SemaphoreFullException)
        {
            // One is already asked for.
        }
    }

    public async Task RunAsync(CancellationToken stop)
    {
        var isReady = false;
        while (!stop.IsCancellationRequested)
        {
            report.Works();
            if (times.IsDue || await HasNewCommit(stop))
            {
                times.Ended(await PassAsync(stop), UntilWindow());
                GiveBackMemory();
                if (!isReady) systemd.Ready();
                isReady = true;
            }

            var sleep = PassTimes.Sooner(Jittered(services.Config.Repository.Interval), times.Left);
            report.Sleeps(sleep);
            try
            {
                if (await asked.WaitAsync(sleep, stop)) times.Now();
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }
    }

    private async Task<bool> PassAsync(CancellationToken stop)
    {
        try
        {
            using var held = HostLock.TryTake(services.Config.StateDirectory, "agent", out var refusal);
            if (held is null)
            {
                log.LogInformation("{Refusal}", refusal);
                return false;
            }

            systemd.Status("reconciling");
            var pass = await services.Pass.RunAsync(acceptRewrite: false, stop);
            await services.Publisher.PublishAsync(pass, CancellationToken.None);
            report.PassEnded(pass);
            waits = pass.Left.Changes.Any(c => c.Disposition == Disposition.Waiting);
            if (services.Config.Reconcile.Mode == ReconcileMode.Enforce) await jobs.SyncAsync(new JobContext(pass.Input.Ownership, pass.Desired.Manifests));
            Tell(pass);
            // What a gate or the validation holds back waits for a new commit; only what failed is tried again early.
            return pass.Outcomes.Values.All(o => o.State == OutcomeState.Done);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SourceException or OperationCanceledException)
        {
            if (stop.IsCancellationRequested) return true;
            var trouble = StateTrouble.Explain(e, services.Config.StateDirectory);
            report.PassAborted(trouble ?? e.Message);
            log.LogError(trouble is null ? e : null, "The pass failed: {Reason}", trouble ?? e.Message);
            systemd.Status($"the pass failed: {trouble ?? e.Message}");
            return false;
        }
    }

    private async Task<bool> HasNewCommit(CancellationToken stop)
    {
        var fetched = await services.Source.FetchAsync(stop);
        var commit = fetched switch { FetchResult.Fetched f => f.Commit, FetchResult.Unchanged u => u.Commit, _ => null };
        return commit is not null && commit != report.Facts.Last?.Attempted;
    }

    /// <summary>What a pass read of the host is garbage until the next one, minutes later, which alone would not make the collector look.</summary>
    private static void GiveBackMemory() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    /// <summary>A window is used from its first moment where something waits for one.</summary>
    private TimeSpan? UntilWindow() => waits && time.GetUtcNow() is var now ? MaintenanceWindows.NextOpening(services.Config.Windows, now) - now : null;

    private void Tell(PassResult pass)
    {
        var error = pass.Desired.Problems.FirstOrDefault(p => p.Severity == Severity.Error);
        if (error is not null) log.LogError("Commit {Commit} is not applied: {Problem}", pass.Desired.Attempted, error);
        if (pass.Desired.Failure is not null) log.LogError("{Reason}: {Failure}", pass.Desired.FailureReason, pass.Desired.Failure);
        var ready = pass.Status.Find(Core.Status.Condition.Ready);
        systemd.Status($"{ready?.Reason}: {ready?.Message}");
        if (pass.Planned.Changes.Count > 0) log.LogInformation("{Summary} ({Seconds:0.0} s)", Core.Publishing.PlanSummary.Line(pass.Planned), pass.Took.TotalSeconds);
    }

    private static TimeSpan Jittered(TimeSpan interval) => interval * (1 + (((Random.Shared.NextDouble() * 2) - 1) * Jitter));
}

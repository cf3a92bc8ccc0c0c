using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using NasGitOps.Core.Jobs;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Reporting;
using Quartz;

namespace NasGitOps.Jobs;

/// <summary>Runs recurring jobs when their schedules fire, and follows what is applied without a restart. Quartz waits, runs and keeps a job from overlapping itself; when a schedule fires is our own rule.</summary>
/// <param name="kinds">Say which jobs an applied record asks for.</param>
/// <param name="tasks">By name, those that need more than steps known beforehand.</param>
/// <param name="changed">Called after each run; true when it failed.</param>
internal sealed class JobScheduler(
    IReadOnlyList<IKind> kinds, IReadOnlyDictionary<string, IJobTask> tasks, IJobTask others, RetentionTask retention, JobBoard board, TimeProvider time, Func<bool, Task> changed, ILogger log) : IAsyncDisposable
{
    private const string FireField = "fire";
    private const int Threads = 4;

    /// <summary>How late a clock that was set is noticed.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    /// <summary>A clock that stands further before the last fire than this was set back; less is how clocks are kept on time.</summary>
    private static readonly TimeSpan SetBack = TimeSpan.FromMinutes(1);

    /// <summary>Schedules that fire together are pruned after by one listing.</summary>
    private static readonly TimeSpan PruneDelay = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource stopping = new();
    private readonly ConcurrentDictionary<string, RecurringJob> jobs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> due = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim syncing = new(1, 1);
    private IScheduler quartz = null!;

    /// <summary>What was applied, as of the last pass.</summary>
    public JobContext Context { get; private set; } = JobContext.Empty;

    public async Task StartAsync()
    {
        quartz = await QuartzSchedulerBuilder
            .Create(b => b.ConfigureScheduler(o =>
            {
                o.InstanceName = "nasgitops";
                o.IdleWaitTime = Idle;
            }).UseInMemoryStore(_ => { }).UseDefaultThreadPool(Threads).UseTimeProvider(time))
            .BuildScheduler(CancellationToken.None);
        quartz.Context[nameof(JobScheduler)] = this;
        await quartz.Start(CancellationToken.None);
    }

    /// <summary>Brings the jobs in line with what is applied: added, changed and removed ones.</summary>
    public async Task SyncAsync(JobContext context)
    {
        await syncing.WaitAsync();
        try
        {
            Context = context;
            var wanted = Wanted(context).ToDictionary(j => j.Key);
            foreach (var gone in jobs.Keys.Where(k => !wanted.ContainsKey(k)).ToList())
            {
                await quartz.DeleteJob(new JobKey(gone), CancellationToken.None);
                jobs.TryRemove(gone, out _);
            }

            foreach (var job in wanted.Values.Where(j => jobs.GetValueOrDefault(j.Key) == j)) await RearmAsync(job);
            foreach (var job in wanted.Values.Where(j => !jobs.TryGetValue(j.Key, out var old) || old != j)) await AddAsync(job);
            var pruned = wanted.Values.Where(j => j.Task == JobTasks.Snapshot).Select(j => JobTasks.Key(JobTasks.Retention, j.Resource));
            board.Keep(wanted.Keys.Concat(pruned).ToHashSet());
        }
        finally
        {
            syncing.Release();
        }
    }

    /// <summary>Prunes a pool soon; asked twice before it begins it is one run.</summary>
    public async Task PruneAsync(string pool)
    {
        if (stopping.IsCancellationRequested) return;
        var key = new JobKey(pool, JobTasks.Retention);
        if (!await quartz.Exists(key, CancellationToken.None))
        {
            await quartz.AddJob(JobBuilder.Create<PruneJob>().WithIdentity(key).StoreDurably(true).Build(), new AddJobOptions { Replace = true }, CancellationToken.None);
        }

        var trigger = TriggerBuilder.Create(time).WithIdentity(pool, JobTasks.Retention).ForJob(key).StartAt(time.GetUtcNow() + PruneDelay).Build();
        await quartz.ScheduleTrigger(trigger, TriggerConflict.Keep, CancellationToken.None);
    }

    /// <summary>Lets the running steps end, and starts nothing more.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        if (quartz is not null) await quartz.Shutdown(true, CancellationToken.None);
        stopping.Dispose();
        syncing.Dispose();
    }

    /// <summary>One run of a job, from its trigger to its report.</summary>
    internal async Task FireAsync(string key, DateTimeOffset fire)
    {
        if (!jobs.TryGetValue(key, out var job) || stopping.IsCancellationRequested) return;
        var started = Stopwatch.GetTimestamp();
        var outcome = await GuardedAsync(() => (tasks.GetValueOrDefault(job.Task) ?? others).RunAsync(job, fire, Context, stopping.Token));
        await EndAsync(job.Resource, job.Task, fire, outcome, Stopwatch.GetElapsedTime(started));
        // It may have been changed or removed while it ran.
        if (jobs.TryGetValue(key, out var now) && new ScheduleTimes(now.Schedule).Next(Later(time.GetUtcNow(), fire)) is { } next) await TriggerAsync(key, next, next);
    }

    internal async Task FirePruneAsync(string pool)
    {
        var started = Stopwatch.GetTimestamp();
        IReadOnlyDictionary<ResourceId, JobOutcome> outcomes = new Dictionary<ResourceId, JobOutcome>();
        var whole = await GuardedAsync(async () =>
        {
            outcomes = await retention.RunAsync(pool, Context, stopping.Token);
            return new JobOutcome(true, "");
        });
        var took = Stopwatch.GetElapsedTime(started);
        if (!whole.Succeeded) log.LogError("Retention of pool {Pool}: {Message}", pool, whole.Message);
        foreach (var (id, outcome) in outcomes) await EndAsync(id, JobTasks.Retention, null, outcome, took);
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private IEnumerable<RecurringJob> Wanted(JobContext context) =>
        from record in context.Ownership.Records.Values
        where context.Manifests.Find(record.Id) is not { Suspend: true }
        from kind in kinds.Where(k => k.Name == record.Id.Kind)
        from job in kind.Jobs(record)
        select job;

    private async Task AddAsync(RecurringJob job)
    {
        var times = new ScheduleTimes(job.Schedule);
        var now = time.GetUtcNow();
        var memory = board.Find(job.Key);
        DateTimeOffset? missed = null;
        if (memory?.IsOf(job) == true && !jobs.ContainsKey(job.Key) && times.Last(now) is { } last && last > memory.LastFire) missed = last;
        else if (memory?.IsOf(job) != true) board.Begin(job);
        jobs[job.Key] = job;
        await quartz.AddJob(JobBuilder.Create<FiredJob>().WithIdentity(job.Key).StoreDurably(true).Build(), new AddJobOptions { Replace = true }, CancellationToken.None);
        if (missed is { } late)
        {
            log.LogInformation("{Job}: the fire of {Fire:u} was missed; it is made up for now", job.Key, late);
            await TriggerAsync(job.Key, now, late);
        }
        else if (times.Next(now) is { } next)
        {
            await TriggerAsync(job.Key, next, next);
        }
    }

    /// <summary>A clock that ran ahead and was set right again would keep a job waiting until it gets there once more, for a year if it was a year.</summary>
    private async Task RearmAsync(RecurringJob job)
    {
        var now = time.GetUtcNow();
        if (board.Find(job.Key)?.LastFire is not { } last || last - now <= SetBack) return;
        if (new ScheduleTimes(job.Schedule).Next(now) is not { } next || !due.TryGetValue(job.Key, out var waiting) || next >= waiting) return;
        log.LogWarning("{Job}: the clock was set back, from after {Last:u} to {Now:u}; it runs at {Next:u} instead of {Waiting:u}", job.Key, last, now, next, waiting);
        await TriggerAsync(job.Key, next, next);
    }

    private async Task TriggerAsync(string key, DateTimeOffset at, DateTimeOffset fire)
    {
        var trigger = TriggerBuilder.Create(time).WithIdentity(key).ForJob(new JobKey(key)).StartAt(at).UsingJobData(FireField, fire.ToString("O", CultureInfo.InvariantCulture)).Build();
        due[key] = at;
        await quartz.ScheduleTrigger(trigger, TriggerConflict.Replace, CancellationToken.None);
    }

    private async Task EndAsync(ResourceId resource, string task, DateTimeOffset? fire, JobOutcome outcome, TimeSpan took)
    {
        board.Ended(resource, task, fire, outcome, took);
        Telemetry.JobRan(task, resource.Name, outcome.Succeeded, took);
        if (outcome.Succeeded) log.LogInformation("{Task} {Resource}: {Message} ({Seconds:0.0} s)", task, resource, outcome.Message, took.TotalSeconds);
        else log.LogError("{Task} {Resource}: {Message}", task, resource, outcome.Message);
        await changed(!outcome.Succeeded);
    }

    private static async Task<JobOutcome> GuardedAsync(Func<Task<JobOutcome>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new JobOutcome(false, $"the job broke off: {e.Message}");
        }
    }

    /// <summary>What Quartz starts when a schedule fires.</summary>
    [DisallowConcurrentExecution]
    internal sealed class FiredJob : IJob
    {
        public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
        {
            var fire = DateTimeOffset.Parse((string)context.Trigger.JobDataMap[FireField]!, CultureInfo.InvariantCulture);
            await ((JobScheduler)context.Scheduler.Context[nameof(JobScheduler)]!).FireAsync(context.JobDetail.Key.Name, fire);
        }
    }

    /// <summary>What Quartz starts to prune a pool.</summary>
    [DisallowConcurrentExecution]
    internal sealed class PruneJob : IJob
    {
        public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
            await ((JobScheduler)context.Scheduler.Context[nameof(JobScheduler)]!).FirePruneAsync(context.JobDetail.Key.Name);
    }
}

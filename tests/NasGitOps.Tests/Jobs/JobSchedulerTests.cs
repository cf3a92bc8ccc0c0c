using System.Collections.Concurrent;
using System.Diagnostics;
using NasGitOps.Core.Jobs;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Ownership;
using NasGitOps.Jobs;
using NasGitOps.Kinds;
using NasGitOps.Kinds.SnapshotSchedule;
using NasGitOps.Tests.Source;

namespace NasGitOps.Tests.Jobs;

public sealed class JobSchedulerTests : IDisposable
{
    private static readonly ResourceId Daily = new(SnapshotScheduleKind.KindName, "daily");
    private static readonly string DailyKey = JobTasks.Key(JobTasks.Snapshot, Daily);

    private readonly TempFolder folder = new();
    private readonly RecordingLog log = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Of_the_fires_that_passed_while_the_agent_was_down_the_last_one_is_made_up_for()
    {
        Remember("0 3 * * *", DateTimeOffset.UtcNow.AddDays(-3));
        var task = new RecordingTask();

        await using (var scheduler = await Start(task)) await task.Ran;

        var fire = Assert.Single(task.Fires);
        Assert.Equal(LastAtThree(), fire);
        Assert.Equal(fire, new JobBoard(folder.Root, TimeProvider.System, log).Find(DailyKey)!.LastFire);
    }

    [Fact]
    public async Task A_schedule_that_is_new_or_was_changed_owes_nothing_for_the_time_before()
    {
        Remember("0 4 * * *", DateTimeOffset.UtcNow.AddDays(-3));
        var before = DateTimeOffset.UtcNow;
        var task = new RecordingTask();

        await using (await Start(task)) Assert.True(new JobBoard(folder.Root, TimeProvider.System, log).Find(DailyKey)!.LastFire >= before);

        Assert.Empty(task.Fires);
    }

    [Fact]
    public async Task A_run_that_throws_is_a_failure_of_its_schedule_alone()
    {
        Remember("0 3 * * *", DateTimeOffset.UtcNow.AddDays(-3));
        var task = new RecordingTask { Fault = new InvalidOperationException("no such thing") };

        await using (await Start(task)) await task.Ran;

        var notice = Assert.Single(new JobBoard(folder.Root, TimeProvider.System, log).Notices);
        Assert.Equal((Daily, "SnapshotFailed"), (notice.Id, notice.Reason));
        Assert.Contains("no such thing", notice.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_the_clock_was_set_back_a_job_does_not_wait_until_it_gets_there_again()
    {
        var clock = new SetClock();
        Remember("0 3 * * *", clock.GetUtcNow().AddDays(-3));
        var task = new RecordingTask();
        await using var scheduler = await Start(task, clock);
        await task.Ran;
        var ahead = Assert.Single(task.Fires);

        // The first run may still be about to say when the next one is due; each pass looks again, and so does this.
        var left = Stopwatch.StartNew();
        while (task.Fires.Count < 2 && left.Elapsed < TimeSpan.FromMinutes(2))
        {
            clock.SetTo(ahead.AddDays(-30).AddMilliseconds(-500));
            await scheduler.SyncAsync(scheduler.Context);
            await Task.WhenAny(task.RanTwice, Task.Delay(TimeSpan.FromSeconds(3)));
        }

        Assert.Contains(ahead.AddDays(-30), task.Fires);
        Assert.Contains(log.Lines, l => l.Contains("the clock was set back", StringComparison.Ordinal));
    }

    [Fact]
    public async Task After_the_clock_jumped_a_month_ahead_a_job_runs_once_and_not_for_each_day()
    {
        var clock = new SetClock();
        var task = new RecordingTask();
        await using (var scheduler = await Start(task, clock))
        {
            clock.SetTo(LastAtThree().AddDays(30).AddHours(2));
            await task.Ran;
            await scheduler.SyncAsync(scheduler.Context);
        }

        Assert.Single(task.Fires);
    }

    [Theory]
    [InlineData("{ half of")]
    [InlineData("[null]")]
    [InlineData("[{}]")]
    public void A_board_that_cannot_be_read_is_put_aside_and_said_so(string content)
    {
        folder.Write("jobs.json", content);

        var board = new JobBoard(folder.Root, TimeProvider.System, log);

        Assert.Empty(board.Reports);
        Assert.Contains("jobs.json could not be read", Assert.Single(log.Lines), StringComparison.Ordinal);
        Assert.Contains("jobs.json", Path.GetFileName(Assert.Single(Directory.GetFiles(folder.Root))), StringComparison.Ordinal);
    }

    /// <summary>The hours around three must not matter, whenever this test is run.</summary>
    private static DateTimeOffset LastAtThree()
    {
        var now = DateTimeOffset.UtcNow;
        var today = new DateTimeOffset(now.Year, now.Month, now.Day, 3, 0, 0, TimeSpan.Zero);
        return today <= now ? today : today.AddDays(-1);
    }

    private void Remember(string cron, DateTimeOffset lastFire) => folder.Write("jobs.json", $$"""
        [{"resource": "{{Daily}}", "task": "snapshot", "cron": "{{cron}}", "timeZone": "UTC", "lastFire": "{{lastFire:O}}", "message": "", "seconds": 0}]
        """);

    private async Task<JobScheduler> Start(RecordingTask task, TimeProvider? clock = null)
    {
        var time = clock ?? TimeProvider.System;
        var fields = new Dictionary<string, string> { ["datasets"] = "tank/data", ["cron"] = "0 3 * * *", ["timeZone"] = "UTC", ["nameFormat"] = "auto-daily_GMT-%Y.%m.%d-%H.%M.%S", ["retention.keepLast"] = "3" };
        var record = new Applied(Daily, "c1", fields, new Dictionary<string, string>());
        var context = new JobContext(OwnershipRecords.Empty with { Records = new Dictionary<ResourceId, Applied> { [Daily] = record } }, new ManifestSet([]));
        var board = new JobBoard(folder.Root, time, log);
        var scheduler = new JobScheduler([new SnapshotScheduleKind(BuiltInKinds.Storage)], new Dictionary<string, IJobTask> { [JobTasks.Snapshot] = task }, task, null!, board, time, _ => Task.CompletedTask, log);
        await scheduler.StartAsync();
        await scheduler.SyncAsync(context);
        return scheduler;
    }

    /// <summary>The real clock, which somebody sets.</summary>
    private sealed class SetClock : TimeProvider
    {
        private TimeSpan by = TimeSpan.Zero;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;

        public void SetTo(DateTimeOffset now) => by = now - base.GetUtcNow();
    }

    private sealed class RecordingTask : IJobTask
    {
        private readonly TaskCompletionSource ran = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private readonly TaskCompletionSource again = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConcurrentBag<DateTimeOffset> Fires { get; } = [];

        public Exception? Fault { get; init; }

        public Task Ran => ran.Task;

        public Task RanTwice => again.Task;

        public Task<JobOutcome> RunAsync(RecurringJob job, DateTimeOffset fire, JobContext context, CancellationToken stop)
        {
            Fires.Add(fire);
            if (!ran.TrySetResult()) again.TrySetResult();
            return Fault is null ? Task.FromResult(new JobOutcome(true, "done")) : Task.FromException<JobOutcome>(Fault);
        }
    }
}

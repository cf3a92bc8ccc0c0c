using NasGitOps.Core.Jobs;
using NasGitOps.Core.Snapshots;
using NasGitOps.Core.Steps;
using NasGitOps.Kinds.SnapshotSchedule;
using NasGitOps.Storage;

namespace NasGitOps.Jobs;

/// <summary>Takes a schedule's snapshots: one call for each pool. Where the call fails, what is in its way is named and left out, and the rest is taken.</summary>
/// <param name="hooks">Argument lists by name, from the host's own configuration.</param>
/// <param name="pruneSoon">Asks for the retention of a pool.</param>
internal sealed class SnapshotTask(
    StorageSystem storage, JobSteps steps, IReadOnlyDictionary<string, IReadOnlyList<string>> hooks, Func<string, Task> pruneSoon, TimeProvider time) : IJobTask
{
    /// <summary>Later than this the snapshot is named by the time at which it is really taken.</summary>
    private static readonly TimeSpan OnTime = TimeSpan.FromSeconds(60);

    public async Task<JobOutcome> RunAsync(RecurringJob job, DateTimeOffset fire, JobContext context, CancellationToken stop)
    {
        if (context.Record(job.Resource) is not { } record || SnapshotScheduleSpec.FromFields(job.Resource.Name, record.Fields) is not { } spec) return new JobOutcome(true, "not applied any more");
        var now = time.GetUtcNow();
        var name = SnapshotNameFormat.Parse(spec.NameFormat).Name(now - fire > OnTime ? now : fire);
        var problems = new List<string>();
        var taken = 0;
        await HookAsync(spec.PreHook, record.Commit, job, problems);
        foreach (var pool in spec.Pools) taken += await TakeAsync(storage.Of(pool, context.Manifests).Snapshots, pool, name, spec, record.Commit, job, problems);
        await HookAsync(spec.PostHook, record.Commit, job, problems);
        foreach (var pool in spec.Pools) await pruneSoon(pool);
        return JobOutcome.Of(problems, $"{taken} snapshot{(taken == 1 ? "" : "s")} @{name}");
    }

    private async Task HookAsync(string? name, string commit, RecurringJob job, List<string> problems)
    {
        if (name is null) return;
        var command = hooks.GetValueOrDefault(name) is { } arguments ? Command.Of(arguments[0], arguments.Skip(1)) : null;
        var problem = command is null ? $"this host allows no hook '{name}' any more" : await steps.TakeAsync(commit, job.Resource, [new Run(command)]);
        if (problem is not null) problems.Add($"hook {name}: {problem}");
    }

    private async Task<int> TakeAsync(ISnapshotStore store, string pool, string name, SnapshotScheduleSpec spec, string commit, RecurringJob job, List<string> problems)
    {
        var there = await steps.AskAsync(store.Datasets(pool));
        if (!there.IsKnown(out var datasets))
        {
            problems.Add(there.Reason ?? "");
            return 0;
        }

        var names = datasets.Select(d => d.Dataset).ToHashSet(StringComparer.Ordinal);
        problems.AddRange(spec.Datasets.Where(d => d.Split('/')[0] == pool && !names.Contains(d)).Select(d => $"dataset {d} is not on this host"));
        var targets = spec.Targets(datasets);
        if (targets.Count == 0 || await steps.TakeAsync(commit, job.Resource, store.Take(targets, name, spec.Name)) is null) return targets.Count;
        return await RestAsync(store, targets, pool, name, spec, commit, job, problems);
    }

    /// <summary>A call fails wholly: what has the name already and what is gone is left out, then the rest is tried together, and at last one by one.</summary>
    private async Task<int> RestAsync(ISnapshotStore store, IReadOnlyList<string> targets, string pool, string name, SnapshotScheduleSpec spec, string commit, RecurringJob job, List<string> problems)
    {
        // What cannot be read here shows itself when it is taken.
        var there = (await steps.AskAsync(store.Datasets(pool))).Value?.Select(d => d.Dataset).ToHashSet(StringComparer.Ordinal) ?? [.. targets];
        var named = (await store.ReadDetailsAsync(targets.Select(d => new SnapshotState(d, name, "", 0)), steps.AskAsync)).Value ?? new Dictionary<string, SnapshotDetails>();
        foreach (var (snapshot, details) in named.Where(n => n.Value.Schedule != spec.Name)) problems.Add($"{snapshot} exists and was not made by this schedule");
        var rest = targets.Where(d => there.Contains(d) && !named.ContainsKey($"{d}@{name}")).ToList();
        var taken = named.Count(n => n.Value.Schedule == spec.Name);
        if (rest.Count == 0) return taken;
        if (await steps.TakeAsync(commit, job.Resource, store.Take(rest, name, spec.Name)) is null) return taken + rest.Count;
        foreach (var dataset in rest)
        {
            if (await steps.TakeAsync(commit, job.Resource, store.Take([dataset], name, spec.Name)) is { } problem) problems.Add(problem);
            else taken++;
        }

        return taken;
    }
}

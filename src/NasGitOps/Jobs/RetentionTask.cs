using NasGitOps.Core.Jobs;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Snapshots;
using NasGitOps.Kinds.SnapshotSchedule;
using NasGitOps.Storage;

namespace NasGitOps.Jobs;

/// <summary>Prunes what the schedules of one pool made: one listing for all of them, details of the doomed only, and batches by dataset. A dataset that fails never stops the others.</summary>
internal sealed class RetentionTask(StorageSystem storage, JobSteps steps, TimeProvider time)
{
    /// <returns>The outcome by schedule.</returns>
    public async Task<IReadOnlyDictionary<ResourceId, JobOutcome>> RunAsync(string pool, JobContext context, CancellationToken stop)
    {
        var schedules = Schedules(pool, context);
        if (schedules.Count == 0) return new Dictionary<ResourceId, JobOutcome>();
        var store = storage.Of(pool, context.Manifests).Snapshots;
        var listed = await steps.AskAsync(store.List(pool));
        if (!listed.IsKnown(out var all)) return schedules.ToDictionary(s => s.Id, _ => new JobOutcome(false, listed.Reason ?? ""));
        var outcomes = new Dictionary<ResourceId, JobOutcome>();
        foreach (var (id, spec, commit) in schedules)
        {
            if (stop.IsCancellationRequested) break;
            var decision = new PruneDecision(
                spec.Name, SnapshotNameFormat.Parse(spec.NameFormat), spec.Retention, spec.Schedule.Zone, all.Where(s => s.Dataset.Split('/')[0] == pool), spec.Covers, time.GetUtcNow());
            outcomes[id] = await PruneAsync(store, decision, id, commit, stop);
        }

        return outcomes;
    }

    private static List<(ResourceId Id, SnapshotScheduleSpec Spec, string Commit)> Schedules(string pool, JobContext context) =>
    [
        .. context.Ownership.Records.Values
            .Where(r => r.Id.Kind == SnapshotScheduleKind.KindName && context.Manifests.Find(r.Id) is not { Suspend: true })
            .Select(r => (r.Id, Spec: SnapshotScheduleSpec.FromFields(r.Id.Name, r.Fields), r.Commit))
            .Where(s => s.Spec?.Pools.Contains(pool) == true)
            .Select(s => (s.Id, s.Spec!, s.Commit))
            .OrderBy(s => s.Id),
    ];

    private async Task<JobOutcome> PruneAsync(ISnapshotStore store, PruneDecision decision, ResourceId id, string commit, CancellationToken stop)
    {
        if (decision.IsClockBehind) return new JobOutcome(false, $"nothing is pruned: the clock ({time.GetUtcNow():u}) stands before the newest snapshot ({decision.Newest:u}); set the clock, or destroy what was made in the future");
        while (decision.Open is { Count: > 0 } open)
        {
            var reading = await store.ReadDetailsAsync(open, steps.AskAsync);
            if (!reading.IsKnown(out var details)) return new JobOutcome(false, $"nothing is pruned, because what keeps the snapshots could not be read: {reading.Reason}");
            decision.Learn(details);
        }

        var problems = new List<string>();
        var pruned = 0;
        foreach (var dataset in decision.Destroy)
        {
            foreach (var chunk in dataset.Chunk(Asking.Batch))
            {
                if (stop.IsCancellationRequested) break;
                pruned += await DestroyAsync(store, chunk, id, commit, problems);
            }
        }

        var needed = decision.Needed.Count > 0 ? $", {decision.Needed.Count} stay because of holds or clones" : "";
        return JobOutcome.Of(problems, $"{pruned} pruned, {decision.Count - pruned} kept{needed}");
    }

    /// <summary>One with a new clone or hold keeps all of its call alive: then each is tried alone.</summary>
    private async Task<int> DestroyAsync(ISnapshotStore store, SnapshotState[] doomed, ResourceId id, string commit, List<string> problems)
    {
        if (await steps.TakeAsync(commit, id, store.Destroy(doomed[0].Dataset, [.. doomed.Select(s => s.Name)])) is not { } problem) return doomed.Length;
        if (doomed.Length == 1)
        {
            problems.Add(problem);
            return 0;
        }

        var pruned = 0;
        foreach (var one in doomed) pruned += await DestroyAsync(store, [one], id, commit, problems);
        return pruned;
    }
}

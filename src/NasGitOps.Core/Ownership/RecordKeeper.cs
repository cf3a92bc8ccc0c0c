using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;

namespace NasGitOps.Core.Ownership;

/// <summary>Keeps the applied records, which make the difference three-way.</summary>
public static class RecordKeeper
{
    /// <summary>Before anything of a plan is applied: a kill half-way must find the approval that was accepted, whatever is left by then of what it covers.</summary>
    public static OwnershipRecords AfterGate(OwnershipRecords records, Plan plan) =>
        records with { Approvals = plan.Approvals, Offers = ApprovalOffer.Kept(plan.Offers, records.Offers) };

    /// <summary>After a change of the plan was applied.</summary>
    public static OwnershipRecords AfterDone(OwnershipRecords records, Change change, Plan plan, PlanInput input)
    {
        // What a deadline removed is recorded still, as this manifest wanted it: it is not made again until that changes.
        if (change.IsRemoval() && change.Cause == Cause.Time && input.Desired.Manifests.Contains(change.Id)) return With(records, change.Id, plan, input);
        if (change.IsRemoval())
        {
            return records with
            {
                // What lies in quarantine may return, and is compared with what was applied then.
                Records = change.Action == ChangeAction.Quarantine ? records.Records : records.Records.Where(r => r.Key != change.Id).ToDictionary(),
                RemovalsSinceLastApplied = records.RemovalsSinceLastApplied + (change.Cause == Cause.Commit ? 1 : 0),
            };
        }

        if (change.MovedFrom is { } from) records = records with { Records = Renamed(records.Records.Values, from, change.Id).ToDictionary(r => r.Id) };
        return With(records, change.Id, plan, input);
    }

    /// <summary>After the last plan of a pass: what is as wanted is recorded too; what is gone and undeclared is dropped.</summary>
    public static OwnershipRecords AfterPlan(OwnershipRecords records, Plan plan, PlanInput input)
    {
        records = plan.InSync.Aggregate(records, (current, id) => With(current, id, plan, input));
        var spoken = plan.Changes.Select(c => c.Id).Concat(plan.Notices.Select(n => n.Id)).ToHashSet();
        return records with
        {
            Records = Kept(records.Records, r => input.Desired.Manifests.Contains(r) || spoken.Contains(r), input.Observed),
            Approvals = [.. records.Approvals.Select(a => a with { Covers = a.Covers?.Where(c => IsStillWanted(c, plan)).ToList() })],
        };
    }

    /// <summary>A kill right after a rename left the records of what is below, and has no manifest, under names that are gone: they follow it.</summary>
    private static Dictionary<ResourceId, Applied> Kept(IReadOnlyDictionary<ResourceId, Applied> records, Func<ResourceId, bool> isKept, Observed observed)
    {
        var kept = records.Where(r => isKept(r.Key)).ToDictionary();
        var gone = records.Values.Where(r => r.Guid is not null && !kept.ContainsKey(r.Id)).ToLookup(r => r.Guid);
        if (gone.Count == 0) return kept;
        foreach (var dataset in observed.AllDatasets)
        {
            foreach (var record in gone[dataset.Guid].Select(r => r with { Id = r.Id with { Name = dataset.Name } })) kept.TryAdd(record.Id, record);
        }

        return kept;
    }

    /// <summary>Closes the books on a commit of which nothing is left to do.</summary>
    public static OwnershipRecords AfterWhole(OwnershipRecords records, string commit) =>
        records with { LastAppliedCommit = commit, RemovalsSinceLastApplied = 0, Approvals = [] };

    /// <summary>Whether a plan leaves nothing of its commit undone: what is only reported, or suspended, is as the manifests say.</summary>
    public static bool IsWhole(Plan plan) =>
        plan.Notices.All(n => n.Reason != Notice.Unknown) && plan.Changes.All(c => c.Reason is "DriftReported" or "Suspended");

    /// <summary>Records follow a rename; one that stood under the new name told of something that is gone.</summary>
    internal static IEnumerable<Applied> Renamed(IEnumerable<Applied> records, ResourceId from, ResourceId to)
    {
        var all = records.ToList();
        var moved = all.Where(r => IsMoved(r.Id, from)).Select(r => r with { Id = r.Id with { Name = to.Name + r.Id.Name[from.Name.Length..] } });
        return moved.Concat(all.Where(r => !IsMoved(r.Id, from))).DistinctBy(r => r.Id);
    }

    private static OwnershipRecords With(OwnershipRecords records, ResourceId id, Plan plan, PlanInput input)
    {
        if (!plan.Wanted.TryGetValue(id, out var fields) || input.Desired.Manifests.Find(id) is not { } manifest) return records;
        var old = records.Records.GetValueOrDefault(id);
        var secrets = (manifest.Spec as ISecretUser)?.SecretRefs.Distinct()
            .Select(name => (Name: name, Fingerprint: Fingerprint(name, old, input)))
            .Where(s => s.Fingerprint is not null)
            .ToDictionary(s => s.Name, s => s.Fingerprint!) ?? [];
        var guid = id.Kind == "Pool" ? input.Observed.Pool(id.Name).Value?.Guid : input.Observed.Dataset(id.Name).Value?.Guid;
        var same = old is not null && Same(old.Fields, fields) && Same(old.SecretFingerprints, secrets);
        var record = new Applied(id, same ? old!.Commit : input.Desired.Commit, fields, secrets, guid ?? old?.Guid);
        return records with { Records = new Dictionary<ResourceId, Applied>(records.Records) { [id] = record } };
    }

    /// <summary>What was done, or is not wanted any more, is approved no longer: the same once more needs an approval of its own.</summary>
    private static bool IsStillWanted(CoveredChange covered, Plan plan) =>
        plan.Changes.Any(c => covered.IsLeftBy(c.Id, c.Action)) || plan.Notices.Any(n => n.Id == covered.Id && n.Reason == Notice.Unknown);

    /// <summary>A secret that cannot be read now is remembered as it was: else a change of it meanwhile would pass unnoticed.</summary>
    private static string? Fingerprint(string name, Applied? old, PlanInput input)
    {
        var now = input.Desired.Fingerprint(name);
        return now.State == ReadingState.Unknown ? old?.SecretFingerprints.GetValueOrDefault(name) : now.Value;
    }

    private static bool Same(IReadOnlyDictionary<string, string> a, IReadOnlyDictionary<string, string> b) =>
        a.Count == b.Count && a.All(pair => b.GetValueOrDefault(pair.Key) == pair.Value);

    private static bool IsMoved(ResourceId id, ResourceId from) => id == from || (id.Kind == from.Kind && DatasetPaths.IsBelow(id.Name, from.Name));
}

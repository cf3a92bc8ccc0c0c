using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;

namespace NasGitOps.Kinds.SnapshotSchedule;

/// <summary>Compares a schedule with the one that was applied: nothing of it lies on the host but the record that the agent's jobs follow.</summary>
internal static class SnapshotSchedulePlanner
{
    public static Assessment Assess(Manifest manifest, SnapshotScheduleSpec spec, PlanInput input)
    {
        var record = input.Record(manifest.Id)?.Fields;
        return new Assessment(record is null ? Existence.Absent : Existence.Present, [.. RecordedFields.Compare(spec.ToFields(), record)])
        {
            Blocker = spec.Hooks.FirstOrDefault(h => !input.Policy.Hooks.Contains(h)) is { } unknown
                ? new Blocker("HookNotAllowed", $"this host allows no hook '{unknown}'", $"add it to hooks: in agent.yaml, as '{unknown}: [/usr/local/sbin/{unknown}]', or take it out of the schedule")
                : null,
        };
    }

    public static Absence Absent(ResourceId id, PlanInput input)
    {
        if (input.Record(id) is not { } record) return Absence.Nothing;
        var field = new FieldChange("cron", record.Fields.GetValueOrDefault("cron"), null, "", Cause.Commit, "no more snapshots are taken or pruned; those that there are stay");
        return new Absence(ChangeAction.Remove, [], [field], null) { Risk = Risk.Safe };
    }
}

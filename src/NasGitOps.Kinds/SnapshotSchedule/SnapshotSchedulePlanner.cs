using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;

namespace NasGitOps.Kinds.SnapshotSchedule;

/// <summary>Compares a schedule with the one that was applied: nothing of it lies on the host but the record that the agent's jobs follow.</summary>
internal static class SnapshotSchedulePlanner
{
    public static Assessment Assess(Manifest manifest, SnapshotScheduleSpec spec, PlanInput input)
    {
        var record = input.Record(manifest.Id)?.Fields;
        var sanoid = OfSanoid(spec, input);
        return new Assessment(record is null ? Existence.Absent : Existence.Present, [.. RecordedFields.Compare(spec.ToFields(), record)])
        {
            Blocker = spec.Hooks.FirstOrDefault(h => !input.Policy.Hooks.Contains(h)) is { } unknown
                ? new Blocker("HookNotAllowed", $"this host allows no hook '{unknown}'", $"add it to hooks: in agent.yaml, as '{unknown}: [/usr/local/sbin/{unknown}]', or take it out of the schedule")
                : null,
            // What sanoid does for these datasets is what this goes on with.
            WhenAbsent = sanoid.Count > 0 ? ChangeAction.Adopt : ChangeAction.Create,
            Notices = sanoid.Count == 0 ? [] : [AlsoSanoid(manifest.Id, sanoid)],
        };
    }

    /// <summary>Datasets of the schedule that sanoid.conf has snapshots taken of.</summary>
    private static IReadOnlyList<string> OfSanoid(SnapshotScheduleSpec spec, PlanInput input)
    {
        var sections = SnapshotScheduleImport.Sections(input.Observed);
        if (sections.Count == 0) return [];
        var policies = SanoidConf.Resolve(sections, [.. input.Observed.AllDatasets.Select(d => d.Name)]);
        return [.. policies.Where(p => p.Value.Snapshots && spec.Covers(p.Key)).Select(p => p.Key).Order(StringComparer.Ordinal)];
    }

    private static Notice AlsoSanoid(ResourceId id, IReadOnlyList<string> datasets) => new(
        id, "AlsoSanoid",
        $"{SanoidConf.Path} has snapshots taken of {datasets[0]}{(datasets.Count > 1 ? $" and {datasets.Count - 1} more" : "")} too; 'systemctl disable --now sanoid.timer' ends that, and what it made stays. Take the section out to end this notice",
        Degraded: false);

    public static Absence Absent(ResourceId id, PlanInput input)
    {
        if (input.Record(id) is not { } record) return Absence.Nothing;
        var field = new FieldChange("cron", record.Fields.GetValueOrDefault("cron"), null, "", Cause.Commit, "no more snapshots are taken or pruned; those that there are stay");
        return new Absence(ChangeAction.Remove, [], [field], null) { Risk = Risk.Safe };
    }
}

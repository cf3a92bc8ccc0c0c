using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Snapshots;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Clone;

/// <summary>What a clone lacks, of which snapshot it is made, and when it goes.</summary>
internal sealed class ClonePlanner(StorageSystem storage)
{
    public const string From = "from";
    public const string Origin = "origin";
    private const string ExpiresAfter = "expiresAfter";

    /// <summary>What the record keeps of the manifest as it is written.</summary>
    public static IReadOnlyDictionary<string, string> Declared(CloneSpec spec)
    {
        var fields = new Dictionary<string, string> { [From] = spec.From };
        if (spec.ExpiresAfter is { } span) fields[ExpiresAfter] = Duration.Format(span);
        foreach (var (name, value) in spec.Properties) fields[$"properties.{name}"] = value;
        return fields;
    }

    /// <summary>Canonical, those that are handed down to it among them.</summary>
    public static Dictionary<string, string> Wanted(IStorageBackend backend, CloneSpec spec, PlanInput input) =>
        WantedProperties.Of(backend, spec.Name, spec.Properties, input.Desired.Manifests, isClone: true);

    public Assessment Assess(Manifest manifest, CloneSpec spec, PlanInput input)
    {
        var reading = input.Observed.Dataset(spec.Name);
        if (reading.State == ReadingState.Unknown) return Assessment.Unknown(reading.Reason ?? "");
        var life = CloneLives.Of(manifest.Id, spec, input);
        if (life == CloneLife.Over) return Over(manifest, input);
        return reading.IsKnown(out var state) ? Present(manifest, spec, state, life, input) : Absent(manifest, spec, input);
    }

    private static Assessment Over(Manifest manifest, PlanInput input)
    {
        var end = input.Record(manifest.Id)?.Fields.GetValueOrDefault(CloneLives.Expires);
        return new Assessment(Existence.Absent, [])
        {
            IsOver = true,
            Notices = [new Notice(manifest.Id, Notice.Expired, $"its time was over at {end}, and it is gone; change the manifest to have it made again, or take the manifest away", Degraded: false)],
        };
    }

    private Assessment Present(Manifest manifest, CloneSpec spec, DatasetState state, CloneLife life, PlanInput input)
    {
        var owned = state.Mark is not null;
        var assessment = new Assessment(Existence.Present, [.. Fields(manifest, spec, state, input)]) { Owned = owned, Blocker = (owned ? null : Foreign(spec, state)) ?? Quarantine.ParentProblem(spec.Name, input) };
        return life switch
        {
            CloneLife.Ending => assessment with { End = End(spec, state, input) },
            CloneLife.Written => assessment with { Notices = [Kept(manifest, spec, state, storage.Of(spec.Name, input).Hints)] },
            _ => assessment,
        };
    }

    private Absence End(CloneSpec spec, DatasetState state, PlanInput input) => new(
        ChangeAction.Remove, storage.Of(spec.Name, input).DestroyClone(state), [new FieldChange(Origin, state.Origin, null, "", Cause.Time, "nothing was written to it")], null)
    {
        Cause = Cause.Time,
        AtStake = new AtStake([state.Guid], 0, 0, []),
        Blocker = DatasetFields.Below(spec.Name, input).FirstOrDefault() is { } child
            ? new Blocker("HasChildren", $"its time is over, and {child.Name} lies below it", "move or remove that, or raise expiresAfter")
            : null,
    };

    private static Notice Kept(Manifest manifest, CloneSpec spec, DatasetState state, IStorageHints hints) => new(
        manifest.Id,
        "CloneWritten",
        $"its time was over at {CloneSpec.Time(CloneLives.EndOf(spec, state.Created)!.Value)}, and it is kept: {(state.Changed is null ? "whether anything was written to it cannot be told" : "somebody wrote to it")}. "
            + $"'{hints.Differences(state.Origin, spec.Name)}' shows what; take what you need, then '{hints.Destroy(spec.Name)}', or raise expiresAfter",
        Degraded: true);

    private static Blocker? Foreign(CloneSpec spec, DatasetState state) => state.Origin?.StartsWith(spec.Source + "@", StringComparison.Ordinal) == true
        ? null
        : new Blocker("ForeignDataset", $"{spec.Name} exists and is no clone of {spec.Source}", "choose another name for the clone");

    private Assessment Absent(Manifest manifest, CloneSpec spec, PlanInput input)
    {
        var blocker = (input.Record(manifest.Id) is null ? CloneSource.Find(spec, input).Problem : null) ?? DatasetParent.Problem(spec.Name, input);
        return new Assessment(Existence.Absent, [.. Fields(manifest, spec, null, input)]) { Blocker = blocker };
    }

    private IEnumerable<Field> Fields(Manifest manifest, CloneSpec spec, DatasetState? state, PlanInput input)
    {
        var record = input.Record(manifest.Id)?.Fields;
        foreach (var field in DatasetFields.Mark(manifest.Id.ToString(), state)) yield return field;
        var declared = Declared(spec).Where(f => f.Key is From or ExpiresAfter).ToDictionary();
        foreach (var field in RecordedFields.Compare(declared, record?.Where(f => f.Key is From or ExpiresAfter).ToDictionary())) yield return field with { Blocker = field.Equal || field.Name != From ? null : Moved(spec, state) };
        yield return OriginField(spec, state, input);
        if (state is not null && CloneLives.EndOf(spec, state.Created) is { } end) yield return new Field(CloneLives.Expires, CloneSpec.Time(end), CloneSpec.Time(end), Equal: true);
        var backend = storage.Of(spec.Name, input);
        foreach (var field in DatasetFields.Properties(backend, Wanted(backend, spec, input), state)) yield return field;
        var path = DatasetPaths.Mountpoint(spec.Name, input.Desired.Manifests, input.Observed);
        foreach (var field in DatasetFields.Mount(backend, path, spec.Properties, state, input)) yield return field;
    }

    /// <summary>The pin is the clone's origin: what was resolved once does not move.</summary>
    private static Field OriginField(CloneSpec spec, DatasetState? state, PlanInput input)
    {
        if (state is null) return new Field(Origin, CloneSource.Find(spec, input).Snapshot, null, Equal: false);
        var wanted = spec.Snapshot is null ? state.Origin : $"{spec.Source}@{spec.Snapshot}";
        return new Field(Origin, wanted, state.Origin, wanted == state.Origin, Blocker: wanted == state.Origin ? null : Moved(spec, state));
    }

    private static Blocker? Moved(CloneSpec spec, DatasetState? state) =>
        state is null || (spec.Snapshot is null ? state.Origin?.StartsWith(spec.Source + "@", StringComparison.Ordinal) == true : state.Origin == $"{spec.Source}@{spec.Snapshot}")
            ? null
            : new Blocker(
                "ImmutableProperty", $"{spec.Name} is a clone of {state.Origin}, and a clone stays one of the snapshot it was made of; the manifest wants {spec.From}",
                "give the new clone a name of its own, and take this one away");
}

/// <summary>The snapshot that a manifest means.</summary>
internal static class CloneSource
{
    /// <summary>Table of the kind's facts: snapshots by full name, in the order they were made.</summary>
    public const string Table = "snapshots";

    /// <summary>Table: datasets whose snapshots could not be read, with <see cref="Reason"/>.</summary>
    public const string Unreadable = "unreadable";

    public const string Time = "time";
    public const string Reason = "reason";

    /// <returns>The snapshot's full name, or why there is none.</returns>
    public static (string? Snapshot, Blocker? Problem) Find(CloneSpec spec, PlanInput input)
    {
        var facts = input.Observed.Facts(CloneKind.KindName).Value ?? KindFacts.Empty;
        if (facts.Table(Unreadable).GetValueOrDefault(spec.Source) is { } failed) return (null, new Blocker("SnapshotsUnknown", $"the snapshots of {spec.Source} cannot be read: {failed.GetValueOrDefault(Reason)}", "look at that first; this follows by itself"));
        var there = facts.Table(Table).Where(s => s.Key.StartsWith(spec.Source + "@", StringComparison.Ordinal)).ToList();
        if (spec.Snapshot is { } name)
        {
            var full = $"{spec.Source}@{name}";
            return there.Exists(s => s.Key == full)
                ? (full, null)
                : (null, new Blocker("SnapshotMissing", $"there is no snapshot {full}{Hint(name, there)}", $"'nasgitops snapshots list {spec.Source}' shows those that there are"));
        }

        var dated = there.Select(s => (s.Key, Time: CloneSpec.TryTime(s.Value.GetValueOrDefault(Time), out var time) ? time : default)).OrderBy(s => s.Time).ToList();
        var found = spec.Before is { } before ? dated.LastOrDefault(s => s.Time <= before).Key : dated.LastOrDefault().Key;
        return found is not null
            ? (found, null)
            : (null, new Blocker("SnapshotMissing", $"{spec.Source} has no snapshot{(spec.Before is { } limit ? $" of {CloneSpec.Time(limit)} or before" : "")}", $"'nasgitops snapshots list {spec.Source}' shows those that there are"));
    }

    private static string Hint(string name, List<KeyValuePair<string, IReadOnlyDictionary<string, string>>> there) =>
        Core.Loading.Nearest.Hint(name, there.Select(s => s.Key[(s.Key.IndexOf('@', StringComparison.Ordinal) + 1)..]));
}

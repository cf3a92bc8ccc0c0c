using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;

namespace NasGitOps.Kinds.Clone;

/// <summary>Where a clone stands between its creation and its end. The end is announced by the manifest, and final until the manifest says something else.</summary>
internal enum CloneLife
{
    Alive,

    /// <summary>Its time is over and it is as it was made: it goes.</summary>
    Ending,

    /// <summary>Its time is over, and somebody wrote to it: it stays.</summary>
    Written,

    /// <summary>It is gone because its time was over.</summary>
    Over,
}

internal static class CloneLives
{
    /// <summary>Record: when its time is over.</summary>
    public const string Expires = "expires";

    public static CloneLife Of(ResourceId id, CloneSpec spec, PlanInput input)
    {
        if (input.Observed.Dataset(spec.Name).Value is not { } state) return IsRecordedAsOver(id, spec, input) ? CloneLife.Over : CloneLife.Alive;
        if (EndOf(spec, state.Created) is not { } end || input.Now < end || state.Mark is null) return CloneLife.Alive;
        return state.Changed == false ? CloneLife.Ending : CloneLife.Written;
    }

    /// <param name="created">Null where it is not known.</param>
    public static DateTimeOffset? EndOf(CloneSpec spec, DateTimeOffset? created) => spec.ExpiresAfter is { } span && created is { } at ? at + span : null;

    /// <summary>What was applied is what is wanted still, and its time is over.</summary>
    private static bool IsRecordedAsOver(ResourceId id, CloneSpec spec, PlanInput input)
    {
        if (input.Record(id)?.Fields is not { } record) return false;
        var wanted = spec.Storage is { } storage ? ClonePlanner.Wanted(storage.Of(spec.Name, input), spec, input) : spec.Properties;
        return CloneSpec.TryTime(record.GetValueOrDefault(Expires), out var end) && end <= input.Now
        && ClonePlanner.Declared(spec).All(f => record.GetValueOrDefault(f.Key) == f.Value)
        && record.Keys.Where(k => k.StartsWith("properties.", StringComparison.Ordinal)).All(k => wanted.ContainsKey(k["properties.".Length..]));
    }
}

using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;

namespace NasGitOps.Storage;

/// <summary>Compares what a manifest wants of a dataset (a pool's root dataset included) with what is there, knowing where each value comes from.</summary>
public static class DatasetFields
{
    public const string Mounted = "mounted";
    public const string Ownership = "ownership";

    /// <summary>Of a field for a property that the mark names and nobody has set.</summary>
    private const string StillNamed = Ownership + "[";
    private const string PropertyPrefix = "properties.";

    /// <summary>The manifest's name of a property's field.</summary>
    public static string NameOf(IStorageBackend backend, string property)
    {
        if (property.StartsWith("userquota@", StringComparison.Ordinal)) return $"userQuotas.{property[10..]}";
        if (property.StartsWith("groupquota@", StringComparison.Ordinal)) return $"groupQuotas.{property[11..]}";
        return backend.DatasetProperty(property)?.OwnField ?? PropertyPrefix + property;
    }

    /// <summary>The property behind a field, or null for a field that is none.</summary>
    public static string? PropertyOf(IStorageBackend backend, string field)
    {
        if (field.StartsWith(PropertyPrefix, StringComparison.Ordinal)) return field[PropertyPrefix.Length..];
        if (field.StartsWith("userQuotas.", StringComparison.Ordinal)) return $"userquota@{field[11..]}";
        if (field.StartsWith("groupQuotas.", StringComparison.Ordinal)) return $"groupquota@{field[12..]}";
        return backend.DatasetProperties.FirstOrDefault(p => backend.DatasetProperty(p)?.OwnField == field);
    }

    /// <summary>One field for each wanted property, and one for each that this product set and the manifest no longer names.</summary>
    /// <param name="wanted">Property to canonical value.</param>
    public static IEnumerable<Field> Properties(IStorageBackend backend, IReadOnlyDictionary<string, string> wanted, DatasetState? state)
    {
        foreach (var (property, value) in wanted.OrderBy(w => w.Key, StringComparer.Ordinal)) yield return Wanted(backend, property, value, state) with { Essential = IsPlace(property) };
        foreach (var property in state?.Mark?.SetProperties ?? [])
        {
            if (wanted.ContainsKey(property) || backend.DatasetProperty(property) is not { CreateOnly: false } traits) continue;
            if (state!.Properties.GetValueOrDefault(property) is not { Source: PropertyValue.Local } actual || IsCleared(traits, actual.Value))
            {
                // By a pass that was killed before it could say so, or by a person. What somebody sets there later is not ours to give back.
                yield return new Field($"{StillNamed}{property}]", null, "named", Equal: false, Note: "given back already: taken out of the mark", FromCommit: true) { Recorded = true };
                continue;
            }

            var note = traits.Inheritable ? "taken out of the manifest: inherited again" : "taken out of the manifest: cleared";
            yield return new Field(NameOf(backend, property), null, actual.Value, Equal: false, actual.Source, Risk(traits), note, FromCommit: true) { Essential = IsPlace(property) };
        }
    }

    /// <summary>Whether the dataset carries this resource's mark; another name is left by a rename of a parent, an unfinished one by a kill.</summary>
    public static IEnumerable<Field> Mark(string resource, DatasetState? state)
    {
        if (state?.Mark is not { } mark || (mark.Resource == resource && mark.Guid == state.Guid)) yield break;
        yield return new Field(Ownership, resource, mark.Guid == state.Guid ? mark.Resource : "unfinished", Equal: false, FromCommit: true);
    }

    /// <summary>Whether it is to be mounted, once a <c>canmount</c> of ours that no manifest names any more is given back: then in the same change, before what lies below stands in its way.</summary>
    public static string CanMount(IReadOnlyDictionary<string, string> wanted, DatasetState? state)
    {
        const string property = "canmount";
        var givenBack = state?.Mark?.SetProperties.Contains(property) == true;
        return wanted.GetValueOrDefault(property) ?? (givenBack ? null : state?.Properties.GetValueOrDefault(property)?.Value) ?? "on";
    }

    /// <summary>Whether it is mounted where it should be; others cannot use it otherwise.</summary>
    /// <remarks>Where this product alone mounts, every start of the host unmounts, and that is nobody's drift.</remarks>
    /// <param name="wanted">Properties of the manifest.</param>
    /// <param name="unreachable">Why it cannot be mounted although its place is free.</param>
    public static IEnumerable<Field> Mount(IStorageBackend backend, string? path, IReadOnlyDictionary<string, string> wanted, DatasetState? state, PlanInput input, Blocker? unreachable = null)
    {
        if (path is null || CanMount(wanted, state) != "on") yield break;
        var place = state is { Mounted: true } or { IsPartlyMounted: true } ? null : PlaceProblem(path, input) ?? unreachable;
        yield return new Field(Mounted, "yes", state is null ? null : state.Mounted ? "yes" : "no", state is { Mounted: true }, Blocker: place)
        {
            Essential = true,
            Opens = true,
            AtEveryStart = state is { KeyStatus: "unavailable" } || backend.Lacks(StorageFeature.OpeningAtStart) is not null,
        };
    }

    /// <summary>The mark after a change: what was set before, plus what is set now, less what is given back.</summary>
    public static Mark MarkAfter(DatasetState state, string resource, string deletionPolicy, IEnumerable<string> set, IEnumerable<string> cleared) =>
        new(resource, state.Guid, [.. (state.Mark?.SetProperties ?? []).Concat(set).Except(cleared).Distinct().Order(StringComparer.Ordinal)], deletionPolicy);

    /// <summary>Sets, clears and the mark, from the fields of a change.</summary>
    public static DatasetChange Change(IStorageBackend backend, DatasetState state, string resource, string deletionPolicy, IReadOnlyList<FieldChange> fields, PlanInput input)
    {
        var set = new Dictionary<string, string>();
        var clear = new List<string>();
        foreach (var field in fields)
        {
            if (PropertyOf(backend, field.Name) is not { } property) continue;
            if (field.After is { } after) set[property] = after;
            else clear.Add(property);
        }

        var givenBack = fields.Where(f => f.Name.StartsWith(StillNamed, StringComparison.Ordinal)).Select(f => f.Name[StillNamed.Length..^1]).ToList();
        // A volume always has a size: it is nothing to give back.
        var mark = MarkAfter(state, resource, deletionPolicy, set.Keys.Where(p => p != "volsize"), clear.Concat(givenBack));
        var same = state.Mark is { } old && old.Resource == mark.Resource && old.Guid == mark.Guid && old.DeletionPolicy == mark.DeletionPolicy && old.SetProperties.SequenceEqual(mark.SetProperties);
        var change = new DatasetChange(state, set, clear, same ? null : mark) { GivenBack = givenBack, Place = DatasetPaths.Mountpoint(state.Name, input.Desired.Manifests, input.Observed) };
        var moves = set.ContainsKey("mountpoint") || clear.Contains("mountpoint") || set.GetValueOrDefault("canmount") is "off";
        return moves ? change with { Relocations = [.. Relocations(change, input)] } : change;
    }

    /// <summary>Mounts a dataset that is there or about to be, where that is among the fields.</summary>
    public static IEnumerable<Step> Mounting(IStorageBackend backend, string dataset, IEnumerable<FieldChange> fields, IReadOnlyDictionary<string, string> wanted, DatasetState? state, PlanInput input)
    {
        if (!fields.Any(f => f.Name == Mounted) || DatasetPaths.Mountpoint(dataset, input.Desired.Manifests, input.Observed) is not { } path) return [];
        var properties = state?.Values() ?? [];
        foreach (var (name, value) in wanted) properties[name] = value;
        return backend.Mount(new MountPlace(dataset, path, properties));
    }

    public static IEnumerable<DatasetState> Below(string dataset, PlanInput input) =>
        input.Observed.AllDatasets.Where(d => DatasetPaths.IsBelow(d.Name, dataset)).OrderBy(d => d.Name, StringComparer.Ordinal);

    /// <summary>The dataset itself, what is below it and goes with it, and what is mounted within its old place and must make room meanwhile.</summary>
    private static IEnumerable<Relocation> Relocations(DatasetChange change, PlanInput input)
    {
        var (state, properties) = (change.State, change.After());
        var from = state.Mounted || state.IsPartlyMounted ? state.Mountpoint : null;
        var canMount = properties.GetValueOrDefault("canmount", "on");
        // noauto is mounted by a person; what is mounted stays so.
        var to = canMount is "on" or "noauto" ? change.Place : null;
        if (from is not null && from != to) yield return new Relocation(state.Name, from, to, properties);
        var pool = state.Name.Split('/')[0];
        foreach (var other in input.Observed.AllDatasets.Where(o => (o.Mounted || o.IsPartlyMounted) && o.Name != state.Name && o.Name.Split('/')[0] == pool).OrderBy(o => o.Name, StringComparer.Ordinal))
        {
            var place = DatasetPaths.Mountpoint(other.Name, input.Desired.Manifests, input.Observed);
            var isWithin = from is not null && from != to && other.Mountpoint!.StartsWith(from.TrimEnd('/') + "/", StringComparison.Ordinal);
            if (isWithin || (DatasetPaths.IsBelow(other.Name, state.Name) && place != other.Mountpoint)) yield return new Relocation(other.Name, other.Mountpoint!, place, other.Values());
        }
    }

    /// <summary>Why nothing may be mounted at a path now: a link, a file, or a directory that holds something the mount would hide.</summary>
    public static Blocker? PlaceProblem(string? path, PlanInput input)
    {
        if (path is null || input.Observed.Facts("Pool").Value?.Table(StorageFacts.MountPoints).GetValueOrDefault(path) is not { } facts) return null;
        if (facts.GetValueOrDefault("isLink") == "yes")
        {
            return new Blocker("MountpointIsLink", $"{path} is a symbolic link", "remove the link, or choose another mountpoint");
        }

        return facts.GetValueOrDefault("isDirectory") == "yes" && facts.GetValueOrDefault("isEmpty") == "yes"
            ? null
            : new Blocker("MountpointNotEmpty", $"{path} holds files that a mount would hide", $"look with 'ls -la {path}', move them away, or choose another mountpoint");
    }

    /// <summary>Wanted means set here: an inherited value that happens to be the same would change with its parent.</summary>
    private static Field Wanted(IStorageBackend backend, string property, string value, DatasetState? state)
    {
        var traits = backend.DatasetProperty(property) ?? throw new InvalidOperationException($"the catalogue has no property '{property}'");
        var name = NameOf(backend, property);
        var note = traits.NewDataOnly ? "acts on new data only; what is there stays as it is" : null;
        if (state is null) return new Field(name, value, null, Equal: false, Note: note);
        var actual = state.Properties.GetValueOrDefault(property);
        var same = actual is not null ? actual.Value == value : IsCleared(traits, value);
        var isSetHere = !traits.Inheritable || traits.CreateOnly || actual?.Source is PropertyValue.Local or PropertyValue.Received;
        if (same && isSetHere) return new Field(name, value, actual?.Value, Equal: true, actual?.Source ?? "");
        var blocker = traits.CreateOnly
            ? new Blocker(
                "ImmutableProperty", $"{property} of {state.Name} is {actual?.Value ?? "unset"} and is fixed at creation; the manifest wants {value}",
                $"write {actual?.Value ?? "the present value"} in the manifest, or make a new dataset and copy the data")
            : null;
        var source = same ? $"{actual!.Source}; will be set here" : null;
        return new Field(name, value, actual?.Value, Equal: false, actual?.Source ?? "", same ? Core.Planning.Risk.Safe : Risk(traits), source ?? note, blocker);
    }

    /// <summary>Paths of what is below are planned with the new mount point: while it may not be set, they wait.</summary>
    private static bool IsPlace(string property) => property == "mountpoint";

    private static bool IsCleared(PropertyTraits traits, string value) => !traits.Inheritable && (value is "0" or "none" || value == traits.Unset);

    private static Risk Risk(PropertyTraits traits) => traits.Disruptive ? Core.Planning.Risk.Disruptive : Core.Planning.Risk.Safe;
}

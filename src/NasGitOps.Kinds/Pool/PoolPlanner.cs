using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Pool;

/// <summary>What a pool lacks: existence, layout, pool properties, and its root dataset's properties and mount.</summary>
internal sealed class PoolPlanner(StorageSystem storage)
{
    public const string Open = "open";

    public Assessment Assess(Manifest manifest, PoolSpec spec, PlanInput input)
    {
        var pool = input.Observed.Pool(spec.Name);
        var root = input.Observed.Dataset(spec.Name);
        if (pool.State == ReadingState.Unknown) return Assessment.Unknown(pool.Reason ?? "");
        if (pool.IsKnown(out var state))
        {
            if (state.Backend != spec.Backend) return Other(spec, state);
            if (!state.IsOpen) return Closed(state, input.Record(manifest.Id)?.Guid);
            return root.IsKnown(out var dataset)
                ? Present(manifest, spec, state, dataset, input)
                : Assessment.Unknown(root.Reason ?? $"the root dataset of pool {spec.Name} was not listed") with { Notices = [.. PoolHealth.Notices(manifest.Id, state, storage.Of(spec.Name, input).Hints)] };
        }

        return Absent(manifest, spec, input);
    }

    /// <summary>A pool of that name on another storage: nothing is made beside it.</summary>
    private static Assessment Other(PoolSpec spec, PoolState state)
    {
        var blocker = new Blocker("BackendMismatch", $"pool {spec.Name} of this host is {state.Backend}, and the manifest wants {spec.Backend}", $"say backend: {state.Backend}, or choose another name");
        return new Assessment(Existence.Present, [new Field("backend", spec.Backend, state.Backend, Equal: false, Blocker: blocker) { Essential = true }]) { RecordsNothing = true };
    }

    /// <summary>Its disks are there, and it is to be mounted, as after every start of the host.</summary>
    private static Assessment Closed(PoolState state, string? recorded) => new(Existence.Present, [new Field(Open, "yes", "no", Equal: false, Blocker: Replaced(state, recorded) ?? Incomplete(state)) { Essential = true, AtEveryStart = true }])
    {
        RecordsNothing = true,
    };

    private static Blocker? Replaced(PoolState state, string? recorded) => string.IsNullOrEmpty(recorded) || state.Guid == recorded
        ? null
        : new Blocker("PoolReplaced", $"the disks of pool {state.Name} carry another file system of that name ({state.Guid}) than the one that was applied ({recorded}), so it is not mounted", $"bring the disks back, or run 'nasgitops forget Pool/{state.Name}' to take this one over");

    private static Blocker? Incomplete(PoolState state) => state.Health == "CLOSED"
        ? null
        : new Blocker("PoolIncomplete", $"not all disks of pool {state.Name} are there, so it is not mounted", "bring the disk back; or mount it by hand with -o degraded, replace the disk, and it is managed again");

    private Assessment Present(Manifest manifest, PoolSpec spec, PoolState state, DatasetState root, PlanInput input)
    {
        var layout = PoolLayout.Compare(manifest.Id, spec, state, storage.Of(spec.Name, input), input);
        return new(Existence.Present, [.. layout.Fields, .. Fields(manifest, spec, state, root, input)])
        {
            Owned = root.Mark is not null,
            AtStake = layout.AtStake,
            Notices = [.. PoolHealth.Notices(manifest.Id, state, storage.Of(spec.Name, input).Hints), .. Conversions(manifest.Id, spec, state, storage.Of(spec.Name, input))],
        };
    }

    private Assessment Absent(Manifest manifest, PoolSpec spec, PlanInput input)
    {
        var assessment = new Assessment(Existence.Absent, [.. PoolLayout.Wanted(spec), .. Fields(manifest, spec, null, null, input)]);
        var facts = input.Observed.Facts("Pool").Value;
        var importable = facts?.Table(StorageFacts.Importable).GetValueOrDefault(spec.Name);
        if (spec.Vdevs.Count == 0 && importable is null)
        {
            return assessment with
            {
                Blocker = new Blocker("PoolMissing", $"pool {spec.Name} is not imported, and a manifest without disks only adopts a pool that exists", "import the pool, or write its disks"),
            };
        }

        if (input.Record(manifest.Id) is not null) return assessment;
        if (importable is not null) return Import(assessment, spec, importable, PoolKind.Links(input));
        return Disks(assessment, spec, input);
    }

    private static Assessment Import(Assessment assessment, PoolSpec spec, IReadOnlyDictionary<string, string> importable, IReadOnlyDictionary<string, string> links)
    {
        var there = importable.GetValueOrDefault("disks", "").Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet();
        var wanted = spec.DiskPaths.Select(d => DeviceNames.Canonical(d, links)).ToHashSet();
        Blocker? blocker = null;
        if (importable.GetValueOrDefault(StorageFacts.Unreadable) is { } unreadable)
        {
            blocker = new Blocker("ImportUnknown", $"what 'zpool import' says of pool {spec.Name} cannot be read: {unreadable}", "run it by hand; nothing is made while that is so");
        }
        else if (spec.Vdevs.Count > 0 && !there.SetEquals(wanted))
        {
            blocker = new Blocker(
                "ImportMismatch", $"a pool named {spec.Name} can be imported, but from other disks ({string.Join(", ", there.Order(StringComparer.Ordinal))})",
                "name its disks in the manifest to import it; nothing is made anew beside it");
        }
        else if (importable.GetValueOrDefault("inUse") == "yes")
        {
            blocker = new Blocker("PoolInUseElsewhere", $"pool {spec.Name} was last used by another system", $"if that host is gone for good, run 'zpool import -f {spec.Name}' by hand");
        }

        return assessment with { WhenAbsent = ChangeAction.Import, Blocker = blocker };
    }

    private static Assessment Disks(Assessment assessment, PoolSpec spec, PlanInput input)
    {
        var disks = PoolDisks.Of(input);
        var carrying = spec.DiskPaths.Select(disks.Carrying).OfType<string>().ToList();
        if (disks.Problem(spec, spec.DiskPaths) is { } blocker) return assessment with { Blocker = blocker };
        return carrying.Count == 0 ? assessment : assessment with { Risk = Risk.Destructive, NeedsApproval = true, AtStake = new AtStake(carrying, 0, 0, []) };
    }

    private IEnumerable<Field> Fields(Manifest manifest, PoolSpec spec, PoolState? state, DatasetState? root, PlanInput input)
    {
        var backend = storage.Of(spec.Name, input);
        if (backend.Lacks(StorageFeature.OpeningAtStart) is not null) yield return new Field(Open, "yes", state is null ? null : "yes", state is not null);
        foreach (var (name, value) in spec.Options.OrderBy(o => o.Key, StringComparer.Ordinal)) yield return Option(backend, name, value, state);
        foreach (var field in DatasetFields.Properties(backend, PoolKind.WantedProperties(backend, spec), root)) yield return field;
        foreach (var field in DatasetFields.Mark(manifest.Id.ToString(), root)) yield return field;
        foreach (var field in RecordedFields.Compare(PoolJobs.Fields(spec), PoolJobs.Recorded(input.Record(manifest.Id)))) yield return field;
        var path = DatasetPaths.Mountpoint(spec.Name, input.Desired.Manifests, input.Observed);
        foreach (var field in DatasetFields.Mount(backend, path, spec.Properties, root, input)) yield return field;
    }

    /// <summary>What would rewrite all data is told, and left to a person.</summary>
    private static IEnumerable<Notice> Conversions(ResourceId id, PoolSpec spec, PoolState state, IStorageBackend backend)
    {
        foreach (var (name, value) in spec.Options.Where(o => backend.PoolProperty(o.Key) is { CreateOnly: true }).OrderBy(o => o.Key, StringComparer.Ordinal))
        {
            var (wanted, actual) = (backend.PoolProperty(name)!.Canonical(value), state.Properties.GetValueOrDefault(name)?.Value);
            if (wanted == actual || backend.Hints.Convert(state.Name, name, wanted) is not { } command) continue;
            yield return new Notice(id, "ProfileDiffers", $"{name} of pool {state.Name} is {actual}, and the manifest wants {wanted}; '{command}' rewrites all data so, or write {actual} in the manifest", Degraded: true);
        }
    }

    private static Field Option(IStorageBackend backend, string name, string value, PoolState? state)
    {
        var traits = backend.PoolProperty(name) ?? throw new InvalidOperationException($"the catalogue has no pool property '{name}'");
        var actual = state?.Properties.GetValueOrDefault(name)?.Value;
        var wanted = traits.Canonical(value);
        if (state is not null && traits.CreateOnly && backend.Hints.Convert(state.Name, name, wanted) is not null) return new Field(traits.OwnField ?? $"options.{name}", wanted, actual, Equal: true);
        var blocker = traits.CreateOnly && state is not null
            ? new Blocker("ImmutableProperty", $"{name} of pool {state.Name} is {actual} and is fixed at creation", $"write {actual} in the manifest, or change it by hand: {backend.Hints.ChangeLayout(state.Name)}")
            : null;
        return new Field(traits.OwnField ?? $"options.{name}", wanted, actual, actual == wanted, Blocker: blocker);
    }
}

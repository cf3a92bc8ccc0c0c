using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Pool;

/// <summary>What a pool lacks: existence, layout, pool properties, and its root dataset's properties and mount.</summary>
internal sealed class PoolPlanner(IStorageBackend backend)
{
    public Assessment Assess(Manifest manifest, PoolSpec spec, PlanInput input)
    {
        var pool = input.Observed.Pool(spec.Name);
        var root = input.Observed.Dataset(spec.Name);
        if (pool.State == ReadingState.Unknown) return Assessment.Unknown(pool.Reason ?? "");
        if (pool.IsKnown(out var state))
        {
            return root.IsKnown(out var dataset)
                ? Present(manifest, spec, state, dataset, input)
                : Assessment.Unknown(root.Reason ?? $"the root dataset of pool {spec.Name} was not listed");
        }

        return Absent(manifest, spec, input);
    }

    private Assessment Present(Manifest manifest, PoolSpec spec, PoolState state, DatasetState root, PlanInput input) =>
        new(Existence.Present, [.. Fields(manifest, spec, state, root, input)])
        {
            Owned = root.Mark is not null,
            Notices = [.. PoolHealth.Notices(manifest.Id, state)],
        };

    private Assessment Absent(Manifest manifest, PoolSpec spec, PlanInput input)
    {
        var assessment = new Assessment(Existence.Absent, [.. Fields(manifest, spec, null, null, input)]);
        if (spec.Vdevs.Count == 0)
        {
            return assessment with
            {
                Blocker = new Blocker("PoolMissing", $"pool {spec.Name} is not imported, and a manifest without vdevs only adopts a pool that exists", "import the pool, or write its vdevs"),
            };
        }

        if (input.Record(manifest.Id) is not null) return assessment;
        var facts = input.Observed.Facts("Pool").Value;
        if (facts?.Table(StorageFacts.Importable).GetValueOrDefault(spec.Name) is { } importable) return Import(assessment, spec, importable, PoolKind.Links(input));
        return Disks(assessment, spec, facts);
    }

    private static Assessment Import(Assessment assessment, PoolSpec spec, IReadOnlyDictionary<string, string> importable, IReadOnlyDictionary<string, string> links)
    {
        var there = importable.GetValueOrDefault("disks", "").Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet();
        var wanted = spec.DiskPaths.Select(d => DeviceNames.Canonical(d, links)).ToHashSet();
        Blocker? blocker = null;
        if (!there.SetEquals(wanted))
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

    private static Assessment Disks(Assessment assessment, PoolSpec spec, KindFacts? facts)
    {
        var disks = facts?.Table(StorageFacts.Disks);
        var carrying = new List<string>();
        foreach (var path in spec.DiskPaths)
        {
            if (disks?.GetValueOrDefault(path) is not { } disk) continue;
            if (disk.GetValueOrDefault("missing") == "yes")
            {
                return assessment with { Blocker = new Blocker("DiskMissing", $"there is no disk {path}", "'ls -l /dev/disk/by-id' shows those that are there") };
            }

            if (disk.GetValueOrDefault("carries") is { Length: > 0 } carries) carrying.Add($"{path} ({disk.GetValueOrDefault("bytes")} bytes) carries {carries}");
        }

        if (carrying.Count == 0) return assessment;
        if (!spec.ForceDestructive)
        {
            return assessment with
            {
                Blocker = new Blocker(
                    "DiskNotBlank", string.Join("; ", carrying),
                    "check that it is the right disk; wipe it by hand, or say diskPolicy: force-destructive and approve the plan"),
            };
        }

        return assessment with { Risk = Risk.Destructive, NeedsApproval = true, AtStake = new AtStake(carrying, 0, 0, []) };
    }

    private IEnumerable<Field> Fields(Manifest manifest, PoolSpec spec, PoolState? state, DatasetState? root, PlanInput input)
    {
        foreach (var field in PoolLayout.Compare(spec, state, PoolKind.Links(input))) yield return field;
        foreach (var (name, value) in spec.Options.OrderBy(o => o.Key, StringComparer.Ordinal)) yield return Option(name, value, state);
        foreach (var field in DatasetFields.Properties(backend, PoolKind.WantedProperties(backend, spec), root)) yield return field;
        foreach (var field in DatasetFields.Mark(manifest.Id.ToString(), root)) yield return field;
        foreach (var field in RecordedFields.Compare(PoolJobs.Fields(spec), PoolJobs.Recorded(input.Record(manifest.Id)))) yield return field;
        var mountpoint = spec.Mountpoint ?? root?.Mountpoint ?? (root is null ? "/" + spec.Name : null);
        var canMount = spec.Properties.GetValueOrDefault("canmount") ?? root?.Properties.GetValueOrDefault("canmount")?.Value ?? "on";
        var path = mountpoint is not null && mountpoint.StartsWith('/') ? mountpoint : null;
        var place = root is { Mounted: true } ? null : DatasetFields.PlaceProblem(path, input);
        foreach (var field in DatasetFields.Mount(path, canMount, root, place)) yield return field;
    }

    private Field Option(string name, string value, PoolState? state)
    {
        var traits = backend.PoolProperty(name) ?? throw new InvalidOperationException($"the catalogue has no pool property '{name}'");
        var actual = state?.Properties.GetValueOrDefault(name)?.Value;
        var wanted = traits.Canonical(value);
        var blocker = traits.CreateOnly && state is not null
            ? new Blocker("ImmutableProperty", $"{name} of pool {state.Name} is {actual} and is fixed at creation", $"write {actual} in the manifest")
            : null;
        return new Field($"options.{name}", wanted, actual, actual == wanted, Blocker: blocker);
    }
}

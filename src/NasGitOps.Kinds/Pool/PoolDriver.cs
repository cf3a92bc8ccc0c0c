using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Pool;

/// <summary>The steps that make, import, grow and set a pool.</summary>
internal sealed class PoolDriver(StorageSystem storage)
{
    public IReadOnlyList<Step> Steps(Manifest manifest, PoolSpec spec, ChangeAction action, IReadOnlyList<FieldChange> fields, PlanInput input)
    {
        var backend = storage.Of(spec.Name, input);
        if (action == ChangeAction.Create)
        {
            var properties = PoolKind.WantedProperties(backend, spec).Where(p => p.Key != "mountpoint").ToDictionary();
            var created = spec.Options.ToDictionary(o => o.Key, o => backend.PoolProperty(o.Key)!.Canonical(o.Value));
            return backend.CreatePool(new NewPool(spec.Name, spec.Vdevs, created, properties, spec.Mountpoint, manifest.Id.ToString(), spec.ForceDestructive));
        }

        if (action == ChangeAction.Import) return backend.ImportPool(spec.Name, Disks(spec, input));
        var names = fields.Select(f => f.Name).ToHashSet();
        if (names.Contains(PoolPlanner.Open)) return backend.OpenPool(spec.Name, Disks(spec, input));
        if (input.Observed.Dataset(spec.Name).Value is not { } root || input.Observed.Pool(spec.Name).Value is not { } pool) return [];

        var steps = new List<Step>();
        var disks = PoolDisks.Of(input);
        steps.AddRange(PoolLayout.Moves(spec, pool, names, backend, input).SelectMany(m => backend.ChangeLayout(pool, m, force: spec.ForceDestructive && m.Taken.Any(d => disks.Carrying(d) is not null))));
        steps.AddRange(PoolLayout.Grown(pool, names).SelectMany(d => backend.ExpandDisk(pool, d)));
        var options = fields.Where(f => f.Name.StartsWith("options.", StringComparison.Ordinal) && f.After is not null).ToDictionary(f => f.Name[8..], f => f.After!);
        steps.AddRange(backend.SetPoolProperties(spec.Name, options));
        steps.AddRange(backend.ChangeDataset(DatasetFields.Change(backend, root, manifest.Id.ToString(), "retain", fields, input)));
        steps.AddRange(DatasetFields.Mounting(backend, spec.Name, fields, PoolKind.WantedProperties(backend, spec), root, input));
        return steps;
    }

    /// <summary>As the manifest names them; where it names none, as the host does.</summary>
    private static IReadOnlyList<string> Disks(PoolSpec spec, PlanInput input)
    {
        if (spec.DiskPaths.Count > 0) return spec.DiskPaths;
        if (input.Observed.Pool(spec.Name).Value is { } pool) return [.. pool.Vdevs.SelectMany(v => v.Disks).Select(d => d.Path)];
        return input.Observed.Facts("Pool").Value?.Table(StorageFacts.Importable).GetValueOrDefault(spec.Name)?.GetValueOrDefault("disks")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
    }
}

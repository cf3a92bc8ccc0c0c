using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Pool;

/// <summary>The steps that make, import, grow and set a pool.</summary>
internal sealed class PoolDriver(IStorageBackend backend)
{
    public IReadOnlyList<Step> Steps(Manifest manifest, PoolSpec spec, ChangeAction action, IReadOnlyList<FieldChange> fields, PlanInput input)
    {
        if (action == ChangeAction.Create)
        {
            var properties = PoolKind.WantedProperties(backend, spec).Where(p => p.Key != "mountpoint").ToDictionary();
            var created = spec.Options.ToDictionary(o => o.Key, o => backend.PoolProperty(o.Key)!.Canonical(o.Value));
            return backend.CreatePool(new NewPool(spec.Name, spec.Vdevs, created, properties, spec.Mountpoint, manifest.Id.ToString(), spec.ForceDestructive));
        }

        if (action == ChangeAction.Import) return backend.ImportPool(spec.Name, spec.DiskPaths);
        if (input.Observed.Dataset(spec.Name).Value is not { } root) return [];

        var steps = new List<Step>();
        foreach (var field in fields.Where(f => f.Name.StartsWith("vdevs[", StringComparison.Ordinal) && f.Before is null))
        {
            var index = int.Parse(field.Name[6..^1], System.Globalization.CultureInfo.InvariantCulture);
            steps.AddRange(backend.AddVdev(spec.Name, spec.Vdevs[index]));
        }

        var options = fields.Where(f => f.Name.StartsWith("options.", StringComparison.Ordinal) && f.After is not null).ToDictionary(f => f.Name[8..], f => f.After!);
        steps.AddRange(backend.SetPoolProperties(spec.Name, options));
        steps.AddRange(backend.ChangeDataset(DatasetFields.Change(backend, root, manifest.Id.ToString(), "retain", fields)));
        if (DatasetFields.NeedsMount(action, fields.Select(f => f.Name).ToHashSet())) steps.Add(backend.Mount(spec.Name));
        return steps;
    }
}

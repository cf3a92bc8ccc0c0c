using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Dataset;

/// <summary>The steps that make, set, open and mount a dataset.</summary>
internal sealed class DatasetDriver(StorageSystem storage, DatasetPlanner planner)
{
    public IEnumerable<Step> Steps(Manifest manifest, DatasetSpec spec, ChangeAction action, IReadOnlyList<FieldChange> fields, PlanInput input)
    {
        var names = fields.Select(f => f.Name).ToHashSet();
        var made = action == ChangeAction.Create ? Create(manifest, spec, input) : Change(manifest, spec, names, fields, input);
        foreach (var step in made) yield return step;
        if (DatasetPaths.Mountpoint(spec.Name, input.Desired.Manifests, input.Observed) is not { } root) yield break;
        var state = input.Observed.Dataset(spec.Name).Value;
        foreach (var step in DatasetFields.Mounting(storage.Of(spec.Name, input), spec.Name, fields, planner.Wanted(spec, input), state, input)) yield return step;
        if (!names.Contains(DatasetFields.Mounted) && state is not { Mounted: true }) yield break;
        foreach (var step in DatasetPermissions.Steps(spec, names, root, input)) yield return step;
    }

    private IReadOnlyList<Step> Create(Manifest manifest, DatasetSpec spec, PlanInput input)
    {
        var size = spec.VolumeSize is { } written && ByteSize.TryParse(written, out var bytes) ? bytes.Exact : null;
        return storage.Of(spec.Name, input).CreateDataset(new NewDataset(
            spec.Name, size, spec.Sparse, planner.Wanted(spec, input), spec.Encryption, manifest.Id.ToString(), spec.DeletionPolicy.ToString()));
    }

    private IEnumerable<Step> Change(Manifest manifest, DatasetSpec spec, HashSet<string> names, IReadOnlyList<FieldChange> fields, PlanInput input)
    {
        if (input.Observed.Dataset(spec.Name).Value is not { } state) yield break;
        var backend = storage.Of(spec.Name, input);
        if (spec.Encryption is { } encryption)
        {
            var raw = encryption.Format == "raw";
            if (names.Contains(DatasetPlanner.KeyLoaded)) yield return backend.LoadKey(spec.Name, encryption.SecretRef, raw);
            else if (names.Contains(DatasetPlanner.Key)) yield return backend.TryKey(spec.Name, encryption.SecretRef, raw);
        }

        foreach (var step in backend.ChangeDataset(DatasetFields.Change(backend, state, manifest.Id.ToString(), spec.DeletionPolicy.ToString(), fields, input))) yield return step;
    }
}

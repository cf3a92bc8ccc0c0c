using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Dataset;

/// <summary>The steps that make, set, open and mount a dataset.</summary>
internal sealed class DatasetDriver(IStorageBackend backend, DatasetPlanner planner)
{
    public IEnumerable<Step> Steps(Manifest manifest, DatasetSpec spec, ChangeAction action, IReadOnlyList<FieldChange> fields, PlanInput input)
    {
        var names = fields.Select(f => f.Name).ToHashSet();
        var storage = action == ChangeAction.Create ? Create(manifest, spec) : Change(manifest, spec, names, fields, input);
        foreach (var step in storage) yield return step;
        if (DatasetPaths.Mountpoint(spec.Name, input.Desired.Manifests, input.Observed) is not { } root) yield break;
        // Where a parent brings another place, its change may mount this too; if it does not, the next round finds it unmounted.
        var state = input.Observed.Dataset(spec.Name).Value;
        var mounts = DatasetFields.NeedsMount(action, names) && (state is null || state.Mountpoint == root);
        if (mounts) yield return backend.Mount(spec.Name);
        if (!mounts && state is not { Mounted: true }) yield break;
        foreach (var step in DatasetPermissions.Steps(spec, names, root, input)) yield return step;
    }

    private IReadOnlyList<Step> Create(Manifest manifest, DatasetSpec spec)
    {
        var size = spec.VolumeSize is { } written && ByteSize.TryParse(written, out var bytes) ? bytes.Exact : null;
        return backend.CreateDataset(new NewDataset(spec.Name, size, spec.Sparse, planner.Wanted(spec), spec.Encryption, manifest.Id.ToString(), spec.DeletionPolicy));
    }

    private IEnumerable<Step> Change(Manifest manifest, DatasetSpec spec, HashSet<string> names, IReadOnlyList<FieldChange> fields, PlanInput input)
    {
        if (input.Observed.Dataset(spec.Name).Value is not { } state) yield break;
        if (spec.Encryption is { } encryption)
        {
            var raw = encryption.Format == "raw";
            if (names.Contains(DatasetPlanner.KeyLoaded)) yield return backend.LoadKey(spec.Name, encryption.SecretRef, raw);
            else if (names.Contains(DatasetPlanner.Key)) yield return backend.TryKey(spec.Name, encryption.SecretRef, raw);
        }

        foreach (var step in backend.ChangeDataset(DatasetFields.Change(backend, state, manifest.Id.ToString(), spec.DeletionPolicy, fields))) yield return step;
    }
}

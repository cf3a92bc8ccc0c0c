using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;

namespace NasGitOps.Storage;

/// <summary>What a new dataset, or a clone, needs of the one above it.</summary>
public static class DatasetParent
{
    public static IEnumerable<ManifestProblem> Check(Manifest manifest, string dataset, ManifestSet manifests)
    {
        if (DatasetPaths.SelfAndParents(dataset).Skip(1).Select(manifests.FindDataset).FirstOrDefault(m => m?.Spec is IMountable { IsFilesystem: false }) is { } volume)
        {
            yield return manifest.Problem("metadata.name", $"{volume.Id.Name} is a volume ({volume.Provenance}); nothing can be below it", "choose another place");
        }
    }

    /// <summary>What is made below an encrypted dataset is encrypted with its key, so that has to be loaded.</summary>
    public static Blocker? KeyProblem(string dataset, PlanInput input)
    {
        var parent = dataset[..dataset.LastIndexOf('/')];
        if (input.Observed.Dataset(parent).Value is not { KeyStatus: "unavailable" } state) return null;
        var root = state.Properties.GetValueOrDefault("encryptionroot")?.Value ?? parent;
        var isLoadedByUs = input.Desired.Manifests.FindDataset(root) is { Suspend: false, Spec: ISecretUser secrets } && secrets.SecretRefs.Any();
        return isLoadedByUs ? null : new Blocker("KeyUnavailable", $"the key of {root} is not loaded, and nothing can be made below it", $"declare encryption in Dataset/{root}, or run 'zfs load-key {root}'");
    }

    /// <returns>Null where the dataset can be made.</returns>
    public static Blocker? Problem(string dataset, PlanInput input)
    {
        var parent = dataset[..dataset.LastIndexOf('/')];
        if (input.Desired.Manifests.FindDataset(parent) is null && input.Observed.Dataset(parent).State == ReadingState.Absent)
        {
            return new Blocker("ParentMissing", $"{parent} does not exist and has no manifest", $"write a Dataset manifest for {parent}");
        }

        if (Quarantine.ParentProblem(dataset, input) is { } away) return away;
        return input.Observed.Dataset(parent).Value is { Type: "volume" } ? new Blocker("ParentIsVolume", $"{parent} is a volume; nothing can be below it", "choose another place") : null;
    }
}

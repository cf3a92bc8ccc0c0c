using System.Text.Json.Nodes;
using NasGitOps.Core.Importing;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Kinds.Importing;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Dataset;

/// <summary>Datasets as manifests: what was set on each itself. Owners and modes are left out, and so left alone.</summary>
internal static class DatasetImport
{
    private static readonly string[] OwnSizes = ["quota", "refquota", "reservation", "refreservation"];

    public static ImportOffer Of(StorageSystem storage, ImportContext context)
    {
        var datasets = context.Observed.AllDatasets
            .Where(d => d.Name.Contains('/', StringComparison.Ordinal) && context.Has("Pool", d.Name.Split('/')[0]))
            .OrderBy(d => d.Name, StringComparer.Ordinal);
        return new ImportOffer([.. datasets.Select(d => Manifest(storage.Of(d.Name, new ManifestSet([]), context.Observed), d, context))], []);
    }

    private static Imported Manifest(IStorageBackend backend, DatasetState dataset, ImportContext context)
    {
        var spec = new JsonObject();
        var comments = new List<string>();
        if (dataset.Type == "volume") Volume(dataset, spec);
        foreach (var size in OwnSizes.Where(s => dataset.Type != "volume" || s == "reservation"))
        {
            if (dataset.Properties.GetValueOrDefault(size) is { Value: not ("0" or "none") } limit && ImportedProperties.IsSetHere(limit)) spec[size] = ImportedProperties.Size(limit.Value);
        }

        var properties = ImportedProperties.Of(backend, dataset.Properties, backend.DatasetProperty) ?? [];
        foreach (var (name, value) in Unlike(backend, dataset, context).Where(p => !properties.ContainsKey(p.Name))) properties[name] = value;
        if (properties.Count > 0) spec["properties"] = properties;
        if (dataset.Properties.GetValueOrDefault("mountpoint") is { } place && ImportedProperties.IsSetHere(place) && dataset.Type != "volume") spec["mountpoint"] = place.Value;
        if (dataset.Properties.GetValueOrDefault("encryptionroot")?.Value == dataset.Name) Encryption(dataset, context.Paths, spec, comments);
        // One that was managed before, by a repository that is lost, keeps what was said of it.
        if (DeletionPolicy.Parse(dataset.Mark?.DeletionPolicy ?? "").KeepFor is { } keepFor)
        {
            spec["deletionPolicy"] = "quarantine";
            spec["quarantine"] = new JsonObject { ["keepFor"] = Duration.Format(keepFor) };
        }

        if (dataset.Origin is { } origin) comments.Add($"A clone of {origin}; it is managed as any dataset, and has no end.");
        return new Imported(new ResourceId("Dataset", dataset.Name), spec, comments);
    }

    /// <summary>Where manifests hand properties down, those that the dataset does not have as the one above it.</summary>
    private static IEnumerable<(string Name, string Value)> Unlike(IStorageBackend backend, DatasetState dataset, ImportContext context)
    {
        if (context.Observed.Dataset(dataset.Name[..dataset.Name.LastIndexOf('/')]).Value is not { } parent) yield break;
        foreach (var name in backend.HandedDown(new Dictionary<string, string>(), isClone: false))
        {
            if (dataset.Properties.GetValueOrDefault(name)?.Value is { } value && parent.Properties.GetValueOrDefault(name)?.Value != value) yield return (name, value);
        }
    }

    /// <summary>The reservation of a volume follows its size by itself, so it is not named; that there is none says that it is sparse.</summary>
    private static void Volume(DatasetState volume, JsonObject spec)
    {
        spec["type"] = "volume";
        spec["volumeSize"] = ImportedProperties.Size(volume.Properties.GetValueOrDefault("volsize")?.Value ?? "0");
        if (volume.Properties.GetValueOrDefault("refreservation")?.Value is null or "0" or "none") spec["sparse"] = true;
    }

    private static void Encryption(DatasetState dataset, HostPaths paths, JsonObject spec, List<string> comments)
    {
        var secret = string.Concat(dataset.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' ? c : '-')) + "-key";
        if (secret.Length > 100) secret = secret[^100..].TrimStart('-', '_', '.');
        spec["encryption"] = new JsonObject
        {
            ["algorithm"] = dataset.Properties.GetValueOrDefault("encryption")?.Value ?? "",
            ["format"] = dataset.Properties.GetValueOrDefault("keyformat")?.Value ?? "",
            ["key"] = new JsonObject { ["secretRef"] = secret },
        };
        comments.Add($"Put its key into {paths.SecretsDirectory.TrimEnd('/')}/{secret} (root, mode 0600) before the next start of the host; until then it is adopted as it is, with the key loaded.");
    }
}

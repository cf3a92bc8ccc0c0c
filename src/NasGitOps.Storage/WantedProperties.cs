using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;

namespace NasGitOps.Storage;

/// <summary>What manifests want of a dataset's properties, those above it included where the storage does not hand them down itself.</summary>
public static class WantedProperties
{
    /// <param name="own">What its own manifest says.</param>
    /// <returns>Property to canonical value.</returns>
    public static Dictionary<string, string> Of(IStorageBackend backend, string dataset, IReadOnlyDictionary<string, string> own, ManifestSet manifests, bool isClone = false)
    {
        var wanted = own.ToDictionary(p => p.Key, p => Canonical(p.Key, p.Value));
        foreach (var name in backend.HandedDown(wanted, isClone).Where(n => !wanted.ContainsKey(n)).ToList())
        {
            var above = DatasetPaths.SelfAndParents(dataset).Skip(1).Select(d => (manifests.FindDataset(d)?.Spec as IPropertyHolder)?.DatasetProperties.GetValueOrDefault(name)).FirstOrDefault(v => v is not null);
            if (above is not null) wanted[name] = Canonical(name, above);
        }

        return wanted;

        string Canonical(string name, string value) => backend.DatasetProperty(name)?.Canonical(value) ?? value;
    }
}

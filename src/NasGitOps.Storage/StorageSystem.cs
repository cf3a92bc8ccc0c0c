using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;

namespace NasGitOps.Storage;

/// <summary>The backends of this product, and which of them a dataset is on.</summary>
public sealed class StorageSystem(params IReadOnlyList<IStorageBackend> backends)
{
    public IReadOnlyList<IStorageBackend> Backends { get; } = backends;

    /// <summary>As its pool's manifest says; where there is none, as the pool is on the host. A host without either has the first.</summary>
    public IStorageBackend Of(string dataset, ManifestSet manifests, Observed? observed = null)
    {
        var pool = PoolOf(dataset);
        var declared = (manifests.FindDataset(pool)?.Spec as IPoolDeclaration)?.Backend;
        return Find(declared ?? observed?.Pool(pool).Value?.Backend) ?? Backends[0];
    }

    public IStorageBackend Of(string dataset, PlanInput input) => Of(dataset, input.Desired.Manifests, input.Observed);

    /// <summary>The exact form of a value where the pool, and so the backend, is not known yet: all that know the property agree on it.</summary>
    public string Canonical(string property, string value) =>
        Backends.Select(b => b.DatasetProperty(property)).FirstOrDefault(t => t is not null && t.Complaint(value) is null)?.Canonical(value) ?? value;

    public bool IsMountOf(MountEntry entry, MountTable table, string dataset) => Backends.Any(b => b.IsMountOf(entry, table, dataset));

    /// <summary>Whether the host depends on a backend: what is declared, or was applied, may be on it.</summary>
    public static bool IsWanted(string backend, ObservationContext context)
    {
        var declared = context.Manifests.All.Select(m => m.Spec).OfType<IPoolDeclaration>().ToDictionary(p => p.PoolName, p => p.Backend);
        return declared.ContainsValue(backend)
            || context.Owned.Any(id => id.Kind is "Pool" or "Dataset" or "Clone" && !declared.ContainsKey(PoolOf(id.Name)));
    }

    private static string PoolOf(string dataset) => dataset.Split('/', 2)[0];

    private IStorageBackend? Find(string? name) => Backends.FirstOrDefault(b => b.Name == name);
}

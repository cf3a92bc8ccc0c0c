using System.Collections.Concurrent;

namespace NasGitOps.Core.Manifests;

/// <summary>Where a manifest stands: file relative to the repository, line and column from 1, and the commit that brought it.</summary>
public sealed record Provenance(string File, int Line, int Column, string? Commit = null, string? Signer = null)
{
    public override string ToString() => $"{File}:{Line}:{Column}";
}

/// <summary>What to do about a difference that no commit made.</summary>
public enum DriftMode
{
    /// <summary>Correct it.</summary>
    Enforce,

    /// <summary>Name it in the status and leave it.</summary>
    Report,
}

/// <summary>The typed <c>spec</c> of a manifest; each kind has its own.</summary>
public abstract record ResourceSpec;

/// <summary>A spec that stands for a ZFS dataset or btrfs subvolume with a mount point, so that others can find paths below it.</summary>
public interface IMountable
{
    /// <summary>The dataset's full name; a pool's root dataset has the pool's name.</summary>
    string DatasetName { get; }

    /// <summary>The declared mount point: an absolute path, <c>none</c>, <c>legacy</c>, or null where it is inherited.</summary>
    string? Mountpoint { get; }

    /// <summary>False for a volume (block device).</summary>
    bool IsFilesystem { get; }
}

/// <summary>A spec that uses secrets by name.</summary>
public interface ISecretUser
{
    IEnumerable<string> SecretRefs { get; }
}

/// <summary>A spec that names accounts, so that they are looked up on the host.</summary>
public interface IAccountUser
{
    /// <summary>User names, or numeric ids as text.</summary>
    IEnumerable<string> UserNames { get; }

    /// <summary>Group names, or numeric ids as text.</summary>
    IEnumerable<string> GroupNames { get; }
}

/// <summary>A resource that a spec names.</summary>
/// <param name="Target">What it names.</param>
/// <param name="FieldPath">The field that names it, as <c>spec.dataset</c> or <c>spec.clients[0].host</c>.</param>
/// <param name="Required">When false, an undeclared target is a warning in <c>validate</c> (it may exist on the host) and settled in the pass.</param>
public sealed record Reference(ResourceId Target, string FieldPath, bool Required = true);

/// <summary>One valid YAML document: a resource that should exist.</summary>
/// <param name="Locate">Finds the place of a field path such as <c>spec.clients[0].host</c>; the nearest enclosing node when it is absent.</param>
public sealed record Manifest(
    ResourceId Id,
    Provenance Provenance,
    IReadOnlyDictionary<string, string> Labels,
    IReadOnlyDictionary<string, string> Annotations,
    IReadOnlyList<string> Hosts,
    bool Suspend,
    DriftMode Drift,
    ResourceSpec Spec,
    Func<string, (int Line, int Column)> Locate)
{
    /// <summary>A problem of this manifest at one of its fields.</summary>
    public ManifestProblem Problem(string fieldPath, string message, string wayOut, Severity severity = Severity.Error)
    {
        var (line, column) = Locate(fieldPath);
        return new ManifestProblem(severity, Provenance.File, line, column, fieldPath, message, wayOut, Id);
    }
}

/// <summary>All manifests that apply to one host, by identity.</summary>
public sealed class ManifestSet(IEnumerable<Manifest> manifests)
{
    private readonly Dictionary<ResourceId, Manifest> byId = manifests.ToDictionary(m => m.Id);
    private readonly ConcurrentDictionary<Type, object> bySpec = [];
    private IReadOnlyList<Manifest>? all;
    private Dictionary<string, Manifest>? byDataset;

    /// <summary>In the order of their identities.</summary>
    public IReadOnlyCollection<Manifest> All => all ??= [.. byId.Values.OrderBy(m => m.Id)];

    public Manifest? Find(ResourceId id) => byId.GetValueOrDefault(id);

    public bool Contains(ResourceId id) => byId.ContainsKey(id);

    /// <summary>The manifest whose spec stands for the dataset (a Dataset, a Clone, or the Pool for its root dataset).</summary>
    public Manifest? FindDataset(string name)
    {
        byDataset ??= IndexDatasets();
        return byDataset.GetValueOrDefault(name);
    }

    /// <summary>Looked up once for each type: rules that compare a manifest with all others of its kind ask for each of them.</summary>
    public IReadOnlyList<(Manifest Manifest, TSpec Spec)> OfSpec<TSpec>()
        where TSpec : ResourceSpec
        => (IReadOnlyList<(Manifest, TSpec)>)bySpec.GetOrAdd(typeof(TSpec), _ => All.Where(m => m.Spec is TSpec).Select(m => (m, (TSpec)m.Spec)).ToList());

    private Dictionary<string, Manifest> IndexDatasets()
    {
        var index = new Dictionary<string, Manifest>(StringComparer.Ordinal);
        foreach (var manifest in All)
        {
            if (manifest.Spec is IMountable mountable) index.TryAdd(mountable.DatasetName, manifest);
        }

        return index;
    }
}

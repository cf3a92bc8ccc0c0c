using System.Text.Json.Nodes;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;

namespace NasGitOps.Core.Importing;

/// <summary>A manifest that describes what a host has.</summary>
/// <param name="Spec">As it will be written.</param>
/// <param name="Comments">What a person should know of it: what was left out and why, what is to be done. A line each.</param>
public sealed record Imported(ResourceId Id, JsonObject Spec, IReadOnlyList<string> Comments)
{
    public Imported With(string comment) => Comments.Contains(comment) ? this : this with { Comments = [.. Comments, comment] };
}

/// <summary>Something of the host that no manifest is written for.</summary>
public sealed record LeftOut(string What, string Why);

/// <summary>What one kind offers of a host.</summary>
public sealed record ImportOffer(IReadOnlyList<Imported> Manifests, IReadOnlyList<LeftOut> LeftOut)
{
    public static ImportOffer Nothing { get; } = new([], []);
}

/// <summary>What an import is a function of.</summary>
/// <param name="Observed">The host, read without manifests.</param>
/// <param name="Accounts">All local users and groups.</param>
/// <param name="Earlier">What kinds before this one offered.</param>
public sealed record ImportContext(Observed Observed, HostPaths Paths, Accounts Accounts, IReadOnlyList<Imported> Earlier)
{
    /// <summary>Users that what was offered names.</summary>
    public IReadOnlyList<string> UserNames { get; init; } = [];

    public IReadOnlyList<string> GroupNames { get; init; } = [];

    public bool Has(string kind, string name) => Earlier.Any(e => e.Id == new ResourceId(kind, name));

    /// <summary>The mounted dataset among those offered that a path lies on, and the rest of the path (empty for the mount point itself).</summary>
    public (DatasetState Dataset, string Subpath)? DatasetAt(string path)
    {
        var at = Observed.AllDatasets
            .Where(d => d is { Mounted: true, Mountpoint: not null } && (path == d.Mountpoint || path.StartsWith(d.Mountpoint.TrimEnd('/') + "/", StringComparison.Ordinal)))
            .MaxBy(d => d.Mountpoint!.Length);
        if (at is null || !Has(at.Name.Contains('/', StringComparison.Ordinal) ? "Dataset" : "Pool", at.Name)) return null;
        return (at, path[at.Mountpoint!.TrimEnd('/').Length..].Trim('/'));
    }
}

using NasGitOps.Core.Manifests;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.NfsExport;

/// <summary>Whose requests become those of the anonymous user.</summary>
public enum Squash
{
    Root,
    None,
    All,
}

/// <summary>Who may mount an export, and how.</summary>
/// <param name="Host">Canonical where it is legal, else as written (and refused by the checks).</param>
/// <param name="AnonUid">Null: 65534.</param>
/// <param name="Security">Empty: <c>sys</c>.</param>
public sealed record NfsClient(string Host, bool Writable, Squash Squash, uint? AnonUid, uint? AnonGid, IReadOnlyList<string> Security);

/// <summary>An export as its manifest wants it.</summary>
/// <param name="Dataset">The dataset; null where <paramref name="Path"/> says the place.</param>
/// <param name="Subpath">A directory below the dataset's mount root.</param>
/// <param name="NestedDatasets">Whether child datasets are reached through the export.</param>
/// <param name="Public">Whether writing by every host is meant.</param>
public sealed record NfsExportSpec(
    string? Dataset, string? Subpath, string? Path, IReadOnlyList<NfsClient> Clients, bool NestedDatasets, IReadOnlyList<string> Options, bool Public) : ResourceSpec
{
    /// <summary>Whether lines of foreign files that export the same are taken out of them.</summary>
    public bool TakeOver { get; init; }

    public static NfsExportSpec Parse(JObject spec) => new(
        spec.Value<string>("dataset"),
        spec.Value<string>("subpath")?.Trim('/'),
        spec.Value<string>("path"),
        [.. (spec["clients"] as JArray ?? []).OfType<JObject>().Select(ParseClient)],
        spec.Value<bool?>("nestedDatasets") ?? true,
        [.. (spec["options"] as JArray ?? []).Select(o => o.Value<string>() ?? "").Distinct().Order(StringComparer.Ordinal)],
        spec.Value<bool?>("public") ?? false)
    {
        TakeOver = spec.Value<bool?>("takeOver") ?? false,
    };

    private static NfsClient ParseClient(JObject client)
    {
        var host = client.Value<string>("host") ?? "";
        return new NfsClient(
            ClientHost.Canonical(host) ?? host,
            client.Value<string>("access") == "rw",
            client.Value<string>("squash") switch { "none" => Squash.None, "all" => Squash.All, _ => Squash.Root },
            client.Value<uint?>("anonUid"),
            client.Value<uint?>("anonGid"),
            [.. (client["security"] as JArray ?? []).Select(s => s.Value<string>() ?? "").Distinct()]);
    }
}

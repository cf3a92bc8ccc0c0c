using NasGitOps.Core.Manifests;
using NasGitOps.Core.Ownership;
using NasGitOps.Storage;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.Dataset;

/// <summary>A directory's owner, group (names or numbers) and octal mode; null leaves what is there.</summary>
public sealed record Permissions(string? Owner, string? Group, string? Mode);

/// <summary>A directory below the mount root.</summary>
public sealed record DirectorySpec(string Path, Permissions Permissions);

/// <summary>A dataset as its manifest wants it.</summary>
/// <param name="VolumeSize">As written; null for a filesystem.</param>
/// <param name="Own">Properties with a field of their own (quota, refquota…), by property name, as written.</param>
/// <param name="Properties">The <c>properties</c> map, as written.</param>
public sealed record DatasetSpec(
    string Name,
    bool IsFilesystem,
    string? VolumeSize,
    bool Sparse,
    IReadOnlyDictionary<string, string> Own,
    IReadOnlyDictionary<string, string> Properties,
    EncryptionKey? Encryption,
    string? Mountpoint,
    Permissions? Permissions,
    IReadOnlyList<DirectorySpec> Directories,
    string? MovedFrom,
    DeletionPolicy DeletionPolicy) : ResourceSpec, IDatasetDeclaration, IPropertyHolder, ISecretUser, IAccountUser, ILimitedDataset, IRenamedDataset
{
    private static readonly string[] OwnSizes = ["quota", "refquota", "reservation", "refreservation"];

    public string DatasetName => Name;

    public ByteSize? ReferencedLimit => ByteSize.TryParse(Own.GetValueOrDefault("refquota", ""), out var size) && size.Bytes > 0 ? size : null;

    public IReadOnlyDictionary<string, string> DatasetProperties => Properties.Concat(Own).ToDictionary();

    public IReadOnlyList<string> WatchedPaths => [.. (Permissions is null ? Enumerable.Empty<string>() : [""]), .. Directories.Select(d => d.Path)];

    public IReadOnlyList<string> ExtraProperties => [.. Own.Keys.Concat(Properties.Keys).Where(p => p.Contains('@', StringComparison.Ordinal) || p.Contains(':', StringComparison.Ordinal))];

    public IEnumerable<string> SecretRefs => Encryption is null ? [] : [Encryption.SecretRef];

    public IEnumerable<string> UserNames => AllPermissions.Select(p => p.Owner).OfType<string>().Concat(QuotaNames("userquota@"));

    public IEnumerable<string> GroupNames => AllPermissions.Select(p => p.Group).OfType<string>().Concat(QuotaNames("groupquota@"));

    private IEnumerable<Permissions> AllPermissions => Directories.Select(d => d.Permissions).Concat(Permissions is null ? [] : [Permissions]);

    public static DatasetSpec Parse(string name, JObject spec)
    {
        var own = OwnSizes.Where(s => spec[s] is not null).ToDictionary(s => s, s => Text(spec[s])!);
        foreach (var (field, prefix) in new[] { ("userQuotas", "userquota@"), ("groupQuotas", "groupquota@") })
        {
            foreach (var quota in (spec[field] as JObject)?.Properties() ?? []) own[prefix + quota.Name] = Text(quota.Value)!;
        }

        var encryption = spec["encryption"] as JObject;
        return new DatasetSpec(
            name,
            Text(spec["type"]) != "volume",
            Text(spec["volumeSize"]),
            spec.Value<bool?>("sparse") ?? false,
            own,
            (spec["properties"] as JObject)?.Properties().ToDictionary(p => p.Name, p => Text(p.Value) ?? "") ?? [],
            encryption is null ? null : new EncryptionKey(Text(encryption["algorithm"]) ?? "aes-256-gcm", Text(encryption["format"]) ?? "passphrase", Text(encryption.SelectToken("key.secretRef"))!),
            Text(spec["mountpoint"]),
            spec["permissions"] is JObject permissions ? ParsePermissions(permissions) : null,
            [.. (spec["directories"] as JArray ?? []).OfType<JObject>().Select(d => new DirectorySpec(Text(d["path"])!.Trim('/'), ParsePermissions(d)))],
            Text(spec["movedFrom"]),
            Text(spec["deletionPolicy"]) == "quarantine" ? new DeletionPolicy(KeepFor(spec)) : DeletionPolicy.Retain);
    }

    private static TimeSpan KeepFor(JObject spec) => Duration.TryParse(spec.SelectToken("quarantine.keepFor")?.Value<string>() ?? "", out var span) ? span : DeletionPolicy.DefaultKeepFor;

    private static Permissions ParsePermissions(JObject map) => new(Text(map["owner"]), Text(map["group"]), Text(map["mode"]));

    private static string? Text(JToken? token) => token is null ? null : token.Type == JTokenType.Integer ? token.ToString() : token.Value<string>();

    private IEnumerable<string> QuotaNames(string prefix) => Own.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).Select(k => k[prefix.Length..]);
}

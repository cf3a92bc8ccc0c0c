using System.Globalization;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.User;

/// <summary>A Unix user for file access: no shell, no home.</summary>
/// <param name="PrimaryGroup">Null: the group of the user's own name.</param>
/// <param name="GroupsExclusive">Whether memberships that the manifest does not name are taken away.</param>
/// <param name="SmbPasswordSecret">The secret that holds the SMB password; null where the user has no SMB access by this manifest.</param>
public sealed record UserSpec(string Name, uint Uid, string? PrimaryGroup, IReadOnlyList<string> Groups, bool GroupsExclusive, string? SmbPasswordSecret)
    : ResourceSpec, IAccountUser, IAccountDeclaration, ISecretUser
{
    public string AccountName => Name;

    public uint Id => Uid;

    public bool IsGroup => false;

    /// <summary>The number too, so that another holder of it is found.</summary>
    public IEnumerable<string> UserNames => [Name, Uid.ToString(CultureInfo.InvariantCulture)];

    /// <summary>The number too where the user gets a group of its own, which has the same one if that is free.</summary>
    public IEnumerable<string> GroupNames => [.. PrimaryGroup is { } primary ? [primary] : new[] { Name, Uid.ToString(CultureInfo.InvariantCulture) }, .. Groups];

    public IEnumerable<string> SecretRefs => SmbPasswordSecret is null ? [] : [SmbPasswordSecret];

    public static UserSpec Parse(string name, JObject spec) => new(
        name,
        spec.Value<uint>("uid"),
        spec.Value<string>("primaryGroup"),
        [.. (spec["groups"] as JArray ?? []).Select(g => g.Value<string>() ?? "").Distinct()],
        spec.Value<bool?>("groupsExclusive") ?? false,
        spec.SelectToken("smb.password.secretRef")?.Value<string>());
}

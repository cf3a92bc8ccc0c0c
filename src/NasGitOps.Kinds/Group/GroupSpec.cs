using System.Globalization;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.Group;

/// <summary>A Unix group.</summary>
public sealed record GroupSpec(string Name, uint Gid) : ResourceSpec, IAccountUser, IAccountDeclaration
{
    public string AccountName => Name;

    public uint Id => Gid;

    public bool IsGroup => true;

    public IEnumerable<string> UserNames => [];

    /// <summary>The number too, so that another holder of it is found.</summary>
    public IEnumerable<string> GroupNames => [Name, Gid.ToString(CultureInfo.InvariantCulture)];

    public static GroupSpec Parse(string name, JObject spec) => new(name, spec.Value<uint>("gid"));
}

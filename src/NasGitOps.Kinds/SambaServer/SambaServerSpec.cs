using NasGitOps.Core.Manifests;
using NasGitOps.Kinds.Samba;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.SambaServer;

internal enum SambaProfile
{
    Standard,
    High,
}

/// <summary>The spec of the SambaServer.</summary>
/// <param name="Workgroup">Null leaves it as the host has it.</param>
/// <param name="Interfaces">Empty serves all of them.</param>
/// <param name="IsImplied">True where no manifest says so, but shares exist: then foreign shares keep the globals they have.</param>
internal sealed record SambaServerSpec(
    string? Workgroup, SambaProfile Profile, IReadOnlyList<string> Interfaces, IReadOnlyDictionary<string, string> Options, bool IsImplied) : ResourceSpec
{
    public static SambaServerSpec Implied { get; } = new(null, SambaProfile.Standard, [], new Dictionary<string, string>(), IsImplied: true);

    public static SambaServerSpec Parse(JObject spec) => new(
        spec.Value<string>("workgroup"),
        spec.Value<string>("profile") == "high" ? SambaProfile.High : SambaProfile.Standard,
        spec["interfaces"] is JArray interfaces ? [.. interfaces.Select(i => i.Value<string>() ?? "")] : [],
        SambaOptions.Parse(spec["options"] as JObject, new Dictionary<string, string>()),
        IsImplied: false);
}

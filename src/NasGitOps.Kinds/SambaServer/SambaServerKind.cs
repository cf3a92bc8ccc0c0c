using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Kinds.SmbShare;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.SambaServer;

/// <summary>The host's SMB server: its globals, the include of every share, and the one marked block in smb.conf.</summary>
public sealed class SambaServerKind : IKind
{
    internal const string KindName = "SambaServer";
    internal const string OnlyName = "default";

    internal static ResourceId OnlyId { get; } = new(KindName, OnlyName);

    public string Name => KindName;

    public int Stage => Stages.Servers;

    public bool HoldsData => false;

    public ResourceSpec Parse(string name, JObject spec) => SambaServerSpec.Parse(spec);

    public IEnumerable<Reference> References(Manifest manifest) => [];

    public IEnumerable<ManifestProblem> Check(Manifest manifest, ManifestSet manifests) => SambaServerChecks.Check(manifest);

    /// <summary>Shares without a SambaServer imply one with the hardened defaults; it stands where the first share stands.</summary>
    public IEnumerable<Manifest> Implied(ManifestSet manifests)
    {
        if (manifests.OfSpec<SambaServerSpec>().Any()) yield break;
        if (manifests.OfSpec<SmbShareSpec>().Select(s => s.Manifest).FirstOrDefault() is not { } share) yield break;
        yield return new Manifest(
            OnlyId,
            share.Provenance,
            new Dictionary<string, string>(),
            new Dictionary<string, string>(),
            [],
            Suspend: false,
            DriftMode.Enforce,
            SambaServerSpec.Implied,
            _ => (share.Provenance.Line, share.Provenance.Column));
    }

    public IEnumerable<Probe> Probes(ObservationContext context) => SambaServerDriver.Probes(context);

    public Reading<KindFacts> Observe(ObservationContext context, List<UnmanagedThing> unmanaged) => SambaServerDriver.Observe(context);

    public Assessment Assess(Manifest manifest, PlanInput input) => SambaServerPlanner.Assess(manifest, input);

    public Work Build(Manifest manifest, ChangeAction action, IReadOnlyList<FieldChange> fields, PlanInput input) =>
        SambaServerDriver.Build((SambaServerSpec)manifest.Spec, fields, input);

    public IEnumerable<ResourceId> Owned(PlanInput input) => SambaServerDriver.Owned(input);

    public Absence Absent(ResourceId id, PlanInput input) => SambaServerDriver.Absent(id, input);
}

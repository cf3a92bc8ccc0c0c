using NasGitOps.Core.Importing;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.Group;

/// <summary>Unix groups: made or adopted, never removed.</summary>
public sealed class GroupKind : IKind
{
    public string Name => "Group";

    public int Stage => Stages.Groups;

    public bool HoldsData => false;

    public ResourceSpec Parse(string name, JObject spec) => GroupSpec.Parse(name, spec);

    public IEnumerable<Reference> References(Manifest manifest) => [];

    public IEnumerable<ManifestProblem> Check(Manifest manifest, ManifestSet manifests)
    {
        var spec = (GroupSpec)manifest.Spec;
        foreach (var problem in AccountNames.Problems(manifest, "gid", spec.Gid)) yield return problem;
        var twin = manifests.OfSpec<GroupSpec>().FirstOrDefault(o => o.Spec.Gid == spec.Gid && o.Manifest.Id.CompareTo(manifest.Id) < 0).Manifest;
        if (twin is not null) yield return manifest.Problem("spec.gid", $"{spec.Gid} is also the gid of {twin.Id} ({twin.Provenance})", "give each group a number of its own");
    }

    public IEnumerable<Probe> Probes(ObservationContext context) => [];

    public Reading<KindFacts> Observe(ObservationContext context, List<UnmanagedThing> unmanaged) =>
        AccountsObserver.Failure(context) is { } failure ? Reading<KindFacts>.Unknown(failure) : Reading<KindFacts>.Known(KindFacts.Empty);

    public Assessment Assess(Manifest manifest, PlanInput input) => GroupPlanner.Assess((GroupSpec)manifest.Spec, manifest.Id, input);

    public Work Build(Manifest manifest, ChangeAction action, IReadOnlyList<FieldChange> fields, PlanInput input) => new(GroupDriver.Steps((GroupSpec)manifest.Spec, action));

    /// <summary>Nothing on the host tells whose a group is; the applied records do.</summary>
    public IEnumerable<ResourceId> Owned(PlanInput input) => [];

    public ImportOffer Import(ImportContext context) => AccountImport.Groups(context);

    public Absence Absent(ResourceId id, PlanInput input) =>
        Absence.Orphaned(id, $"group {id.Name} has no manifest any more; it is kept, since files may belong to it. 'nasgitops forget {id}' ends this notice");
}

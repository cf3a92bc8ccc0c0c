using NasGitOps.Core.Importing;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.User;

/// <summary>Unix users with SMB access; made or adopted, never removed.</summary>
public sealed class UserKind : IKind
{
    public string Name => "User";

    public int Stage => Stages.Users;

    public bool HoldsData => false;

    public ResourceSpec Parse(string name, JObject spec) => UserSpec.Parse(name, spec);

    public IEnumerable<Reference> References(Manifest manifest)
    {
        var spec = (UserSpec)manifest.Spec;
        if (spec.PrimaryGroup is { } primary) yield return new Reference(new ResourceId("Group", primary), "spec.primaryGroup", Required: false);
        for (var i = 0; i < spec.Groups.Count; i++) yield return new Reference(new ResourceId("Group", spec.Groups[i]), $"spec.groups[{i}]", Required: false);
    }

    public IEnumerable<ManifestProblem> Check(Manifest manifest, ManifestSet manifests)
    {
        var spec = (UserSpec)manifest.Spec;
        foreach (var problem in AccountNames.Problems(manifest, "uid", spec.Uid)) yield return problem;
        if (spec.PrimaryGroup is { } primary && AccountNames.GroupProblem(manifest, "spec.primaryGroup", primary) is { } refused) yield return refused;
        for (var i = 0; i < spec.Groups.Count; i++)
        {
            if (AccountNames.GroupProblem(manifest, $"spec.groups[{i}]", spec.Groups[i]) is { } problem) yield return problem;
        }

        var twin = manifests.OfSpec<UserSpec>().FirstOrDefault(o => o.Spec.Uid == spec.Uid && o.Manifest.Id.CompareTo(manifest.Id) < 0).Manifest;
        if (twin is not null) yield return manifest.Problem("spec.uid", $"{spec.Uid} is also the uid of {twin.Id} ({twin.Provenance})", "give each user a number of their own");
    }

    public IEnumerable<Probe> Probes(ObservationContext context) => UserDriver.Probes(context);

    public Reading<KindFacts> Observe(ObservationContext context, List<UnmanagedThing> unmanaged) => UserDriver.Observe(context);

    public Assessment Assess(Manifest manifest, PlanInput input) => new UserPlanner((UserSpec)manifest.Spec, manifest.Id, input).Assess();

    public Work Build(Manifest manifest, ChangeAction action, IReadOnlyList<FieldChange> fields, PlanInput input) =>
        new([.. UserDriver.Steps((UserSpec)manifest.Spec, action, fields, input)]);

    /// <summary>Nothing on the host tells whose a user is; the applied records do.</summary>
    public IEnumerable<ResourceId> Owned(PlanInput input) => [];

    public ImportOffer Import(ImportContext context) => AccountImport.Users(context);

    public Absence Absent(ResourceId id, PlanInput input) => UserPlanner.Absent(id, input);
}

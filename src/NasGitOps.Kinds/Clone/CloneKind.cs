using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Storage;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.Clone;

/// <summary>Clones of snapshots: made once, of the snapshot that was meant then, and gone after their time if nobody wrote to them.</summary>
public sealed class CloneKind : IKind
{
    public const string KindName = "Clone";

    private readonly StorageSystem storage;
    private readonly ClonePlanner planner;
    private readonly CloneDriver driver;
    private readonly Quarantine quarantine;

    public CloneKind(StorageSystem storage)
    {
        this.storage = storage;
        planner = new ClonePlanner(storage);
        driver = new CloneDriver(storage);
        quarantine = new Quarantine(storage);
    }

    public string Name => KindName;

    public int Stage => Stages.Clones;

    public bool HoldsData => true;

    public ResourceSpec Parse(string name, JObject spec) => CloneSpec.Parse(name, spec, storage);

    public IEnumerable<Reference> References(Manifest manifest)
    {
        var spec = (CloneSpec)manifest.Spec;
        yield return new Reference(new ResourceId("Dataset", spec.Source), "spec.from.dataset");
        var slash = spec.Name.LastIndexOf('/');
        if (slash > 0) yield return new Reference(new ResourceId("Dataset", spec.Name[..slash]), "metadata.name", Required: false);
    }

    public IEnumerable<ManifestProblem> Check(Manifest manifest, ManifestSet manifests) => CloneChecks.Check(storage, manifest, (CloneSpec)manifest.Spec, manifests);

    public IEnumerable<Probe> Probes(ObservationContext context) => driver.Probes(context);

    public Reading<KindFacts> Observe(ObservationContext context, List<UnmanagedThing> unmanaged) => driver.Observe(context);

    public IEnumerable<Move> Moves(PlanInput input) => quarantine.Returns(input, Name);

    public Assessment Assess(Manifest manifest, PlanInput input) => planner.Assess(manifest, (CloneSpec)manifest.Spec, input);

    public Work Build(Manifest manifest, ChangeAction action, IReadOnlyList<FieldChange> fields, PlanInput input) =>
        new([.. driver.Steps(manifest, (CloneSpec)manifest.Spec, action, fields, input)]);

    public IEnumerable<ResourceId> Owned(PlanInput input) => StorageMarks.Owned(input, Name);

    public Absence Absent(ResourceId id, PlanInput input) => quarantine.Absent(id, input)
        ?? Absence.Orphaned(id, $"clone {id.Name} has no manifest any more; nothing was done to it. Write the manifest again to manage it, or remove it by hand with '{storage.Of(id.Name, input).Hints.Destroy(id.Name)}'");
}

using NasGitOps.Core.Importing;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Storage;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.Dataset;

/// <summary>Datasets: filesystems and volumes below a pool.</summary>
public sealed class DatasetKind : IKind
{
    private readonly StorageSystem storage;
    private readonly DatasetPlanner planner;
    private readonly DatasetDriver driver;
    private readonly Quarantine quarantine;

    public DatasetKind(StorageSystem storage)
    {
        this.storage = storage;
        planner = new DatasetPlanner(storage);
        driver = new DatasetDriver(storage, planner);
        quarantine = new Quarantine(storage);
    }

    public string Name => "Dataset";

    public int Stage => Stages.Datasets;

    public bool HoldsData => true;

    public ResourceSpec Parse(string name, JObject spec) => DatasetSpec.Parse(name, spec);

    public IEnumerable<Reference> References(Manifest manifest)
    {
        var spec = (DatasetSpec)manifest.Spec;
        var parents = DatasetPaths.SelfAndParents(spec.Name).Skip(1).ToList();
        if (parents.Count == 0) yield break;
        yield return new Reference(new ResourceId("Pool", parents[^1]), "metadata.name");
        if (parents.Count > 1) yield return new Reference(new ResourceId(Name, parents[0]), "metadata.name", Required: false);
        foreach (var user in spec.UserNames.Where(IsName).Distinct()) yield return new Reference(new ResourceId("User", user), "spec", Required: false);
        foreach (var group in spec.GroupNames.Where(IsName).Distinct()) yield return new Reference(new ResourceId("Group", group), "spec", Required: false);
    }

    public IEnumerable<ManifestProblem> Check(Manifest manifest, ManifestSet manifests) => DatasetChecks.Check(storage, manifest, (DatasetSpec)manifest.Spec, manifests);

    public IEnumerable<Probe> Probes(ObservationContext context) => [];

    public Reading<KindFacts> Observe(ObservationContext context, List<UnmanagedThing> unmanaged) => Reading<KindFacts>.Known(KindFacts.Empty);

    public IEnumerable<Move> Moves(PlanInput input) => DatasetMoves.Possible(storage, input).Concat(quarantine.Returns(input, Name));

    public Assessment Assess(Manifest manifest, PlanInput input) => planner.Assess(manifest, (DatasetSpec)manifest.Spec, input);

    public Work Build(Manifest manifest, ChangeAction action, IReadOnlyList<FieldChange> fields, PlanInput input) =>
        new([.. driver.Steps(manifest, (DatasetSpec)manifest.Spec, action, fields, input)]);

    public IEnumerable<ResourceId> Owned(PlanInput input) => StorageMarks.Owned(input, Name);

    public ImportOffer Import(ImportContext context) => DatasetImport.Of(storage, context);

    public Absence Absent(ResourceId id, PlanInput input) => quarantine.Absent(id, input)
        ?? Absence.Orphaned(id, $"dataset {id.Name} has no manifest any more; nothing was done to it. Write the manifest again to manage it, or remove it by hand");

    private static bool IsName(string nameOrId) => !nameOrId.All(char.IsAsciiDigit) && nameOrId != "root";
}

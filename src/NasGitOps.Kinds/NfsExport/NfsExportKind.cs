using NasGitOps.Core.Importing;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.NfsExport;

/// <summary>Exports of the kernel's NFS server, one file each.</summary>
public sealed class NfsExportKind : IKind
{
    public const string KindName = "NfsExport";

    public string Name => KindName;

    public int Stage => Stages.Shares;

    public bool HoldsData => false;

    public bool EndsWithItsDataset => true;

    public ResourceSpec Parse(string name, JObject spec) => NfsExportSpec.Parse(spec);

    /// <summary>A place given by <c>path</c> has its dataset found among the manifests; the change names it then.</summary>
    public IEnumerable<Reference> References(Manifest manifest) =>
        ((NfsExportSpec)manifest.Spec).Dataset is { } dataset ? [new Reference(new ResourceId("Dataset", dataset), "spec.dataset")] : [];

    public IEnumerable<ManifestProblem> Check(Manifest manifest, ManifestSet manifests) => NfsExportChecks.Check(manifest, (NfsExportSpec)manifest.Spec, manifests);

    public IEnumerable<Probe> Probes(ObservationContext context) => NfsExportDriver.Probes(context);

    public Reading<KindFacts> Observe(ObservationContext context, List<UnmanagedThing> unmanaged) => NfsExportDriver.Observe(context, unmanaged);

    public Assessment Assess(Manifest manifest, PlanInput input) => NfsExportPlanner.Assess(manifest, (NfsExportSpec)manifest.Spec, input);

    public Work Build(Manifest manifest, ChangeAction action, IReadOnlyList<FieldChange> fields, PlanInput input) =>
        NfsExportDriver.Build(manifest, (NfsExportSpec)manifest.Spec, action, fields, input);

    public IEnumerable<ResourceId> Owned(PlanInput input) => input.Observed.Facts(Name).Value is { } facts ? ExportFacts.Of(facts).Ours.Values.Select(f => f.Resource) : [];

    public ImportOffer Import(ImportContext context) => NfsExportImport.Of(context);

    public Absence Absent(ResourceId id, PlanInput input) => NfsExportPlanner.Absent(id, input);
}

using NasGitOps.Core.Importing;
using NasGitOps.Core.Jobs;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Storage;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.SmbShare;

/// <summary>A share over SMB: one file of ours, one section.</summary>
public sealed class SmbShareKind(StorageSystem storage) : IKind
{
    internal const string KindName = "SmbShare";

    public string Name => KindName;

    public int Stage => Stages.Shares;

    public bool HoldsData => false;

    public bool EndsWithItsDataset => true;

    public ResourceSpec Parse(string name, JObject spec) => SmbShareSpec.Parse(spec);

    public IEnumerable<Reference> References(Manifest manifest)
    {
        var spec = (SmbShareSpec)manifest.Spec;
        yield return new Reference(SmbShareChecks.DatasetId(spec.Dataset), "spec.dataset");
        yield return new Reference(new ResourceId(SambaServer.SambaServerKind.KindName, SambaServer.SambaServerKind.OnlyName), "spec", Required: false);
        foreach (var (name, field) in SmbShareChecks.AccountFields(spec))
        {
            yield return new Reference(SmbShareChecks.AccountId(name), field, Required: false);
        }
    }

    public IEnumerable<ManifestProblem> Check(Manifest manifest, ManifestSet manifests) => SmbShareChecks.Check(manifest, manifests);

    public IEnumerable<Probe> Probes(ObservationContext context) => SmbShareDriver.Probes(context);

    public Reading<KindFacts> Observe(ObservationContext context, List<UnmanagedThing> unmanaged) => SmbShareDriver.Observe(context, unmanaged);

    public Assessment Assess(Manifest manifest, PlanInput input) => SmbSharePlanner.Assess(manifest, input, storage);

    public Work Build(Manifest manifest, ChangeAction action, IReadOnlyList<FieldChange> fields, PlanInput input) =>
        SmbShareDriver.Build(manifest, fields, input, storage);

    public IEnumerable<RecurringJob> Jobs(Applied record) => ShareExtras.Jobs(record);

    public IReadOnlyList<Step> JobSteps(RecurringJob job, ManifestSet manifests) => ShareExtras.Purge(job.Resource, manifests);

    public IEnumerable<ResourceId> Owned(PlanInput input) => SmbShareDriver.Owned(input);

    public ImportOffer Import(ImportContext context) => SmbShareImport.Of(context);

    public Absence Absent(ResourceId id, PlanInput input) => SmbShareDriver.Absent(id, input);
}

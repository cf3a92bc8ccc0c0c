using NasGitOps.Core.Importing;
using NasGitOps.Core.Jobs;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Storage;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.Pool;

/// <summary>Pools: made, imported, adopted and grown; never destroyed.</summary>
public sealed class PoolKind(StorageSystem storage) : IKind
{
    private readonly PoolPlanner planner = new(storage);
    private readonly PoolDriver driver = new(storage);

    public string Name => "Pool";

    public int Stage => Stages.Pools;

    public bool HoldsData => true;

    public ResourceSpec Parse(string name, JObject spec) => PoolSpec.Parse(name, spec);

    public IEnumerable<Reference> References(Manifest manifest) => [];

    public IEnumerable<ManifestProblem> Check(Manifest manifest, ManifestSet manifests) => PoolChecks.Check(storage, manifest, (PoolSpec)manifest.Spec, manifests);

    public IEnumerable<Probe> Probes(ObservationContext context) => [];

    public Reading<KindFacts> Observe(ObservationContext context, List<UnmanagedThing> unmanaged) => Reading<KindFacts>.Known(KindFacts.Empty);

    public Assessment Assess(Manifest manifest, PlanInput input) => planner.Assess(manifest, (PoolSpec)manifest.Spec, input);

    public Work Build(Manifest manifest, ChangeAction action, IReadOnlyList<FieldChange> fields, PlanInput input) =>
        new(driver.Steps(manifest, (PoolSpec)manifest.Spec, action, fields, input));

    public IEnumerable<RecurringJob> Jobs(Applied record) => PoolJobs.Of(record);

    public IReadOnlyList<Step> JobSteps(RecurringJob job, ManifestSet manifests)
    {
        var backend = storage.Of(job.Resource.Name, manifests);
        return [job.Task == JobTasks.Scrub ? backend.Scrub(job.Resource.Name) : backend.Trim(job.Resource.Name)];
    }

    public IEnumerable<ResourceId> Owned(PlanInput input) => StorageMarks.Owned(input, Name);

    public ImportOffer Import(ImportContext context) => PoolImport.Of(storage, context);

    public Absence Absent(ResourceId id, PlanInput input) =>
        input.Observed.Pool(id.Name).State == ReadingState.Absent
            ? Absence.Nothing
            : Absence.Orphaned(id, $"pool {id.Name} has no manifest any more; pools are never destroyed, and nothing was done to it");

    /// <summary>Link path to device, for comparing disks.</summary>
    internal static Dictionary<string, string> Links(PlanInput input) =>
        input.Observed.Facts("Pool").Value?.Table(StorageFacts.Links).ToDictionary(l => l.Key, l => l.Value.GetValueOrDefault("target", "")) ?? [];

    /// <summary>Canonical wanted properties of the root dataset, the mount point among them.</summary>
    internal static Dictionary<string, string> WantedProperties(IStorageBackend backend, PoolSpec spec)
    {
        var wanted = spec.Properties.ToDictionary(p => p.Key, p => backend.DatasetProperty(p.Key)?.Canonical(p.Value) ?? p.Value);
        if (spec.Mountpoint is not null) wanted["mountpoint"] = spec.Mountpoint;
        return wanted;
    }
}

using NasGitOps.Core.Importing;
using NasGitOps.Core.Jobs;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Storage;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.SnapshotSchedule;

/// <summary>When snapshots are taken and which of them stay. Its jobs follow the applied record.</summary>
public sealed class SnapshotScheduleKind(StorageSystem storage) : IKind
{
    public const string KindName = "SnapshotSchedule";

    /// <summary>What does this work on many hosts before us; a file, no process.</summary>
    private static readonly FileProbe Sanoid = new("sanoid.conf", SanoidConf.Path);

    public string Name => KindName;

    public int Stage => Stages.Schedules;

    public bool HoldsData => false;

    public ResourceSpec Parse(string name, JObject spec) => SnapshotScheduleSpec.Parse(name, spec);

    public IEnumerable<Reference> References(Manifest manifest)
    {
        var spec = (SnapshotScheduleSpec)manifest.Spec;
        for (var i = 0; i < spec.Datasets.Count; i++) yield return new Reference(new ResourceId("Dataset", spec.Datasets[i]), $"spec.datasets[{i}]");
    }

    public IEnumerable<ManifestProblem> Check(Manifest manifest, ManifestSet manifests) => SnapshotScheduleChecks.Check(manifest, (SnapshotScheduleSpec)manifest.Spec, manifests, storage);

    public IEnumerable<Probe> Probes(ObservationContext context) => [Sanoid];

    public Reading<KindFacts> Observe(ObservationContext context, List<UnmanagedThing> unmanaged) =>
        Reading<KindFacts>.Known(context.Answers.Find<FilesAnswer>(Sanoid.Key)?.Files.GetValueOrDefault(SanoidConf.Path) is { } text
            ? new KindFacts(new Dictionary<string, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> { [SnapshotScheduleImport.Table] = SanoidConf.Parse(text) })
            : KindFacts.Empty);

    public Assessment Assess(Manifest manifest, PlanInput input) => SnapshotSchedulePlanner.Assess(manifest, (SnapshotScheduleSpec)manifest.Spec, input);

    /// <summary>Applying it is recording it.</summary>
    public Work Build(Manifest manifest, ChangeAction action, IReadOnlyList<FieldChange> fields, PlanInput input) => new([]);

    public IEnumerable<RecurringJob> Jobs(Applied record) =>
        SnapshotScheduleSpec.FromFields(record.Id.Name, record.Fields) is { } spec ? [new RecurringJob(record.Id, JobTasks.Snapshot, spec.Schedule)] : [];

    public IEnumerable<ResourceId> Owned(PlanInput input) => [];

    public ImportOffer Import(ImportContext context) => SnapshotScheduleImport.Of(context);

    public Absence Absent(ResourceId id, PlanInput input) => SnapshotSchedulePlanner.Absent(id, input);
}

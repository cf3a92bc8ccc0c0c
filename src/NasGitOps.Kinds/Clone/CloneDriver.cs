using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Clone;

/// <summary>What to ask about the sources of clones that are not made yet, and the steps that make and change one.</summary>
internal sealed class CloneDriver(StorageSystem storage)
{
    public IEnumerable<Probe> Probes(ObservationContext context) => Sources(context).SelectMany(s => Snapshots(s, context).Probes);

    public Reading<KindFacts> Observe(ObservationContext context)
    {
        var snapshots = new Dictionary<string, IReadOnlyDictionary<string, string>>();
        var unreadable = new Dictionary<string, IReadOnlyDictionary<string, string>>();
        foreach (var source in Sources(context))
        {
            var reading = Snapshots(source, context).Read(context.Answers);
            if (!reading.IsKnown(out var listed))
            {
                unreadable[source] = new Dictionary<string, string> { [CloneSource.Reason] = reading.Reason ?? "" };
                continue;
            }

            foreach (var (snapshot, time) in listed)
            {
                snapshots[snapshot.FullName] = new Dictionary<string, string> { [CloneSource.Time] = CloneSpec.Time(time) };
            }
        }

        return Reading<KindFacts>.Known(new KindFacts(new Dictionary<string, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>>
        {
            [CloneSource.Table] = snapshots,
            [CloneSource.Unreadable] = unreadable,
        }));
    }

    private Question<IReadOnlyList<DatedState>> Snapshots(string source, ObservationContext context) => storage.Of(source, context.Manifests).Snapshots.ListOf(source);

    public IEnumerable<Step> Steps(Manifest manifest, CloneSpec spec, ChangeAction action, IReadOnlyList<FieldChange> fields, PlanInput input)
    {
        var backend = storage.Of(spec.Name, input);
        var wanted = ClonePlanner.Wanted(backend, spec, input);
        if (action == ChangeAction.Create)
        {
            var source = CloneSource.Find(spec, input).Snapshot ?? throw new InvalidOperationException($"{manifest.Id} was assessed as blocked: it has no snapshot");
            return backend.CloneSnapshot(new NewClone(spec.Name, source, wanted, manifest.Id.ToString(), DatasetPaths.Mountpoint(spec.Name, input.Desired.Manifests, input.Observed)));
        }

        if (input.Observed.Dataset(spec.Name).Value is not { } state) return [];
        return
        [
            .. backend.ChangeDataset(DatasetFields.Change(backend, state, manifest.Id.ToString(), "retain", fields, input)),
            .. DatasetFields.Mounting(backend, spec.Name, fields, wanted, state, input),
        ];
    }

    /// <summary>Datasets of which a clone is wanted that was not made yet: what was resolved once is not asked again.</summary>
    private static IEnumerable<string> Sources(ObservationContext context) => context.Manifests.OfSpec<CloneSpec>()
        .Where(c => !context.Owned.Contains(c.Manifest.Id))
        .Select(c => c.Spec.Source)
        .Distinct();
}

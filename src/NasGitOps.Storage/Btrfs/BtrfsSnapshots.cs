using NasGitOps.Core.Observation;
using NasGitOps.Core.Snapshots;
using NasGitOps.Core.Steps;

namespace NasGitOps.Storage.Btrfs;

/// <summary>Read-only snapshots, each taken by one command; the schedule that makes one is written down first, beside it.</summary>
internal sealed class BtrfsSnapshots : ISnapshotStore
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public Question<IReadOnlyList<SnapshotTarget>> Datasets(string pool)
    {
        var list = BtrfsPoolReader.List(pool);
        return new([list], answers => answers.Output(list).Select<IReadOnlyList<SnapshotTarget>>(text =>
        {
            var subvolumes = BtrfsOutput.Subvolumes(text);
            var snapshots = subvolumes.Where(s => BtrfsLayout.SnapshotAt(pool, s.Path) is not null).Select(s => s.Uuid).ToHashSet();
            return
            [
                .. subvolumes.Select(s => (s.Parent, Dataset: BtrfsLayout.DatasetAt(pool, s.Path))).Where(s => s.Dataset is not null)
                    .Select(s => new SnapshotTarget(s.Dataset!, IsVolume: false, IsClone: snapshots.Contains(s.Parent)))
                    .OrderBy(t => t.Dataset, StringComparer.Ordinal),
            ];
        }));
    }

    public Question<IReadOnlyList<SnapshotState>> List(string dataset)
    {
        var pool = BtrfsLayout.PoolOf(dataset);
        var list = BtrfsPoolReader.List(pool);
        return new([list], answers => answers.Output(list).Select<IReadOnlyList<SnapshotState>>(text =>
            [.. BtrfsOutput.Subvolumes(text).Select(s => State(pool, s)).OfType<SnapshotState>().Where(s => s.Dataset == dataset || Core.Planning.DatasetPaths.IsBelow(s.Dataset, dataset))]));
    }

    public Question<IReadOnlyList<DatedState>> ListOf(string dataset)
    {
        var pool = BtrfsLayout.PoolOf(dataset);
        var list = BtrfsPoolReader.Times(pool);
        return new([list], answers => answers.Output(list).Select<IReadOnlyList<DatedState>>(text =>
            [.. BtrfsOutput.Subvolumes(text).Select(s => (State: State(pool, s), s.Time)).Where(s => s.State?.Dataset == dataset && s.Time is not null).Select(s => new DatedState(s.State!, s.Time!.Value))]));
    }

    public Question<IReadOnlyDictionary<string, SnapshotDetails>> Details(IReadOnlyList<SnapshotState> snapshots)
    {
        var pool = BtrfsLayout.PoolOf(snapshots[0].Dataset);
        var list = BtrfsPoolReader.List(pool);
        var attributes = new AttributesProbe("snapshots.attributes", [.. snapshots.Select(s => BtrfsLayout.SnapshotsOf(s.Dataset)).Distinct()], [BtrfsMark.Prefix]);
        return new([list, attributes], answers =>
        {
            if (answers.Find<AttributesAnswer>(attributes.Key) is not { Failure: null } marks) return Reading<IReadOnlyDictionary<string, SnapshotDetails>>.Unknown($"the marks of snapshots on pool {pool} cannot be read: {answers.Find<Answer>(attributes.Key)?.Failure}");
            var wanted = snapshots.Select(s => s.FullName).ToHashSet(StringComparer.Ordinal);
            return answers.Output(list).Select(text => Read(pool, BtrfsOutput.Subvolumes(text), wanted, marks.Paths));
        });
    }

    public IReadOnlyList<Step> Take(IReadOnlyList<string> datasets, string name, string schedule) =>
    [
        .. datasets.SelectMany(d => new Step[]
        {
            new SetAttributes(BtrfsLayout.SnapshotsOf(d), new Dictionary<string, string> { [BtrfsMark.OfSnapshot(name)] = schedule }, []),
            new Run(new Command("btrfs", ["subvolume", "snapshot", "-r", BtrfsLayout.SubvolumeOf(d), $"{BtrfsLayout.SnapshotsOf(d)}/{name}"], Limit)),
        }),
    ];

    public IReadOnlyList<Step> Destroy(string dataset, IReadOnlyList<string> names) =>
    [
        new Run(new Command("btrfs", ["subvolume", "delete", "-c", .. names.Select(n => $"{BtrfsLayout.SnapshotsOf(dataset)}/{n}")], Limit)) { Tolerates = "No such file or directory" },
        new SetAttributes(BtrfsLayout.SnapshotsOf(dataset), new Dictionary<string, string>(), [.. names.Select(BtrfsMark.OfSnapshot)]),
        BtrfsDatasets.ForgetStaleGroups(dataset),
    ];

    private static IReadOnlyDictionary<string, SnapshotDetails> Read(string pool, IReadOnlyList<BtrfsSubvolume> subvolumes, HashSet<string> wanted, IReadOnlyDictionary<string, PathAttributes> marks)
    {
        var children = subvolumes.Where(s => BtrfsLayout.DatasetAt(pool, s.Path) is not null).ToLookup(s => s.Parent, s => BtrfsLayout.DatasetAt(pool, s.Path)!);
        return subvolumes.Select(s => (s.Uuid, State: State(pool, s))).Where(s => s.State is not null && wanted.Contains(s.State.FullName)).ToDictionary(
            s => s.State!.FullName,
            s => new SnapshotDetails(
                s.State!.Guid, marks.GetValueOrDefault(BtrfsLayout.SnapshotsOf(s.State.Dataset))?.Values.GetValueOrDefault(BtrfsMark.OfSnapshot(s.State.Name)), 0, [.. children[s.Uuid].Order(StringComparer.Ordinal)]));
    }

    private static SnapshotState? State(string pool, BtrfsSubvolume subvolume) =>
        BtrfsLayout.SnapshotAt(pool, subvolume.Path) is var (dataset, name) ? new SnapshotState(dataset, name, subvolume.Uuid, subvolume.Created) : null;
}

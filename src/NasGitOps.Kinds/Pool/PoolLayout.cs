using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Pool;

/// <summary>What differs between the vdevs that a manifest names and those that a pool has, and what that would cost.</summary>
internal sealed record PoolLayout(IReadOnlyList<Field> Fields, AtStake AtStake)
{
    public const string GrowthPrefix = "size of ";
    private const string Prefix = "vdevs[";

    /// <summary>What a file system leaves unused at a device's end.</summary>
    private const ulong Slack = 16UL << 20;

    /// <summary>Of a pool that is to be made: every vdev is new.</summary>
    public static IEnumerable<Field> Wanted(PoolSpec spec) => spec.Vdevs.Select((v, i) => new Field($"{Prefix}{i}]", PoolTopology.Describe(v), null, Equal: false));

    public static PoolLayout Compare(ResourceId id, PoolSpec spec, PoolState state, IStorageBackend backend, PlanInput input)
    {
        var disks = PoolDisks.Of(input);
        var context = new LayoutContext(input.Observed.ToolVersions.GetValueOrDefault(backend.Name, ""), disks.Bytes);
        var (fields, hit) = (new List<Field>(), new List<string>());
        foreach (var difference in Differences(spec, state, backend, input))
        {
            var verdicts = difference.Moves.Select(m => backend.Judge(state, m, context)).ToList();
            var carrying = difference.Moves.SelectMany(m => m.Taken).Select(disks.Carrying).OfType<string>().ToList();
            var blocker = difference.Blocker ?? verdicts.Select(v => v.Blocker).FirstOrDefault(b => b is not null) ?? Uncommitted(spec, difference, input.Record(id), PoolKind.Links(input)) ?? disks.Problem(spec, difference.Moves.SelectMany(m => m.Taken));
            hit.AddRange(carrying);
            hit.AddRange(difference.Moves.Where((_, i) => verdicts[i].NeedsApproval).SelectMany(m => m.Left).Select(d => $"{d.Path} (guid {d.Guid})"));
            fields.Add(new Field(
                difference.Name, difference.Wanted, difference.Actual, difference.IsNone, Risk: difference.IsNone ? Risk.Safe : carrying.Count > 0 ? Risk.Destructive : Risk.Disruptive,
                Note: verdicts.Count == 0 ? null : string.Join("; ", verdicts.Select(v => v.Note).OfType<string>().Distinct()), Blocker: blocker, FromCommit: difference.Wanted is null)
            {
                NeedsApproval = verdicts.Exists(v => v.NeedsApproval) || carrying.Count > 0,
                Mends = difference.Moves.Count > 0 && difference.Moves.All(m => m is ReplaceDisk or AttachDisk),
            });
        }

        return new PoolLayout([.. fields, .. Growth(spec, state)], hit.Count == 0 ? AtStake.Nothing : new AtStake(hit, 0, 0, []));
    }

    /// <summary>The moves behind the fields of a change: redundancy is made before any is taken.</summary>
    public static IEnumerable<LayoutMove> Moves(PoolSpec spec, PoolState state, IReadOnlySet<string> fields, IStorageBackend backend, PlanInput input) =>
        Differences(spec, state, backend, input).Where(d => fields.Contains(d.Name)).SelectMany(d => d.Moves).OrderBy(m => m is DetachDisk or RemoveVdev);

    /// <summary>Disks that have grown, among the fields of a change.</summary>
    public static IEnumerable<LeafState> Grown(PoolState state, IReadOnlySet<string> fields) => state.Vdevs.SelectMany(v => v.Disks).Where(d => fields.Contains(GrowthPrefix + d.Path));

    private static IReadOnlyList<VdevDifference> Differences(PoolSpec spec, PoolState state, IStorageBackend backend, PlanInput input) =>
        spec.Vdevs.Count == 0 ? [] : PoolTopology.Compare(spec, state, PoolKind.Links(input), backend.Hints);

    /// <summary>Disks that have grown, where the manifest wants the pool to grow with them.</summary>
    private static IEnumerable<Field> Growth(PoolSpec spec, PoolState state)
    {
        if (spec.Options.GetValueOrDefault("autoexpand") != "on") yield break;
        foreach (var disk in state.Vdevs.SelectMany(v => v.Disks).Where(d => d.Bytes > 0 && d.DiskBytes > d.Bytes + Slack))
        {
            yield return new Field(GrowthPrefix + disk.Path, $"{disk.DiskBytes}", $"{disk.Bytes}", Equal: false, FromCommit: true, Note: "the disk has grown");
        }
    }

    /// <summary>A person who changed a pool by hand, at night with a disk in hand, is not corrected: only what a commit changed in the manifest is done.</summary>
    private static Blocker? Uncommitted(PoolSpec spec, VdevDifference difference, Applied? record, IReadOnlyDictionary<string, string> links)
    {
        var applied = record?.Fields.Where(f => f.Key.StartsWith(Prefix, StringComparison.Ordinal)).SelectMany(f => f.Value.Split(' ')).Where(w => w.StartsWith('/')).Select(d => DeviceNames.Canonical(d, links)).ToHashSet();
        if (difference.Moves.All(m => m is AddVdev || (applied is not null && (m.Taken.Count > 0 ? !m.Taken.Any(d => applied.Contains(DeviceNames.Canonical(d, links))) : m.Left.All(l => applied.Contains(l.Device)))))) return null;
        return new Blocker(
            "LayoutDiffers", difference.Wanted is null
                ? $"pool {spec.Name} has {difference.Actual}, which no manifest named so far"
                : $"pool {spec.Name} has {difference.Actual} where the manifest says {difference.Wanted}, and it is no commit that changed this",
            "write the pool's present layout in the manifest; what a later commit changes in it is done");
    }
}

using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Pool;

/// <summary>One vdev, wanted or there: how it differs, and the moves that make it as wanted.</summary>
/// <param name="Name">The manifest's field, or for a vdev that no manifest names the pool's own name of it in brackets.</param>
/// <param name="Wanted">Null for one that no manifest names.</param>
/// <param name="Actual">Null for one that is not there.</param>
/// <param name="Blocker">Why no move leads there.</param>
internal sealed record VdevDifference(string Name, string? Wanted, string? Actual, IReadOnlyList<LayoutMove> Moves, Blocker? Blocker)
{
    public bool IsNone => Moves.Count == 0 && Blocker is null;
}

/// <summary>Finds the vdevs of a manifest in a pool, and the moves from one layout to the other. Disks are the same when they are the same device, whatever path names them.</summary>
internal sealed class PoolTopology
{
    private readonly PoolSpec spec;
    private readonly PoolState pool;
    private readonly IReadOnlyDictionary<string, string> links;
    private readonly IStorageHints hints;
    private readonly VdevState?[] matches;
    private readonly List<VdevState> unnamed;

    private PoolTopology(PoolSpec spec, PoolState pool, IReadOnlyDictionary<string, string> links, IStorageHints hints)
    {
        (this.spec, this.pool, this.links, this.hints) = (spec, pool, links, hints);
        matches = new VdevState?[spec.Vdevs.Count];
        unnamed = [.. pool.Vdevs];
        MatchByDisks();
        MatchByShape();
    }

    public static IReadOnlyList<VdevDifference> Compare(PoolSpec spec, PoolState pool, IReadOnlyDictionary<string, string> links, IStorageHints hints)
    {
        var topology = new PoolTopology(spec, pool, links, hints);
        return
        [
            .. spec.Vdevs.Select((wanted, index) => topology.Declared(index, wanted)),
            .. topology.unnamed.Where(v => !topology.IsPromoted(v)).Select(v => new VdevDifference($"vdevs[{v.Name}]", null, Describe(v), [new RemoveVdev(v)], null)),
        ];
    }

    public static string Describe(VdevLayout vdev) => Describe(vdev.Type, vdev.Class, vdev.Disks);

    private static string Describe(VdevState vdev) => Describe(vdev.Type, vdev.Class, [.. vdev.Disks.Select(d => d.Path)]);

    private static string Describe(string type, string deviceClass, IReadOnlyList<string> disks) =>
        (deviceClass == "data" ? "" : deviceClass + " ") + type + " " + string.Join(' ', disks);

    /// <summary>Each wanted vdev is the one that has most of its disks.</summary>
    private void MatchByDisks()
    {
        for (var index = 0; index < matches.Length; index++)
        {
            var wanted = spec.Vdevs[index];
            var alike = unnamed.Where(v => v.Class == wanted.Class).ToList();
            Match(index, alike.Where(v => Common(wanted, v) > 0).MaxBy(v => Common(wanted, v)) ?? alike.Find(v => wanted.Disks.Any(d => v.Disks.Any(l => IsSame(l, d)))));
        }
    }

    /// <summary>A spare is in another vdev for a time only, and says nothing of where that belongs.</summary>
    private int Common(VdevLayout wanted, VdevState vdev) => wanted.Disks.Count(d => vdev.Disks.Any(l => IsSame(l, d) && !IsStandIn(vdev, l)));

    /// <summary>Where all disks of a vdev are exchanged at once, the only one left of its kind is meant; single disks are taken in order.</summary>
    private void MatchByShape()
    {
        foreach (var group in Enumerable.Range(0, matches.Length).Where(i => matches[i] is null && spec.Vdevs[i].Class is not ("spare" or "cache")).GroupBy(i => (spec.Vdevs[i].Class, spec.Vdevs[i].Type, spec.Vdevs[i].Disks.Count)).ToList())
        {
            var alike = unnamed.Where(v => (v.Class, v.Type, v.Places.Count) == group.Key).ToList();
            var open = group.Where(i => !spec.Vdevs[i].Disks.Any(d => Holder(d) is not null)).ToList();
            if (group.Key.Type != "stripe" && (alike.Count != 1 || open.Count != 1)) continue;
            foreach (var (index, vdev) in open.Zip(alike)) Match(index, vdev);
        }
    }

    private void Match(int index, VdevState? vdev)
    {
        if (vdev is not null && unnamed.Remove(vdev)) matches[index] = vdev;
    }

    private VdevDifference Declared(int index, VdevLayout wanted)
    {
        var (name, text) = ($"vdevs[{index}]", Describe(wanted));
        if (matches[index] is { } match) return Matched(name, text, wanted, match);
        var taken = wanted.Disks.Select(d => (Disk: d, In: Holder(d))).FirstOrDefault(d => d.In is not null);
        return new VdevDifference(name, text, null, taken.In is null ? [new AddVdev(wanted)] : [], taken.In is null ? null : Elsewhere(text, taken.Disk, taken.In));
    }

    private VdevDifference Matched(string name, string text, VdevLayout wanted, VdevState vdev)
    {
        if (Conversion(wanted, vdev) is { } fixedType) return Blocked(fixedType);
        var missing = wanted.Disks.Where(d => !vdev.Disks.Any(l => IsSame(l, d))).ToList();
        if (missing.Select(d => (Disk: d, In: Holder(d))).FirstOrDefault(d => d.In is not null) is { In: { } holder } taken) return Blocked(Elsewhere(text, taken.Disk, holder));

        var moves = new List<LayoutMove>();
        var open = new List<LeafState>();
        foreach (var place in vdev.Places)
        {
            var members = place.Where(l => !IsStandIn(vdev, l)).ToList();
            if (members.Count == 0 || IsWanted(members[^1])) continue;
            if (members.Count > 1) return Blocked(Replacing(members));
            if (place.FirstOrDefault(l => l != members[0] && IsWanted(l)) is { } spare) moves.Add(new DetachDisk(vdev, members[0], wanted.Disks.Count) { Spare = spare });
            else open.Add(members[0]);
        }

        var exchanged = Math.Min(open.Count, missing.Count);
        moves.AddRange(open.Zip(missing, (old, disk) => new ReplaceDisk(vdev, old, disk)));
        moves.AddRange(missing.Skip(exchanged).Select(d => new AttachDisk(vdev, d)));
        // ZFS widens one raidz at a time: the next disk follows when this one is in.
        if (vdev.Type.StartsWith("raidz", StringComparison.Ordinal) && moves.FindIndex(m => m is AttachDisk) is >= 0 and var first) moves = [.. moves.Where((m, i) => m is not AttachDisk || i == first)];
        moves.AddRange(open.Skip(exchanged).Select(old => new DetachDisk(vdev, old, wanted.Disks.Count)));
        return new VdevDifference(name, text, moves.Count == 0 ? text : Describe(vdev), moves, null);

        bool IsWanted(LeafState leaf) => wanted.Disks.Any(d => IsSame(leaf, d));

        VdevDifference Blocked(Blocker why) => new(name, text, Describe(vdev), [], why);
    }

    /// <summary>Single disks become mirrors and mirrors single disks; no other type becomes another.</summary>
    private Blocker? Conversion(VdevLayout wanted, VdevState vdev)
    {
        if (wanted.Type == vdev.Type || (wanted.Type, vdev.Type) is ("mirror", "stripe") or ("stripe", "mirror")) return null;
        var (reason, why) = IsRaidz(wanted.Type) && IsRaidz(vdev.Type)
            ? ("RaidzLevel", "the parity of a raidz is fixed when it is made")
            : ("RaidzConversion", "ZFS turns no other vdev into a raidz, and no raidz into another");
        return new Blocker(
            reason, $"{Describe(vdev)} of pool {pool.Name} would have to become {Describe(wanted)}: {why}",
            $"write {vdev.Type} in the manifest; to have {wanted.Type}, make a new pool on other disks and copy the data ('zfs send -R')");
    }

    private Blocker Elsewhere(string text, string disk, VdevState holder) => holder.Type == "mirror" && spec.Vdevs.Count(v => v.Type == "stripe" && v.Disks.Any(d => holder.Disks.Any(l => IsSame(l, d)))) > 1
        ? new Blocker(
            "MirrorSplit", $"disks of {Describe(holder)} in pool {pool.Name} are to be single disks, each with half of the data",
            $"write the mirror in the manifest; or take {disk} out of the mirror in one commit, wipe it, and add it in a later one")
        : new Blocker(
            "DiskElsewhere", $"{disk} is wanted in {text}, and is in {Describe(holder)} of pool {pool.Name}",
            "a disk serves one vdev: take it out there in one commit, wipe it when it is out, and name it here in a later one");

    private Blocker Replacing(IReadOnlyList<LeafState> members) => new(
        "ReplacementRunning", $"in pool {pool.Name} {members[0].Path} is being replaced by {members[^1].Path}, and the manifest does not name {members[^1].Path}",
        $"write {members[^1].Path} in the manifest; or stop it with '{hints.StopReplacing(pool.Name, members[^1].Guid ?? members[^1].Path)}'");

    /// <summary>The vdev that has a disk already.</summary>
    private VdevState? Holder(string disk) => pool.Vdevs.FirstOrDefault(v => v.Disks.Any(l => IsSame(l, disk)) && !IsPromoted(v));

    /// <summary>Whether a disk is one of the pool's spares at work in another vdev.</summary>
    private bool IsStandIn(VdevState vdev, LeafState leaf) => vdev.Class != "spare" && leaf.Place is not null && pool.Vdevs.Any(v => v.Class == "spare" && v.Disks[0].Path == leaf.Path);

    /// <summary>A spare that the manifest names in the place of another disk stops being a spare by that.</summary>
    private bool IsPromoted(VdevState vdev) => vdev.Class == "spare" && vdev.Disks[0].Health == "INUSE" && spec.Vdevs.Any(v => v.Class != "spare" && v.Disks.Any(d => IsSame(vdev.Disks[0], d)));

    private bool IsSame(LeafState leaf, string disk) => leaf.Path == disk || leaf.Device == DeviceNames.Canonical(disk, links);

    private static bool IsRaidz(string type) => type.StartsWith("raidz", StringComparison.Ordinal);
}

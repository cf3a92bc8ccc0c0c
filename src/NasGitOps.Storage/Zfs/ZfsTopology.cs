using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;

namespace NasGitOps.Storage.Zfs;

/// <summary>What <c>zpool</c> does to a pool's layout, and what it cannot do. Source: zpoolconcepts(7), zpool_vdev.c, and what was seen on OpenZFS 2.3.</summary>
internal static class ZfsTopology
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);
    private static readonly Version RaidzExpansion = new(2, 3);

    /// <summary>What a whole disk loses to labels and to the partition table that <c>zpool</c> writes.</summary>
    private const ulong Overhead = 16UL << 20;

    /// <param name="force">Whether disks that carry something are taken; only after an approval that named them.</param>
    public static IReadOnlyList<Step> Steps(PoolState pool, LayoutMove move, bool force)
    {
        string[] flags = force ? ["-f"] : [];
        string[] arguments = move switch
        {
            AddVdev add => ["add", .. flags, pool.Name, .. VdevArguments(add.Vdev)],
            AttachDisk attach => ["attach", .. flags, pool.Name, IsRaidz(attach.To.Type) ? attach.To.Name : Beside(attach.To), attach.Disk],
            ReplaceDisk replace => ["replace", .. flags, pool.Name, NameOf(replace.Old), replace.Disk],
            DetachDisk detach => ["detach", pool.Name, NameOf(detach.Disk)],
            RemoveVdev remove => ["remove", pool.Name, remove.Vdev.Type == "stripe" ? NameOf(remove.Vdev.Disks[0]) : remove.Vdev.Name],
            _ => throw new InvalidOperationException($"no way to {move}"),
        };
        return [new Run(new Command("zpool", arguments, Timeout))];
    }

    public static LayoutVerdict Judge(PoolState pool, LayoutMove move, LayoutContext context) => move switch
    {
        AddVdev add => Add(pool, add.Vdev),
        AttachDisk attach => Attach(pool, attach, context),
        ReplaceDisk replace => Replace(replace, context),
        DetachDisk detach => Detach(pool, detach),
        RemoveVdev remove => Remove(pool, remove.Vdev),
        _ => throw new InvalidOperationException($"no opinion on {move}"),
    };

    public static IEnumerable<string> VdevArguments(VdevLayout vdev)
    {
        if (vdev.Class != "data") yield return vdev.Class;
        if (vdev.Type != "stripe") yield return vdev.Type;
        foreach (var disk in vdev.Disks) yield return disk;
    }

    private static LayoutVerdict Add(PoolState pool, VdevLayout vdev)
    {
        if (vdev.Class is "cache" or "spare") return new LayoutVerdict(null, "new in the pool; it can be taken out again");
        var others = pool.Vdevs.Where(v => v.Class is "data" or "special" or "dedup").Select(v => (v.Type, v.Places.Count)).Distinct().ToList();
        if (vdev.Class != "log" && others is [var shape] && !IsAlike(shape, (vdev.Type, vdev.Disks.Count)))
        {
            return LayoutVerdict.Blocked(
                "ReplicationMismatch",
                $"pool {pool.Name} is made of {Shape(shape)}, and {Shape((vdev.Type, vdev.Disks.Count))} beside them would have another redundancy: the pool is lost with its weakest vdev",
                $"give the new vdev the shape of the others; if it is meant so, run 'zpool add -f {pool.Name} {string.Join(' ', VdevArguments(vdev))}' by hand");
        }

        return vdev.Class == "log"
            ? new LayoutVerdict(null, "new in the pool; it can be taken out again")
            : new LayoutVerdict(null, "new in the pool; data that is there stays where it is, and ZFS cannot take a vdev out of every layout again", NeedsApproval: true);
    }

    private static LayoutVerdict Attach(PoolState pool, AttachDisk move, LayoutContext context)
    {
        if (Small(move.To, move.Disk, context) is { } small) return small;
        if (!IsRaidz(move.To.Type)) return new LayoutVerdict(null, $"{move.Disk} gets a copy of what {Beside(move.To)} holds; the pool works meanwhile");
        if (Expanding(pool) is { } running) return running;
        if (Version.TryParse(context.Version, out var version) && version < RaidzExpansion)
        {
            return LayoutVerdict.Blocked(
                "RaidzExpansion", $"{move.To.Name} of pool {pool.Name} would get one disk more, which OpenZFS {context.Version} cannot do",
                "update to OpenZFS 2.3 or newer and run 'zpool upgrade', add a whole vdev, or write the present disks in the manifest");
        }

        return new LayoutVerdict(
            null, $"{move.To.Name} gets one disk more and can never get one less; what is there keeps its ratio of data to parity until it is written again; 'zpool upgrade' must have enabled raidz_expansion", NeedsApproval: true);
    }

    private static LayoutVerdict Replace(ReplaceDisk move, LayoutContext context)
    {
        if (Small(move.In, move.Disk, context) is { } small) return small;
        return new LayoutVerdict(null, move.Old.IsWhole
            ? $"{move.Old.Path} stays in the pool until {move.Disk} holds all that it holds"
            : $"{move.Old.Path} is {move.Old.Health}: what it held is rebuilt from the other disks");
    }

    private static LayoutVerdict Detach(PoolState pool, DetachDisk move)
    {
        var (disk, vdev) = (move.Disk, move.From);
        // Which disk is being filled shows only once something was copied. Seen on OpenZFS 2.3.
        if (pool.Running == "resilver" && (move.Spare is not null || vdev.Type == "mirror"))
        {
            return LayoutVerdict.Blocked("Resilvering", $"pool {pool.Name} resilvers, and its disks do not hold all yet that makes {disk.Path} dispensable", "nothing is to be done: it is taken out when that has ended");
        }

        if (move.Spare is { } spare) return new LayoutVerdict(null, $"spare {spare.Path} takes the place of {disk.Path} for good");
        if (vdev.Type != "mirror")
        {
            return LayoutVerdict.Blocked(
                "RaidzShrink", $"{vdev.Name} of pool {pool.Name} would lose {disk.Path}, and ZFS cannot take a disk out of a {vdev.Type}",
                $"write {disk.Path} back into the manifest, or name another disk in its place, which then replaces it");
        }

        var whole = vdev.Disks.Count(d => d != disk && d.IsWhole);
        if (whole == 0 || (disk.IsWhole && whole < move.Wanted))
        {
            return LayoutVerdict.Blocked(
                "RedundancyAtRisk", $"without {disk.Path} only {whole} disks of {vdev.Name} in pool {pool.Name} would hold all of its data, and the manifest wants {move.Wanted}",
                $"wait until it has resilvered, or replace the disks that are not ONLINE ('zpool status {pool.Name}')");
        }

        return new LayoutVerdict(null, $"{vdev.Name} holds {move.Wanted} copies afterwards; {disk.Path} is of no use without them", NeedsApproval: true);
    }

    private static LayoutVerdict Remove(PoolState pool, VdevState vdev)
    {
        var disks = string.Join(' ', vdev.Disks.Select(d => d.Path));
        switch (vdev.Class)
        {
            case "spare" when vdev.Disks[0].Health == "INUSE":
                return LayoutVerdict.Blocked(
                    "SpareInUse", $"spare {disks} of pool {pool.Name} stands in for another disk",
                    "replace that disk first; or name the spare in its place, to keep it there for good");
            case "spare" or "cache":
                return new LayoutVerdict(null, "the disk is given back; it holds no data of the pool");
            case "log" when vdev.Health != "ONLINE":
                return LayoutVerdict.Blocked(
                    "LogDegraded", $"log {disks} of pool {pool.Name} is {vdev.Health} and may hold writes that the pool does not have yet",
                    $"mend it; or, when they are given up, run 'zpool remove {pool.Name} {vdev.Name}' by hand");
            case "log":
                return new LayoutVerdict(null, "the disks are given back; what the log holds is written to the pool first");
        }

        var hasRaidz = pool.Vdevs.Any(v => IsRaidz(v.Type) || v.Type.StartsWith("draid", StringComparison.Ordinal));
        return LayoutVerdict.Blocked(
            "VdevRemoval", $"pool {pool.Name} has {vdev.Class} vdev {vdev.Name} ({disks}), which the manifest does not name{(hasRaidz ? ", and ZFS takes no vdev out of a pool with raidz" : "")}",
            hasRaidz ? "write it back into the manifest; to be rid of it, copy the data to a new pool" : $"write it back into the manifest, or run 'zpool remove {pool.Name} {vdev.Name}' by hand: its data moves to the others, and every read of it goes through a table in memory for ever");
    }

    private static LayoutVerdict? Expanding(PoolState pool) => pool.Running == "expansion"
        ? LayoutVerdict.Blocked("ExpansionRunning", $"pool {pool.Name} is being widened, and ZFS does one such thing at a time", "nothing is to be done: it is made when that has ended")
        : null;

    /// <summary>Surely too small: what ZFS needs is what its vdev has now.</summary>
    private static LayoutVerdict? Small(VdevState vdev, string disk, LayoutContext context)
    {
        var needed = IsRaidz(vdev.Type) ? vdev.Size / (ulong)vdev.Places.Count : vdev.Size;
        var bytes = context.Bytes(disk);
        return bytes == 0 || needed == 0 || bytes >= needed
            ? null
            : LayoutVerdict.Blocked("DiskTooSmall", $"{disk} has {new ByteSize(bytes)}, and the disks of {vdev.Name} need {new ByteSize(needed)}", $"take a disk of {new ByteSize(needed + Overhead)} or more");
    }

    /// <summary>As <c>zpool add</c> judges it: a raidz and a mirror that survive the same number of disks go together.</summary>
    private static bool IsAlike((string Type, int Disks) a, (string Type, int Disks) b)
    {
        if (a.Type == b.Type) return a.Type == "stripe" || a.Disks == b.Disks;
        return (IsRaidz(a.Type) || IsRaidz(b.Type)) && (a.Type == "mirror" || b.Type == "mirror") && Survives(a) == Survives(b);
    }

    private static int Survives((string Type, int Disks) shape) => shape.Type == "mirror" ? shape.Disks - 1 : IsRaidz(shape.Type) ? shape.Type[^1] - '0' : 0;

    private static string Shape((string Type, int Disks) shape) => shape.Type == "stripe" ? "single disks" : $"{shape.Type} of {shape.Disks} disks";

    private static bool IsRaidz(string type) => type.StartsWith("raidz", StringComparison.Ordinal);

    /// <summary>A disk whose data another one gets.</summary>
    private static string Beside(VdevState vdev) => NameOf(vdev.Disks.FirstOrDefault(d => d.IsWhole) ?? vdev.Disks[0]);

    /// <summary>A disk that is gone has no path that would be its own.</summary>
    private static string NameOf(LeafState disk) => disk.Guid is { } guid && disk.Health is not ("ONLINE" or "AVAIL") ? guid : disk.Path;
}

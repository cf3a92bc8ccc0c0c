using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Pool;

/// <summary>Compares the vdevs that a manifest names with those that a pool has; disks are the same when they are the same device, whatever path names them.</summary>
internal static class PoolLayout
{
    public const string GrowthPrefix = "size of ";

    /// <summary>What a file system leaves unused at a device's end.</summary>
    private const ulong Slack = 16UL << 20;

    public static IEnumerable<Field> Compare(PoolSpec spec, PoolState? state, IReadOnlyDictionary<string, string> links, IStorageBackend backend)
    {
        if (spec.Vdevs.Count == 0) yield break;
        var free = state?.Vdevs.ToList() ?? [];
        var present = free.SelectMany(v => v.Disks).Select(d => d.Device).ToHashSet();
        for (var index = 0; index < spec.Vdevs.Count; index++)
        {
            var wanted = spec.Vdevs[index];
            var name = $"vdevs[{index}]";
            var text = Describe(wanted.Type, wanted.Class, wanted.Disks);
            var devices = wanted.Disks.Select(d => DeviceNames.Canonical(d, links)).ToHashSet();
            if (state is null)
            {
                yield return new Field(name, text, null, Equal: false);
            }
            else if (free.Find(v => v.Class == wanted.Class && v.Disks.Any(d => devices.Contains(d.Device) || wanted.Disks.Contains(d.Path))) is { } match)
            {
                free.Remove(match);
                yield return Matched(name, text, wanted, devices, match, Change);
            }
            else if (devices.Any(present.Contains))
            {
                yield return new Field(name, text, null, Equal: false, Blocker: Change($"disks of {text} stand elsewhere in pool {spec.Name}"));
            }
            else
            {
                yield return new Field(name, text, null, Equal: false, Risk: Risk.Disruptive, Note: backend.Lacks(StorageFeature.DiskRemoval) is { } why ? $"new in the pool; {why}" : "new in the pool; data that is there stays where it is")
                {
                    NeedsApproval = backend.Lacks(StorageFeature.DiskRemoval) is not null && wanted.Class is not ("log" or "cache" or "spare"),
                };
            }
        }

        foreach (var extra in free)
        {
            var text = Describe(extra.Type, extra.Class, [.. extra.Disks.Select(d => d.Path)]);
            yield return new Field($"vdevs[{extra.Name}]", null, text, Equal: false, Blocker: Change($"pool {spec.Name} has {text}, which the manifest does not name"));
        }

        Blocker Change(string message) => new(
            "TopologyChange", message + "; this is not done by itself", $"write the pool's present layout in the manifest, or change the pool by hand ({backend.Hints.ChangeLayout(spec.Name)}); the plan is empty when both agree");
    }

    /// <summary>Disks that have grown, where the manifest wants the pool to grow with them.</summary>
    public static IEnumerable<Field> Growth(PoolSpec spec, PoolState? state)
    {
        if (spec.Options.GetValueOrDefault("autoexpand") != "on") yield break;
        foreach (var disk in state?.Vdevs.SelectMany(v => v.Disks).Where(d => d.Bytes > 0 && d.DiskBytes > d.Bytes + Slack) ?? [])
        {
            yield return new Field(GrowthPrefix + disk.Path, $"{disk.DiskBytes}", $"{disk.Bytes}", Equal: false, FromCommit: true, Note: "the disk has grown");
        }
    }

    private static Field Matched(string name, string text, VdevLayout wanted, HashSet<string> devices, VdevState match, Func<string, Blocker> change)
    {
        var same = match.Type == wanted.Type && match.Disks.Count == wanted.Disks.Count && match.Disks.All(d => devices.Contains(d.Device) || wanted.Disks.Contains(d.Path));
        var actual = Describe(match.Type, match.Class, [.. match.Disks.Select(d => d.Path)]);
        return same ? new Field(name, text, text, Equal: true) : new Field(name, text, actual, Equal: false, Risk: Risk.Disruptive, Blocker: change($"{actual} would have to become {text}"));
    }

    private static string Describe(string type, string deviceClass, IReadOnlyList<string> disks) =>
        (deviceClass == "data" ? "" : deviceClass + " ") + type + " " + string.Join(' ', disks);
}

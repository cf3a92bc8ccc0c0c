using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Pool;

/// <summary>Compares the vdevs that a manifest names with those that a pool has; disks are the same when they are the same device, whatever path names them.</summary>
internal static class PoolLayout
{
    private const string WayOut = "write the pool's present layout in the manifest, or change the pool by hand with zpool(8); the plan is empty when both agree";

    public static IEnumerable<Field> Compare(PoolSpec spec, PoolState? state, IReadOnlyDictionary<string, string> links)
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
                yield return Matched(name, text, wanted, devices, match);
            }
            else if (devices.Any(present.Contains))
            {
                yield return new Field(name, text, null, Equal: false, Blocker: Change($"disks of {text} stand elsewhere in pool {spec.Name}"));
            }
            else
            {
                yield return new Field(name, text, null, Equal: false, Risk: Risk.Disruptive, Note: "a new vdev; it cannot be taken out again from every layout")
                {
                    NeedsApproval = wanted.Class is not ("log" or "cache" or "spare"),
                };
            }
        }

        foreach (var extra in free)
        {
            var text = Describe(extra.Type, extra.Class, [.. extra.Disks.Select(d => d.Path)]);
            yield return new Field($"vdevs[{extra.Name}]", null, text, Equal: false, Blocker: Change($"pool {spec.Name} has {text}, which the manifest does not name"));
        }
    }

    private static Field Matched(string name, string text, VdevLayout wanted, HashSet<string> devices, VdevState match)
    {
        var same = match.Type == wanted.Type && match.Disks.Count == wanted.Disks.Count && match.Disks.All(d => devices.Contains(d.Device) || wanted.Disks.Contains(d.Path));
        var actual = Describe(match.Type, match.Class, [.. match.Disks.Select(d => d.Path)]);
        return same ? new Field(name, text, text, Equal: true) : new Field(name, text, actual, Equal: false, Risk: Risk.Disruptive, Blocker: Change($"{actual} would have to become {text}"));
    }

    private static Blocker Change(string message) => new("TopologyChange", message + "; this is not done by itself", WayOut);

    private static string Describe(string type, string deviceClass, IReadOnlyList<string> disks) =>
        (deviceClass == "data" ? "" : deviceClass + " ") + type + " " + string.Join(' ', disks);
}

using System.Globalization;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Steps;

namespace NasGitOps.Storage.Btrfs;

/// <summary>The steps that make a dataset and change its properties.</summary>
internal static class BtrfsDatasets
{
    internal const string IsThere = "exists";
    internal const string IsGone = "No such file or directory";

    /// <summary>The id of a dataset's subvolume, which is the last part of its guid.</summary>
    public static string IdOf(DatasetState dataset) => dataset.Guid[(dataset.Guid.LastIndexOf('.') + 1)..];

    /// <summary>Makes it under another name, complete with properties, limits and mark, and then gives it its own by one rename: a kill leaves nothing half-made.</summary>
    /// <param name="how"><c>create</c>, or <c>snapshot</c> and of what.</param>
    public static IReadOnlyList<Step> Make(
        string dataset, IReadOnlyList<string> how, IReadOnlyDictionary<string, string> properties, string resource, string deletionPolicy, string? origin)
    {
        var (node, top) = (BtrfsLayout.NodeOf(dataset), BtrfsLayout.Top(BtrfsLayout.PoolOf(dataset)));
        properties = properties.Where(p => p.Value != BtrfsCatalogue.Unset(p.Key)).ToDictionary();
        var made = $"{node}/{BtrfsLayout.Unfinished}";
        KeyValuePair<string, string>[] origins = origin is null ? [] : [new(BtrfsMark.Origin, origin)];
        var marks = Ordered(origins.Concat(BtrfsMark.Write(resource, "${id}", properties.Keys, deletionPolicy)).Concat(Kept(properties)));
        var steps = new List<Step>
        {
            new Run(Command.Of("mkdir", node)) { Tolerates = IsThere },
            new Run(Command.Of("mkdir", BtrfsLayout.SnapshotsOf(dataset))) { Tolerates = IsThere },
            new Run(Command.Of("btrfs", "subvolume", "delete", made)) { Tolerates = IsGone },
            new Run(Command.Of("btrfs", ["subvolume", .. how, made])),
            new Run(Command.Of("btrfs", "inspect-internal", "rootid", made), Capture: "id"),
            // A folder that a broken-off destruction left may hold more.
            new SetAttributes(node, marks, [BtrfsMark.Quarantine, BtrfsMark.QuarantinedAt]),
        };
        if (properties.GetValueOrDefault("nocow") == "on") steps.Add(new Run(Command.Of("chattr", "+C", made)));
        if (origin is null) steps.Add(new Run(Command.Of("mkdir", $"{made}/{BtrfsLayout.Shown}")));
        steps.AddRange(Native(made, properties));
        if (BtrfsLimits.Of(properties) is > 0 and var limit) steps.AddRange(Limit(limit, "${id}", top));
        steps.Add(new Run(Command.Of("mv", "-T", made, BtrfsLayout.SubvolumeOf(dataset))));
        return steps;
    }

    public static IReadOnlyList<Step> Change(DatasetChange change)
    {
        var (state, id) = (change.State, IdOf(change.State));
        var top = BtrfsLayout.Top(BtrfsLayout.PoolOf(state.Name));
        var (before, after) = BtrfsMounts.Relocate(change.Relocations);
        var values = change.Set.Concat(change.Clear.Where(BtrfsCatalogue.IsNative).Select(p => KeyValuePair.Create(p, BtrfsCatalogue.Unset(p)!))).ToDictionary();
        // A limit alone would read as what is wanted, and so would one that is kept and not in the mark; a place that is kept before it is left would hide the mount at the old one.
        var kept = Kept(change.Set).ToLookup(p => BtrfsLimits.IsLimit(p.Key[BtrfsMark.OfProperty("").Length..]));
        var announced = Ordered(Marks(change.MarkBefore, id).Concat(kept[true]));
        var attributes = Ordered(kept[false].Concat(Marks(change.MarkAfter, id)));
        var node = BtrfsLayout.NodeOf(state.Name);
        var removed = change.Clear.Concat(change.GivenBack).Where(p => !BtrfsCatalogue.IsNative(p)).Select(BtrfsMark.OfProperty).ToList();
        return
        [
            .. change.Relocations.Count > 0 && state is { Mounted: true, Mountpoint: { } place } ? [new ReleaseNfs(place)] : Array.Empty<Step>(),
            .. announced.Count > 0 ? [new SetAttributes(node, announced, [])] : Array.Empty<Step>(),
            .. before,
            .. UnmountMoved(change),
            .. Native(BtrfsLayout.SubvolumeOf(state.Name), values),
            .. values.Keys.Concat(change.Clear).Any(BtrfsLimits.IsLimit) ? Limit(BtrfsLimits.Of(change.After()), id, top) : [],
            .. attributes.Count > 0 || removed.Count > 0 ? [new SetAttributes(node, attributes, removed)] : Array.Empty<Step>(),
            .. after,
            .. Flags(change),
        ];
    }

    /// <summary>A subvolume's group outlives it on older kernels. Without quotas there is nothing to forget.</summary>
    public static Run ForgetStaleGroups(string dataset) =>
        new(Command.Of("btrfs", "qgroup", "clear-stale", BtrfsLayout.Top(BtrfsLayout.PoolOf(dataset)))) { Tolerates = "quotas not enabled" };

    private static IEnumerable<KeyValuePair<string, string>> Marks(Mark? mark, string id) =>
        mark is null ? [] : BtrfsMark.Write(mark.Resource, id, mark.SetProperties, mark.DeletionPolicy);

    private static OrderedDictionary<string, string> Ordered(IEnumerable<KeyValuePair<string, string>> attributes) => new(attributes);

    private static IEnumerable<KeyValuePair<string, string>> Kept(IReadOnlyDictionary<string, string> properties) =>
        properties.Where(p => !BtrfsCatalogue.IsNative(p.Key)).Select(p => KeyValuePair.Create(BtrfsMark.OfProperty(p.Key), p.Value));

    /// <summary>What the subvolume itself keeps. Read-only comes last when it is set, and first when it is taken away: nothing else can be set meanwhile.</summary>
    private static IEnumerable<Step> Native(string subvolume, IReadOnlyDictionary<string, string> values)
    {
        if (values.GetValueOrDefault("readonly") == "off") yield return ReadOnly(subvolume, "false");
        if (values.GetValueOrDefault("compression") is { } compression) yield return new Run(Command.Of("btrfs", "property", "set", subvolume, "compression", compression == "off" ? "" : compression));
        if (values.GetValueOrDefault("readonly") == "on") yield return ReadOnly(subvolume, "true");
    }

    internal static Run ReadOnly(string subvolume, string value) => new(Command.Of("btrfs", "property", "set", subvolume, "ro", value));

    /// <summary>Where quotas are off nothing is limited, and there is nothing to lift.</summary>
    private static IEnumerable<Step> Limit(ulong bytes, string id, string top)
    {
        if (bytes > 0) yield return new Run(Command.Of("btrfs", "quota", "enable", top));
        yield return bytes > 0
            ? new Run(Command.Of("btrfs", "qgroup", "limit", bytes.ToString(CultureInfo.InvariantCulture), $"0/{id}", top))
            : new Run(Command.Of("btrfs", "qgroup", "limit", "none", $"0/{id}", top)) { Tolerates = "unable to limit" };
    }

    /// <summary>What is to be mounted no more may stand elsewhere by now, with what lies below: a parent that is mounted elsewhere in the same pass took them along.</summary>
    private static IEnumerable<Step> UnmountMoved(DatasetChange change)
    {
        if (change.Place is not { } place || !change.Relocations.Any(r => r.Dataset == change.State.Name && r.To is null && r.From != place)) return [];
        var below = change.Relocations.Where(r => r.To?.StartsWith(place.TrimEnd('/') + "/", StringComparison.Ordinal) == true).OrderByDescending(r => r.To!.Length);
        return [.. below.SelectMany(r => BtrfsMounts.Unmount(r.Dataset, r.To!)), .. BtrfsMounts.Unmount(change.State.Name, place)];
    }

    /// <summary>A mounted dataset gets changed flags at once, where it is not mounted anew anyhow.</summary>
    private static IEnumerable<Step> Flags(DatasetChange change)
    {
        var flags = change.Set.Keys.Concat(change.Clear).Where(BtrfsCatalogue.MountFlags.ContainsKey).ToList();
        if (flags.Count == 0 || !change.State.Mounted || change.Place is not { } place || change.Relocations.Any(r => r.Dataset == change.State.Name)) return [];
        return BtrfsMounts.Mount(change.State.Name, place, change.After());
    }
}

using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;

namespace NasGitOps.Storage;

/// <summary>A spec whose dataset may have had another name.</summary>
public interface IRenamedDataset
{
    string? MovedFrom { get; }
}

/// <summary>The recycle bin of datasets: in place, under their own name. Going in is what a person approves; what comes back is as it was; what nobody brings back in time is destroyed.</summary>
public sealed class Quarantine(StorageSystem storage)
{
    private const string FieldName = "quarantine";

    /// <summary>What becomes of a dataset of ours whose manifest is gone; null where it is kept as it is, an orphan.</summary>
    public Absence? Absent(ResourceId id, PlanInput input)
    {
        var reading = input.Observed.Dataset(id.Name);
        if (reading.State == ReadingState.Absent || input.Desired.Manifests.FindDataset(id.Name) is not null) return Absence.Nothing;
        return reading.IsKnown(out var dataset) && Owner(dataset) == id && PolicyOf(id, dataset) is { KeepFor: not null } policy ? Absent(id, dataset, policy, input) : null;
    }

    private Absence Absent(ResourceId id, DatasetState dataset, DeletionPolicy policy, PlanInput input)
    {
        var keepFor = policy.KeepFor ?? DeletionPolicy.DefaultKeepFor;
        if (dataset.Mark!.Quarantine is not { } mark) return GoIn(id, dataset, keepFor, input);
        if (mark.Since is not { } since) return GoIn(id, dataset, keepFor, input) with { NeedsApproval = false, Risk = Risk.Disruptive };
        return input.Now < since + keepFor && !mark.Purging ? Inside(id, dataset, since + keepFor, input) : Purge(id, dataset, since + keepFor, input);
    }

    /// <summary>Returns that manifests ask for.</summary>
    public IEnumerable<Move> Returns(PlanInput input, string kind)
    {
        foreach (var manifest in input.Desired.Manifests.All.Where(m => m.Id.Kind == kind && !m.Suspend))
        {
            var name = ((IMountable)manifest.Spec).DatasetName;
            if (input.Observed.Dataset(name).Value is not { Mark.Quarantine: { } mark } dataset || dataset.Mark.Resource != manifest.Id.ToString()) continue;
            yield return new Move(manifest.Id, manifest.Id, storage.Of(name, input).Restore(dataset), i => Restored(i, name))
            {
                Action = ChangeAction.Restore,
                Risk = Risk.Safe,
                Fields = [new FieldChange(FieldName, mark.Since is { } since ? $"since {Time(since)}" : "on its way in", null, "", Cause.Commit, "everything is set again as it was")],
            };
        }
    }

    /// <summary>Why nothing can be made or brought back below a dataset that lies in quarantine itself; null where nothing above it does.</summary>
    public static Blocker? ParentProblem(string dataset, PlanInput input) =>
        DatasetPaths.SelfAndParents(dataset).Skip(1).FirstOrDefault(d => input.Desired.Manifests.FindDataset(d) is null && input.Observed.Dataset(d).Value?.Mark?.Quarantine is not null) is { } parent
            ? new Blocker("ParentQuarantined", $"{parent}, above it, lies in quarantine", $"put the manifest of {parent} back too")
            : null;

    private Absence GoIn(ResourceId id, DatasetState dataset, TimeSpan keepFor, PlanInput input)
    {
        var below = DatasetFields.Below(dataset.Name, input).ToList();
        var inside = below.Aggregate(0UL, (sum, d) => sum + (DatasetPaths.SelfAndParents(d.Name).Skip(1).First() == dataset.Name ? d.Usage.Used : 0));
        var field = new FieldChange("keepFor", null, $"{Duration.Format(keepFor)}, then destroyed", "", Cause.Commit, "shares off, unmounted, read-only; it comes back as it was when its manifest does");
        return new Absence(ChangeAction.Quarantine, storage.Of(dataset.Name, input).Quarantine(dataset), [field], null)
        {
            Risk = Risk.Destructive,
            NeedsApproval = true,
            AtStake = new AtStake([dataset.Guid], dataset.Usage.Used - Math.Min(inside, dataset.Usage.Used), Others(dataset).Count, []),
            Blocker = Renamed(dataset, input) ?? Served(dataset, input) ?? Tree(dataset, below, input),
            Needs = [.. below.Select(Owner).OfType<ResourceId>(), .. Shares(dataset, input)],
        };
    }

    private Absence Inside(ResourceId id, DatasetState dataset, DateTimeOffset until, PlanInput input)
    {
        var commit = input.Record(id)?.Commit is { Length: > 0 } last ? $" (it stands in commit {last})" : "";
        var looked = dataset.Mounted ? $". It is mounted at {dataset.Mountpoint} by hand" : "";
        return Absence.Nothing with
        {
            Orphan = new Notice(id, Notice.Quarantined, $"in quarantine since {Time(dataset.Mark!.Quarantine!.Since!.Value)}, destroyed after {Time(until)}. To have it back as it was, put its manifest back{commit}{looked}", Degraded: false),
        };
    }

    private Absence Purge(ResourceId id, DatasetState dataset, DateTimeOffset until, PlanInput input)
    {
        var below = DatasetFields.Below(dataset.Name, input).ToList();
        return new Absence(ChangeAction.Remove, storage.Of(dataset.Name, input).Purge(dataset), [new FieldChange(FieldName, $"until {Time(until)}", null, "", Cause.Time, "its time is over")], null)
        {
            Cause = Cause.Time,
            Risk = Risk.Destructive,
            AtStake = new AtStake([dataset.Guid], dataset.Usage.Used, Others(dataset).Count, []),
            Blocker = Clock(dataset, until, input) ?? Used(dataset) ?? Tree(dataset, below, input),
            Needs = [.. below.Select(Owner).OfType<ResourceId>()],
        };
    }

    /// <summary>The whole tree goes, or none of it.</summary>
    private Blocker? Tree(DatasetState dataset, IReadOnlyList<DatasetState> below, PlanInput input)
    {
        if (below.FirstOrDefault(d => Stays(d, input) is not null) is { } member)
        {
            return new Blocker("QuarantineBlocked", $"{member.Name} lies below {dataset.Name} and {Stays(member, input)}", $"put the manifest of {dataset.Name} back, or move or remove {member.Name} first");
        }

        var tree = below.Prepend(dataset).Select(d => d.Name).ToHashSet();
        return input.Observed.AllDatasets.FirstOrDefault(d => d.Origin is { } origin && tree.Contains(origin.Split('@')[0]) && !tree.Contains(d.Name) && Stays(d, input) is not null) is { } clone
            ? new Blocker("QuarantineBlocked", $"{clone.Name} is a clone of {clone.Origin}, and {Stays(clone, input)}", $"put the manifest of {dataset.Name} back, or remove {clone.Name} first")
            : null;
    }

    /// <summary>Why a dataset does not go too; null where it does.</summary>
    private static string? Stays(DatasetState dataset, PlanInput input)
    {
        if (input.Desired.Manifests.FindDataset(dataset.Name) is { } manifest) return $"is declared ({manifest.Provenance})";
        if (Owner(dataset) is not { } owner) return "is not managed here";
        return dataset.Mark!.Quarantine is not null || PolicyOf(owner, dataset).KeepFor is not null ? null : "is an orphan that is kept (deletionPolicy: retain)";
    }

    /// <summary>Whose it is by its mark, where that names it as it is called now.</summary>
    private static ResourceId? Owner(DatasetState dataset) =>
        dataset.Mark is { } mark && mark.Guid == dataset.Guid && ResourceId.TryParse(mark.Resource) is { } id && id.Name == dataset.Name ? id : null;

    /// <summary>A clone has no policy of its own: it goes into quarantine.</summary>
    private static DeletionPolicy PolicyOf(ResourceId owner, DatasetState dataset) =>
        DeletionPolicy.Parse(dataset.Mark?.DeletionPolicy ?? "") is { KeepFor: not null } policy ? policy : owner.Kind == "Clone" ? new DeletionPolicy(DeletionPolicy.DefaultKeepFor) : DeletionPolicy.Retain;

    /// <summary>Whether a dataset is to go into quarantine or lies there, so that its snapshots matter.</summary>
    internal static bool Concerns(DatasetState dataset, ManifestSet manifests) =>
        manifests.FindDataset(dataset.Name) is null && Owner(dataset) is { } owner && (dataset.Mark!.Quarantine is not null || PolicyOf(owner, dataset).KeepFor is not null);

    /// <summary>Never delete and create: what a manifest wants to rename stays where it is until that is possible.</summary>
    private static Blocker? Renamed(DatasetState dataset, PlanInput input) =>
        input.Desired.Manifests.All.FirstOrDefault(m => m.Spec is IRenamedDataset { MovedFrom: { } from } && (from == dataset.Name || DatasetPaths.IsBelow(dataset.Name, from))) is { } heir
            ? new Blocker("QuarantineBlocked", $"{heir.Id} ({heir.Provenance}) is to be renamed from it", "mend what keeps that rename from being made")
            : null;

    private static Blocker? Clock(DatasetState dataset, DateTimeOffset until, PlanInput input) => input.Observed.ClockProblem is { } problem
        ? new Blocker("ClockNotTrusted", $"its time is over since {Time(until)}, but {problem}, and {dataset.Name} is not destroyed on its word", "'timedatectl' shows the clock; this follows by itself")
        : null;

    /// <summary>What somebody uses or wrote to since is not destroyed unseen. What is left of a destruction that was cut short has no snapshot to compare with.</summary>
    private static Blocker? Used(DatasetState dataset)
    {
        if (dataset.Mark!.Quarantine!.Purging) return null;
        var what = dataset.Mounted ? $"it is mounted at {dataset.Mountpoint}"
            : dataset.Properties.GetValueOrDefault("readonly")?.Value != "on" ? "it is not read-only any more"
            : dataset.Written > 0 ? "somebody wrote to it since" : null;
        return what is null ? null : new Blocker("QuarantineInUse", $"its time is over, and {what}", "put its manifest back to keep it; else unmount it, save what was written, and destroy it by hand");
    }

    private static List<string> Others(DatasetState dataset) => [.. (dataset.Snapshots ?? []).Where(s => s != QuarantineRecord.Snapshot)];

    /// <summary>What others serve from it is not taken from them.</summary>
    private static Blocker? Served(DatasetState dataset, PlanInput input) =>
        dataset is { Mounted: true, Mountpoint: { } root } && input.Observed.Unmanaged.FirstOrDefault(u => u.Kind switch { "NfsExport" => IsWithin(u.Name, root), "SmbShare" => IsWithin(u.Detail, root), _ => false }) is { } foreign
            ? new Blocker("QuarantineBlocked", $"{foreign.Kind} {foreign.Name} ({foreign.Detail}), which is not managed here, is served from it", $"take that away first, or put the manifest of {dataset.Name} back")
            : null;

    private static bool IsWithin(string path, string root) => path == root || path.StartsWith(root.TrimEnd('/') + "/", StringComparison.Ordinal);

    /// <summary>Shares that stood on it, by what was applied of them.</summary>
    private static IEnumerable<ResourceId> Shares(DatasetState dataset, PlanInput input) => dataset.Mountpoint is not { } root
        ? []
        : input.Ownership.Records.Values
            .Where(r => r.Fields.GetValueOrDefault("path") is { } path && IsWithin(path, root) && !input.Desired.Manifests.Contains(r.Id))
            .Select(r => r.Id);

    private static PlanInput Restored(PlanInput input, string name)
    {
        var pool = name.Split('/')[0];
        var parent = input.Observed.Dataset(name[..name.LastIndexOf('/')]).Value;
        var datasets = input.Observed.Datasets.ToDictionary(
            d => d.Key,
            d => d.Key == pool ? d.Value.Select(all => new Named<DatasetState>(all.Items.ToDictionary(i => i.Key, i => i.Key == name ? QuarantineRecord.Restored(i.Value, parent) : i.Value))) : d.Value);
        return input with { Observed = input.Observed with { Datasets = datasets } };
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", System.Globalization.CultureInfo.InvariantCulture);
}

using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Dataset;

/// <summary><c>movedFrom</c>: a rename, never delete and create. Children follow.</summary>
internal static class DatasetMoves
{
    /// <summary>Renames that are possible now.</summary>
    public static IEnumerable<Move> Possible(StorageSystem storage, PlanInput input)
    {
        foreach (var (manifest, spec) in input.Desired.Manifests.OfSpec<DatasetSpec>())
        {
            if (spec.MovedFrom is not { } from || manifest.Suspend || Obstacle(storage, spec, input) is not null) continue;
            if (!input.Observed.Dataset(from).IsKnown(out var source) || input.Observed.Dataset(spec.Name).State != ReadingState.Absent) continue;
            yield return new Move(new ResourceId(manifest.Id.Kind, from), manifest.Id, storage.Of(from, input).Rename(Plan(source, spec.Name, input)), i => Renamed(i, from, spec.Name));
        }
    }

    /// <summary>What of it and below it is mounted, and where that is next.</summary>
    private static DatasetRename Plan(DatasetState source, string to, PlanInput input)
    {
        var after = Renamed(input, source.Name, to).Observed;
        var relocations = DatasetFields.Below(source.Name, input).Prepend(source).Where(m => m.Mounted || m.IsPartlyMounted).Select(m => (Old: m, New: after.Dataset(NewName(m.Name, source.Name, to)).Value!)).Where(m => m.Old.Mountpoint != m.New.Mountpoint)
            .Select(m => new Relocation(m.New.Name, m.Old.Mountpoint!, m.New.Mountpoint, m.Old.Values()));
        return new DatasetRename(source, to, [.. relocations]);
    }

    /// <summary>Why a rename that the manifest asks for cannot be made; null where there is nothing to do or nothing in the way.</summary>
    public static Blocker? Obstacle(StorageSystem storage, DatasetSpec spec, PlanInput input)
    {
        if (spec.MovedFrom is not { } from) return null;
        var source = input.Observed.Dataset(from);
        var target = input.Observed.Dataset(spec.Name);
        if (!source.IsKnown(out var state)) return Gone(spec, from, target, input);
        if (target.State == ReadingState.Known)
        {
            return input.Desired.Manifests.FindDataset(from) is not null || state.Mark is null
                ? null
                : new Blocker("MoveConflict", $"both {from} and {spec.Name} exist", "look which one holds the data; rename or remove the other by hand");
        }

        if (input.Desired.Manifests.FindDataset(from) is { } declared)
        {
            return new Blocker("MoveSourceDeclared", $"{from} still has a manifest ({declared.Provenance})", "take that manifest away in the commit that renames it");
        }

        if (state.Mark is null) return new Blocker("MoveSourceForeign", $"{from} is not managed here", $"rename it by hand with '{storage.Of(from, input).Hints.Rename(from, spec.Name)}'");
        if (DatasetParent.Problem(spec.Name, input) is { } homeless) return homeless;
        var parentRoot = input.Observed.Dataset(Parent(spec.Name)).Value?.Properties.GetValueOrDefault("encryptionroot")?.Value ?? "";
        var ownRoot = state.Properties.GetValueOrDefault("encryptionroot")?.Value ?? "";
        return ownRoot.Length > 0 && ownRoot != from && ownRoot != parentRoot
            ? new Blocker("MoveOutsideEncryptionRoot", $"{from} has its key from {ownRoot} and cannot leave it", "keep it below that dataset, or give it a key of its own with 'zfs change-key'")
            : null;
    }

    private static Blocker? Gone(DatasetSpec spec, string from, Reading<DatasetState> target, PlanInput input) =>
        target.State == ReadingState.Absent && input.Record(new ResourceId("Dataset", from)) is not null
            ? new Blocker("DatasetMissing", $"{from}, which {spec.Name} is to be renamed from, is not on this host any more", $"restore it, or run 'nasgitops forget Dataset/{from}'")
            : null;

    private static string Parent(string name) => name[..name.LastIndexOf('/')];

    private static PlanInput Renamed(PlanInput input, string from, string to)
    {
        var pool = from.Split('/')[0];
        var datasets = input.Observed.Datasets.ToDictionary(
            d => d.Key,
            d => d.Key == pool ? d.Value.Select(named => Renamed(named, from, to)) : d.Value);
        var records = new Dictionary<ResourceId, Applied>();
        foreach (var (id, record) in input.Ownership.Records)
        {
            var renamed = id.Kind == "Dataset" ? id with { Name = NewName(id.Name, from, to) } : id;
            records[renamed] = record with { Id = renamed };
        }

        return input with { Observed = input.Observed with { Datasets = datasets }, Ownership = input.Ownership with { Records = records } };
    }

    private static Named<DatasetState> Renamed(Named<DatasetState> datasets, string from, string to)
    {
        var result = new Dictionary<string, DatasetState>();
        foreach (var state in datasets.Items.Values.OrderBy(d => d.Name, StringComparer.Ordinal))
        {
            var name = NewName(state.Name, from, to);
            var moved = state with { Name = name };
            if (name != state.Name && state.Properties.GetValueOrDefault("mountpoint")?.Source is PropertyValue.Inherited or PropertyValue.Default)
            {
                var parent = result.GetValueOrDefault(Parent(name)) ?? datasets.Items.GetValueOrDefault(Parent(name));
                moved = moved with { Mountpoint = parent?.Mountpoint is { } path ? $"{path.TrimEnd('/')}/{name[(name.LastIndexOf('/') + 1)..]}" : null };
            }

            result[name] = moved;
        }

        return new Named<DatasetState>(result);
    }

    private static string NewName(string name, string from, string to) => name == from || DatasetPaths.IsBelow(name, from) ? to + name[from.Length..] : name;
}

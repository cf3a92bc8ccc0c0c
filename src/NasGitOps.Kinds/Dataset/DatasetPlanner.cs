using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Dataset;

/// <summary>What a dataset lacks: existence, properties, size, key, mount, owners and modes.</summary>
internal sealed class DatasetPlanner(StorageSystem storage)
{
    public const string Key = "encryption.key";
    public const string KeyLoaded = "key";
    public const string RootPermissions = "permissions";

    public Assessment Assess(Manifest manifest, DatasetSpec spec, PlanInput input)
    {
        var reading = input.Observed.Dataset(spec.Name);
        if (reading.State == ReadingState.Unknown) return Assessment.Unknown(reading.Reason ?? "");
        var obstacle = DatasetMoves.Obstacle(storage, spec, input);
        var state = reading.Value;
        var fields = Fields(manifest, spec, state, input).ToList();
        if (state is not null)
        {
            return new Assessment(Existence.Present, fields)
            {
                Owned = state.Mark is not null,
                Blocker = obstacle ?? WrongType(spec, state) ?? Quarantine.ParentProblem(spec.Name, input),
                Notices = DatasetEncryption.Notices(manifest, spec, state, input),
            };
        }

        return new Assessment(Existence.Absent, fields) { Blocker = obstacle ?? CannotCreate(spec, input) };
    }

    /// <summary>Canonical wanted properties by name, the mount point and sizes among them.</summary>
    public Dictionary<string, string> Wanted(DatasetSpec spec, PlanInput input)
    {
        var wanted = WantedProperties.Of(storage.Of(spec.Name, input), spec.Name, spec.DatasetProperties, input.Desired.Manifests);
        if (spec.Mountpoint is not null) wanted["mountpoint"] = spec.Mountpoint;
        return wanted;
    }

    private IEnumerable<Field> Fields(Manifest manifest, DatasetSpec spec, DatasetState? state, PlanInput input)
    {
        foreach (var field in DatasetFields.Mark(manifest.Id.ToString(), state)) yield return field;
        var (policy, marked) = (spec.DeletionPolicy.ToString(), state?.Mark?.DeletionPolicy);
        if (spec.DeletionPolicy.KeepFor is not null || DeletionPolicy.Parse(marked ?? "").KeepFor is not null) yield return new Field("deletionPolicy", policy, marked, policy == marked, FromCommit: policy != marked);
        if (spec.VolumeSize is { } size) yield return VolumeSize(spec, size, state);
        var path = DatasetPaths.Mountpoint(spec.Name, input.Desired.Manifests, input.Observed);
        var newPlace = state is { Mounted: true } && path != state.Mountpoint ? DatasetFields.PlaceProblem(path, input) : null;
        foreach (var field in DatasetFields.Properties(storage.Of(spec.Name, input), Wanted(spec, input), state))
        {
            yield return field is { Name: "mountpoint", Equal: false, Blocker: null } ? field with { Blocker = newPlace } : field;
        }

        foreach (var field in DatasetEncryption.Fields(manifest, spec, state, input)) yield return field;
        if (!spec.IsFilesystem) yield break;

        var canMount = DatasetFields.CanMount(spec.Properties, state);
        foreach (var field in DatasetFields.Mount(storage.Of(spec.Name, input), path, spec.Properties, state, input, DatasetEncryption.KeyOutOfReach(spec, state, input))) yield return field;
        foreach (var field in DatasetPermissions.Fields(spec, state, willMount: path is not null && canMount == "on", input)) yield return field;
    }

    private static Field VolumeSize(DatasetSpec spec, string written, DatasetState? state)
    {
        ByteSize.TryParse(written, out var wanted);
        var actual = state?.Properties.GetValueOrDefault("volsize");
        Blocker? blocker = null;
        if (actual is not null && ulong.TryParse(actual.Value, out var bytes) && wanted.Bytes < bytes)
        {
            blocker = new Blocker(
                "VolumeShrink", $"volume {spec.Name} has {new ByteSize(bytes)} and the manifest wants {wanted}; shrinking cuts off what stands at its end",
                $"write {bytes}, or make a smaller volume and copy the data");
        }

        return new Field("volumeSize", wanted.Exact, actual?.Value, actual?.Value == wanted.Exact, actual?.Source ?? "", Blocker: blocker);
    }

    private static Blocker? WrongType(DatasetSpec spec, DatasetState state) =>
        (state.Type == "filesystem") == spec.IsFilesystem
            ? null
            : new Blocker("ImmutableProperty", $"{spec.Name} is a {state.Type}, the manifest wants a {(spec.IsFilesystem ? "filesystem" : "volume")}", "write the present type, or choose another name");

    private static Blocker? CannotCreate(DatasetSpec spec, PlanInput input) => DatasetParent.Problem(spec.Name, input) ?? DatasetParent.KeyProblem(spec.Name, input) ?? DatasetEncryption.SecretProblem(spec, input);
}

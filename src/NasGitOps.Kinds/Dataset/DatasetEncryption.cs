using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;

namespace NasGitOps.Kinds.Dataset;

/// <summary>Keys: given at creation, loaded when they are not, tried when the secret changed, never changed here.</summary>
internal static class DatasetEncryption
{
    public static IEnumerable<Field> Fields(Manifest manifest, DatasetSpec spec, DatasetState? state, PlanInput input)
    {
        if (spec.Encryption is not { } encryption) yield break;
        var algorithm = encryption.Algorithm == "on" ? "aes-256-gcm" : encryption.Algorithm;
        yield return Fixed("encryption.algorithm", "encryption", algorithm, state);
        yield return Fixed("encryption.format", "keyformat", encryption.Format, state);
        if (state is null) yield break;

        var secret = SecretProblem(spec, input);
        if (IsRoot(state))
        {
            yield return new Field(DatasetPlanner.KeyLoaded, "available", state.KeyStatus, state.KeyStatus != "unavailable", Blocker: secret) { Essential = true, AtEveryStart = true };
        }

        var recorded = input.Record(manifest.Id)?.SecretFingerprints.GetValueOrDefault(encryption.SecretRef);
        if (recorded is not null && input.Desired.Fingerprint(encryption.SecretRef).IsKnown(out var now) && now != recorded)
        {
            yield return new Field(DatasetPlanner.Key, "changed", "as applied", Equal: false, FromCommit: true, Note: "the new secret is tried, the dataset is never re-keyed");
        }
    }

    /// <summary>A key that is loaded while its secret is out of reach: the next start of the host would leave the data locked.</summary>
    public static IReadOnlyList<Notice> Notices(Manifest manifest, DatasetSpec spec, DatasetState state, PlanInput input) =>
        IsRoot(state) && state.KeyStatus != "unavailable" && SecretProblem(spec, input) is { } problem
            ? [new Notice(manifest.Id, problem.Reason, $"{problem.Message}; the key of {spec.Name} is loaded now, and could not be after the next start of the host ({problem.WayOut})", Degraded: true)]
            : [];

    public static Blocker? SecretProblem(DatasetSpec spec, PlanInput input) =>
        spec.Encryption is { } encryption ? SecretBlocker.For(encryption.SecretRef, input) : null;

    /// <summary>An encrypted dataset whose key belongs to another that is not declared here cannot be mounted by us.</summary>
    public static Blocker? KeyOutOfReach(DatasetSpec spec, DatasetState? state, PlanInput input)
    {
        if (state?.KeyStatus != "unavailable" || (IsRoot(state) && spec.Encryption is not null)) return null;
        var root = state.Properties.GetValueOrDefault("encryptionroot")?.Value ?? "";
        var isLoadedByUs = root != spec.Name && input.Desired.Manifests.FindDataset(root)?.Spec is DatasetSpec { Encryption: not null };
        return isLoadedByUs ? null : new Blocker("KeyUnavailable", $"the key of {root} is not loaded and no manifest says where it is", $"declare encryption in Dataset/{root}, or run 'zfs load-key {root}'");
    }

    private static bool IsRoot(DatasetState state) => state.Properties.GetValueOrDefault("encryptionroot")?.Value == state.Name;

    private static Field Fixed(string field, string property, string wanted, DatasetState? state)
    {
        var actual = state?.Properties.GetValueOrDefault(property)?.Value;
        var equal = actual == wanted;
        return new Field(field, wanted, actual, equal, Blocker: state is null || equal ? null : new Blocker(
            "ImmutableProperty", $"{property} of {state.Name} is {actual ?? "off"} and is fixed at creation; the manifest wants {wanted}",
            "write the present value, or make a new dataset and copy the data"));
    }
}

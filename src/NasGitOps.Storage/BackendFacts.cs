using NasGitOps.Core.Observation;

namespace NasGitOps.Storage;

/// <summary>What one backend read of the host.</summary>
/// <param name="Version">Of its tools; null when they are missing.</param>
/// <param name="Importable">Pool name → <c>disks</c> (space separated), <c>inUse</c>, of pools that are there and not usable yet.</param>
public sealed record BackendFacts(
    string? Version,
    Reading<Named<PoolState>> Pools,
    IReadOnlyDictionary<string, Reading<Named<DatasetState>>> Datasets,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Importable)
{
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> NothingImportable { get; } = new Dictionary<string, IReadOnlyDictionary<string, string>>();
}

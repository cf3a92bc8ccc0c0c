using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;

namespace NasGitOps.Storage;

/// <summary>A spec that declares a pool: which disks to look at when it is not there.</summary>
public interface IPoolDeclaration
{
    string PoolName { get; }

    string Backend { get; }

    IReadOnlyList<string> DiskPaths { get; }
}

/// <summary>A spec that sets properties of its dataset.</summary>
public interface IPropertyHolder : IMountable
{
    /// <summary>As written.</summary>
    IReadOnlyDictionary<string, string> DatasetProperties { get; }
}

/// <summary>A spec that declares a dataset: what to look at besides its properties.</summary>
public interface IDatasetDeclaration : IMountable
{
    /// <summary>Directories below the mount root whose owner and mode matter; empty text for the root itself.</summary>
    IReadOnlyList<string> WatchedPaths { get; }

    /// <summary>Properties outside the catalogue that the manifest names: <c>userquota@alice</c>, <c>com.example:owner</c>.</summary>
    IReadOnlyList<string> ExtraProperties { get; }
}

/// <summary>A spec whose dataset goes after a time, unless somebody wrote to it.</summary>
public interface ITemporary
{
    string DatasetName { get; }

    /// <summary>Counted from its creation; null for never.</summary>
    TimeSpan? ExpiresAfter { get; }
}

/// <summary>A spec that may limit what its dataset itself holds.</summary>
public interface ILimitedDataset
{
    /// <summary>refquota; null for none.</summary>
    ByteSize? ReferencedLimit { get; }
}

/// <summary>A spec that uses a directory below a dataset, so that each part of the way to it is looked at.</summary>
public interface IDirectoryUser
{
    string DatasetName { get; }

    /// <summary>Every prefix of the way below the mount root, as <c>a</c>, <c>a/b</c>; empty for the root itself.</summary>
    IReadOnlyList<string> DirectoryPaths { get; }
}

/// <summary>What was read of the host's storage.</summary>
/// <param name="Versions">Of the tools, by backend; those that are missing are not here.</param>
public sealed record StorageFacts(
    IReadOnlyDictionary<string, string> Versions,
    Reading<Named<PoolState>> Pools,
    IReadOnlyDictionary<string, Reading<Named<DatasetState>>> Datasets,
    KindFacts PoolFacts)
{
    /// <summary>Why a part of it could not be read; null when all of it was.</summary>
    public string? Problem { get; init; }

    /// <summary>Table of <see cref="PoolFacts"/>: link path → <c>target</c>.</summary>
    public const string Links = "links";

    /// <summary>Table: pool name → <c>disks</c> (space separated), <c>state</c>, <c>id</c> of pools that could be imported.</summary>
    public const string Importable = "importable";

    /// <summary>Of <see cref="Importable"/>: why it cannot be told whether there is such a pool.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>Table: disk path → <c>missing</c>, <c>bytes</c>, <c>carries</c> (what stands on it; empty when blank).</summary>
    public const string Disks = "disks";

    /// <summary>Table: path of a mount point not in use → <c>isLink</c>, <c>isEmpty</c>, <c>isDirectory</c>.</summary>
    public const string MountPoints = "mountpoints";
}

using NasGitOps.Core.Loading;
using NasGitOps.Core.Planning;
using NasGitOps.Kinds.Clone;
using NasGitOps.Kinds.Dataset;
using NasGitOps.Kinds.Group;
using NasGitOps.Kinds.NfsExport;
using NasGitOps.Kinds.Pool;
using NasGitOps.Kinds.SambaServer;
using NasGitOps.Kinds.SmbShare;
using NasGitOps.Kinds.SnapshotSchedule;
using NasGitOps.Kinds.User;
using NasGitOps.Storage;
using NasGitOps.Storage.Btrfs;
using NasGitOps.Storage.Zfs;

namespace NasGitOps.Kinds;

/// <summary>Every kind of this product, a line each.</summary>
public static class BuiltInKinds
{
    public static StorageSystem Storage { get; } = new(new ZfsBackend(), new BtrfsBackend());

    public static IReadOnlyList<IKind> All { get; } =
    [
        new GroupKind(),
        new UserKind(),
        new PoolKind(Storage),
        new DatasetKind(Storage),
        new CloneKind(Storage),
        new SambaServerKind(),
        new NfsExportKind(),
        new SmbShareKind(Storage),
        new SnapshotScheduleKind(Storage),
    ];

    public static KindSchemas Schemas { get; } = KindSchemas.Embedded(typeof(BuiltInKinds).Assembly, All.Select(k => k.Name));
}

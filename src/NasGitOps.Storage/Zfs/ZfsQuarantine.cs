using NasGitOps.Core.Observation;
using NasGitOps.Core.Steps;

namespace NasGitOps.Storage.Zfs;

/// <summary>Into quarantine, out of it, and its end. Each step may be the last before a kill; the next pass takes them again. Messages seen on OpenZFS 2.3.</summary>
internal static class ZfsQuarantine
{
    private const string Gone = "does not exist";
    private const string NoSnapshots = "could not find any snapshots";
    private static readonly string[] Reservations = ["refreservation", "reservation"];
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public static IReadOnlyList<Step> GoIn(DatasetState dataset)
    {
        var (name, isVolume) = (dataset.Name, dataset.Type == "volume");
        var snapshot = $"{name}@{QuarantineRecord.Snapshot}";
        return
        [
            // What was set is written down before anything of it changes, and never again: a second attempt would find its own values.
            .. dataset.Mark?.Quarantine is null ? [Set(name, $"{ZfsMark.Quarantine}={QuarantineRecord.Of(dataset)}")] : Array.Empty<Step>(),
            .. isVolume ? [] : new[] { Set(name, "canmount=noauto") },
            .. dataset.Mounted ? Unmount(dataset) : [],
            Set(name, ["readonly=on", .. Reservations.Where(p => dataset.Properties.GetValueOrDefault(p)?.Value is not (null or "0")).Select(p => $"{p}=none")]),
            new Run(Command.Of("zfs", "snapshot", snapshot)) { Tolerates = "dataset already exists" },
            new Run(Command.Of("zfs", "hold", QuarantineRecord.Snapshot, snapshot)) { Tolerates = "tag already exists" },
            Set(name, $"{ZfsMark.QuarantinedAt}={Run.Now}"),
        ];
    }

    public static IReadOnlyList<Step> Restore(DatasetState dataset)
    {
        var (name, recorded) = (dataset.Name, dataset.Mark!.Quarantine!.Recorded);
        var isMoved = recorded.GetValueOrDefault("mountpoint") is { } place && dataset.Properties.GetValueOrDefault("mountpoint")?.Value != place;
        return
        [
            .. isMoved ? [Set(name, $"mountpoint={recorded["mountpoint"]}")] : Array.Empty<Step>(),
            recorded.GetValueOrDefault("readonly") is { } readOnly ? Set(name, $"readonly={readOnly}") : new Run(Command.Of("zfs", "inherit", "readonly", name)),
            // Whether there is still room for them must not keep the data away.
            .. Reservations.Where(p => recorded.GetValueOrDefault(p, "0") != "0").Select(p => new Run(Command.Of("zfs", "set", $"{p}={recorded[p]}", name)) { Tolerates = "is greater than available space" }),
            .. dataset.Type == "volume" ? [] : new[] { Set(name, $"canmount={recorded.GetValueOrDefault("canmount", "on")}") },
            LetGo(name),
            new Run(Command.Of("zfs", "destroy", "-d", $"{name}@{QuarantineRecord.Snapshot}")) { Tolerates = NoSnapshots },
            new Run(Command.Of("zfs", "inherit", ZfsMark.QuarantinedAt, name)),
            new Run(Command.Of("zfs", "inherit", ZfsMark.Quarantine, name)),
        ];
    }

    public static IReadOnlyList<Step> Purge(DatasetState dataset) =>
    [
        Set(dataset.Name, $"{ZfsMark.Quarantine}={QuarantineRecord.Purging}"),
        LetGo(dataset.Name),
        new Run(new Command("zfs", ["destroy", $"{dataset.Name}@%"], Limit)) { Tolerates = NoSnapshots },
        // Not -r: what was put below it meanwhile stays, and so does this.
        new Run(new Command("zfs", ["destroy", dataset.Name], Limit)),
    ];

    /// <summary>Names of the snapshots of those that are to go in or lie there, one process for all of a pool.</summary>
    public static RunProbe? SnapshotsProbe(ObservationContext context, string pool, IEnumerable<DatasetState> datasets)
    {
        var names = datasets.Where(d => Concerns(context, d)).Select(d => d.Name).Order(StringComparer.Ordinal).ToList();
        return names.Count == 0 ? null : new RunProbe($"zfs.quarantine:{pool}", new Command("zfs", ["list", "-Hp", "-d", "1", "-t", "snapshot", "-o", "name", .. names], Limit));
    }

    public static DatasetState WithSnapshots(ObservationContext context, DatasetState dataset)
    {
        if (!Concerns(context, dataset) || context.Answers.Find<RunAnswer>($"zfs.quarantine:{dataset.Name.Split('/')[0]}") is not { Failure: null, ExitCode: 0 } answer) return dataset;
        var prefix = dataset.Name + "@";
        return dataset with { Snapshots = [.. answer.Output.Split('\n').Where(l => l.StartsWith(prefix, StringComparison.Ordinal)).Select(l => l[prefix.Length..])] };
    }

    private static bool Concerns(ObservationContext context, DatasetState dataset) => Quarantine.Concerns(dataset, context.Manifests);

    private static IEnumerable<Step> Unmount(DatasetState dataset)
    {
        if (dataset.Mountpoint is { } place) yield return new ReleaseNfs(place);
        yield return new Run(Command.Of("zfs", "unmount", dataset.Name)) { FailureReason = "DatasetBusy", BusyAt = dataset.Mountpoint };
    }

    private static Run LetGo(string dataset) => new(Command.Of("zfs", "release", QuarantineRecord.Snapshot, $"{dataset}@{QuarantineRecord.Snapshot}")) { Tolerates = Gone };

    private static Run Set(string dataset, params string[] assignments) => new(Command.Of("zfs", ["set", .. assignments, dataset]));
}

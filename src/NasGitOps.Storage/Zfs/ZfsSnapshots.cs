using System.Globalization;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Snapshots;
using NasGitOps.Core.Steps;

namespace NasGitOps.Storage.Zfs;

/// <summary>Snapshots through <c>zfs</c>. Source: zfs-snapshot(8), zfs-destroy(8), zfs-list(8); times measured on OpenZFS 2.3.</summary>
internal sealed class ZfsSnapshots : ISnapshotStore
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public Question<IReadOnlyList<SnapshotTarget>> Datasets(string pool) => Ask<IReadOnlyList<SnapshotTarget>>(
        Probe($"snapshots.datasets:{pool}", "list", "-Hp", "-r", "-t", "filesystem,volume", "-o", $"name,type,{ZfsMark.Resource}", pool),
        text => [.. Lines(text, 3).Select(c => new SnapshotTarget(c[0], c[1] == "volume", c[2].StartsWith("Clone/", StringComparison.Ordinal)))]);

    // Asking for creation or a user property of every snapshot costs three to four times this.
    public Question<IReadOnlyList<SnapshotState>> List(string dataset) => Ask<IReadOnlyList<SnapshotState>>(
        Probe($"snapshots:{dataset}", "list", "-Hp", "-r", "-t", "snapshot", "-s", "createtxg", "-o", "name,guid,createtxg", dataset),
        text => [.. Read(text, 3).Select(s => s.Snapshot)]);

    public Question<IReadOnlyList<DatedState>> ListOf(string dataset) => Ask<IReadOnlyList<DatedState>>(
        Probe($"snapshots.of:{dataset}", "list", "-Hp", "-d", "1", "-t", "snapshot", "-s", "createtxg", "-o", "name,guid,createtxg,creation", dataset),
        text => [.. Read(text, 4).Select(s => new DatedState(s.Snapshot, DateTimeOffset.FromUnixTimeSeconds(long.Parse(s.Columns[3], CultureInfo.InvariantCulture))))]);

    private static IEnumerable<(SnapshotState Snapshot, string[] Columns)> Read(string output, int count)
    {
        string? dataset = null;
        foreach (var columns in Lines(output, count))
        {
            var at = columns[0].IndexOf('@', StringComparison.Ordinal);
            if (at <= 0) throw new FormatException($"zfs list: '{columns[0]}' is no snapshot");
            // Thousands of snapshots share a few names of datasets.
            if (dataset is null || !columns[0].AsSpan(0, at).SequenceEqual(dataset)) dataset = string.Intern(columns[0][..at]);
            yield return (new SnapshotState(dataset, columns[0][(at + 1)..], columns[1], ulong.Parse(columns[2], CultureInfo.InvariantCulture)), columns);
        }
    }

    public Question<IReadOnlyDictionary<string, SnapshotDetails>> Details(IReadOnlyList<SnapshotState> snapshots)
    {
        var probe = Probe("snapshots.details", ["get", "-Hp", "-o", "name,property,value,source", $"guid,userrefs,clones,{ZfsMark.Schedule}", .. snapshots.Select(s => s.FullName)]);
        return new([probe], answers => answers.Find<RunAnswer>(probe.Key) is { } answer && IsOnlyGone(answer)
            ? Reading<IReadOnlyDictionary<string, SnapshotDetails>>.Known(ReadDetails(answer.Output))
            : answers.Output(probe).Select(ReadDetails));
    }

    private static IReadOnlyDictionary<string, SnapshotDetails> ReadDetails(string output) => ZfsGetParser.Parse(output).ToDictionary(
        s => s.Key,
        s => new SnapshotDetails(
            s.Value.GetValueOrDefault("guid")?.Value ?? "",
            s.Value.GetValueOrDefault(ZfsMark.Schedule) is { Source: PropertyValue.Local } mark ? mark.Value : null,
            int.TryParse(s.Value.GetValueOrDefault("userrefs")?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var holds) ? holds : 0,
            (s.Value.GetValueOrDefault("clones")?.Value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)));

    /// <summary>"cannot open 'tank/a@x': dataset does not exist", a line for each; the rest is printed all the same.</summary>
    private static bool IsOnlyGone(RunAnswer details) =>
        details.ExitCode == 1 && details.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } lines
        && Array.TrueForAll(lines, l => l.StartsWith("cannot open '", StringComparison.Ordinal) && l.EndsWith("': dataset does not exist", StringComparison.Ordinal));

    public IReadOnlyList<Step> Take(IReadOnlyList<string> datasets, string name, string schedule) =>
        [new Run(new Command("zfs", ["snapshot", "-o", $"{ZfsMark.Schedule}={schedule}", .. datasets.Select(d => $"{d}@{name}")], Limit))];

    public IReadOnlyList<Step> Destroy(string dataset, IReadOnlyList<string> names) => [new Run(new Command("zfs", ["destroy", $"{dataset}@{string.Join(',', names)}"], Limit))];

    private static Question<T> Ask<T>(RunProbe probe, Func<string, T> read)
        where T : class
        => new([probe], answers => answers.Output(probe).Select(read));

    private static RunProbe Probe(string key, params string[] arguments) => new(key, new Command("zfs", arguments, Limit));

    private static IEnumerable<string[]> Lines(string output, int columns)
    {
        foreach (var line in output.Split('\n'))
        {
            if (line.Length == 0) continue;
            var parts = line.Split('\t');
            yield return parts.Length == columns ? parts : throw new FormatException($"zfs list: expected {columns} columns in '{line}'");
        }
    }
}

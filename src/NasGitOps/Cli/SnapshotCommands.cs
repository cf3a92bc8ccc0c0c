using System.CommandLine;
using System.Globalization;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Snapshots;
using NasGitOps.Execution;
using NasGitOps.Kinds;
using NasGitOps.Observing;
using NasGitOps.Storage;

namespace NasGitOps.Cli;

/// <summary>A snapshot as programs read it.</summary>
/// <param name="Schedule">The schedule that made it; null for one of other making.</param>
internal sealed record SnapshotDocument(string Dataset, string Name, DateTimeOffset Time, string Guid, string? Schedule, int Holds, IReadOnlyList<string> Clones);

/// <summary><c>nasgitops snapshots list</c> and <c>nasgitops restore</c>: what there is, and the manifest that brings it back.</summary>
internal static class SnapshotCommands
{
    public static Command Snapshots()
    {
        var dataset = new Argument<string>("DATASET") { Description = "As tank/media" };
        var output = Output.Option(Output.Text, Output.JsonFormat, Output.Yaml);
        var list = new Command("list", "Show the snapshots of a dataset, with who made them and what keeps them") { dataset, output };
        list.SetAction(async (parsed, ct) =>
        {
            if (await ReadAsync(parsed.GetValue(dataset)!, ct) is not { } snapshots) return ExitCodes.Failed;
            if (parsed.GetValue(output) != Output.Text)
            {
                Output.Write(snapshots, parsed.GetValue(output)!);
                return ExitCodes.Done;
            }

            var width = snapshots.Select(s => s.Name.Length).DefaultIfEmpty(0).Max();
            foreach (var snapshot in snapshots)
            {
                var notes = new[] { snapshot.Schedule is null ? "of other making" : $"schedule {snapshot.Schedule}", snapshot.Holds > 0 ? $"{snapshot.Holds} holds" : "", snapshot.Clones.Count > 0 ? $"clones {string.Join(", ", snapshot.Clones)}" : "" };
                Console.WriteLine($"{snapshot.Time.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z  {Terminal.Safe(snapshot.Name).PadRight(width)}  {Terminal.Dim(Terminal.Safe(string.Join(", ", notes.Where(n => n.Length > 0))))}");
            }

            Console.WriteLine($"{snapshots.Count} snapshot{(snapshots.Count == 1 ? "" : "s")}");
            return ExitCodes.Done;
        });
        return new Command("snapshots", "The host's snapshots") { list };
    }

    public static Command Restore()
    {
        var from = new Option<string>("--from") { Description = "The dataset, or one of its snapshots", HelpName = "DATASET[@SNAPSHOT]", Required = true };
        var before = new Option<string?>("--before") { Description = "The newest snapshot of this time or before (RFC 3339); without it, and without a snapshot, the newest", HelpName = "TIME" };
        var name = new Option<string?>("--name") { Description = "What the clone is called (default: beside the dataset)", HelpName = "DATASET" };
        var expires = new Option<string>("--expires-after") { Description = "When the clone goes, if nobody wrote to it", DefaultValueFactory = _ => "7d", HelpName = "DURATION" };
        var command = new Command("restore", "Print the manifest of a clone that brings old data back; commit it to have it made") { from, before, name, expires };
        command.SetAction(async (parsed, ct) =>
        {
            var parts = parsed.GetValue(from)!.Split('@', 2);
            if (parts.Length == 2 && parsed.GetValue(before) is not null) return Terminal.Usage("a snapshot and --before exclude each other");
            if (!parts[0].Contains('/', StringComparison.Ordinal)) return Terminal.Usage($"'{parts[0]}' is no dataset; write pool/name");
            DateTimeOffset limit = default;
            if (parsed.GetValue(before) is { } time && !RetentionFiles.TryTime(time, out limit)) return Terminal.Usage($"--before '{time}' is no time with its offset; write 2026-01-31T12:00:00Z");
            if (!Core.Manifests.Duration.TryParse(parsed.GetValue(expires)!, out _)) return Terminal.Usage($"--expires-after '{parsed.GetValue(expires)}' is no duration; write 7d");
            if (await ReadAsync(parts[0], ct) is not { } snapshots) return ExitCodes.Failed;
            var found = parts.Length == 2 ? snapshots.FirstOrDefault(s => s.Name == parts[1]) : snapshots.LastOrDefault(s => parsed.GetValue(before) is null || s.Time <= limit);
            if (found is null) return Terminal.Fail($"{parts[0]} has no such snapshot; 'nasgitops snapshots list {parts[0]}' shows those that there are");
            var clone = parsed.GetValue(name) ?? string.Create(CultureInfo.InvariantCulture, $"{found.Dataset}-{found.Time.UtcDateTime:yyyyMMdd-HHmm}");
            var manifest = RestoreManifest.Render(clone, found.Dataset, found.Name, parsed.GetValue(expires)!);
            if (RestoreManifest.Problems(clone, found.Dataset, manifest) is { Count: > 0 } problems) return Terminal.Fail($"such a clone cannot be made: {string.Join("; ", problems)}");
            Console.Error.WriteLine($"# {found.Dataset}@{found.Name}, made {found.Time.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z. Commit this to have the clone made; share it with an SmbShare or NfsExport on it.");
            Console.Write(manifest);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Oldest first; null after the failure was printed.</summary>
    private static async Task<IReadOnlyList<SnapshotDocument>?> ReadAsync(string dataset, CancellationToken ct)
    {
        var probes = new HostProbes(new CommandRunner());
        Task<Answer> Ask(Probe probe) => probes.AnswerAsync(probe, ct);
        // This works without a repository, which alone says what a pool is on: whichever storage knows the dataset.
        var refusals = new List<string>();
        foreach (var store in BuiltInKinds.Storage.Backends.Select(b => b.Snapshots))
        {
            var listed = await store.ListOf(dataset).AskAsync(Ask);
            if (!listed.IsKnown(out var snapshots))
            {
                refusals.Add(listed.Reason ?? "");
                continue;
            }

            var read = await store.ReadDetailsAsync(snapshots.Select(s => s.Snapshot), Ask);
            if (read.IsKnown(out var details)) return Documents(snapshots, details);
            refusals.Add(read.Reason ?? "");
        }

        Terminal.Fail(string.Join("; ", refusals));
        return null;
    }

    private static IReadOnlyList<SnapshotDocument> Documents(IReadOnlyList<DatedState> snapshots, IReadOnlyDictionary<string, SnapshotDetails> details)
    {
        return
        [
            .. snapshots.Select(s => (s.Snapshot, s.Time, Details: details.GetValueOrDefault(s.Snapshot.FullName)))
                .Select(s => new SnapshotDocument(s.Snapshot.Dataset, s.Snapshot.Name, s.Time, s.Snapshot.Guid, s.Details?.Schedule, s.Details?.Holds ?? 0, s.Details?.Clones ?? [])),
        ];
    }
}

using System.CommandLine;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Publishing;
using NasGitOps.Core.Snapshots;
using NasGitOps.Kinds;
using NasGitOps.Kinds.SnapshotSchedule;
using NasGitOps.Observing;
using NasGitOps.Storage;

namespace NasGitOps.Cli;

/// <summary>One snapshot with its verdict, as programs read it.</summary>
internal sealed record VerdictDocument(string Name, DateTimeOffset Time, bool Keep, IReadOnlyList<string> Reasons);

/// <param name="Months">Snapshots at the end of each month.</param>
/// <param name="HeldAtMost">Bytes that the snapshots may hold at most; null where no change was given.</param>
internal sealed record SimulationDocument(int Fires, int CountAtEnd, int CountAtMost, DateTimeOffset Oldest, IReadOnlyDictionary<string, int> Months, ulong? HeldAtMost);

/// <summary><c>nasgitops retention preview</c>: what a policy keeps and prunes, now or played forward; touches nothing.</summary>
internal static class RetentionCommand
{
    /// <summary>What is looked at: snapshots of one dataset, or of a file.</summary>
    private sealed record Subject(string Title, IReadOnlyList<DatedSnapshot> Snapshots);

    private sealed record Question(RetentionPolicy Policy, Schedule? Schedule, TimeZoneInfo Zone, IReadOnlyList<Subject> Subjects);

    public static Command Create()
    {
        var name = new Argument<string?>("SCHEDULE") { Description = "A SnapshotSchedule of the repository", Arity = ArgumentArity.ZeroOrOne };
        var repo = new Option<string?>("--repo") { Description = "Take the schedule from a working copy instead of the last good commit", HelpName = "DIR" };
        var policy = new Option<string?>("--policy") { Description = "A YAML file with the timeZone and retention of a schedule; needs --snapshots and no host", HelpName = "FILE" };
        var snapshots = new Option<string?>("--snapshots") { Description = "Lines of name, tab, time (RFC 3339), in any order", HelpName = "FILE" };
        var now = new Option<string?>("--now") { Description = "Decide as at this time (RFC 3339)", HelpName = "TIME" };
        var simulate = new Option<string?>("--simulate") { Description = "Play this long forward, as 365d", HelpName = "DURATION" };
        var change = new Option<string?>("--daily-change") { Description = "With --simulate: how much is overwritten or deleted a day, for an estimate of space", HelpName = "SIZE" };
        var output = Output.Option(Output.Text, Output.JsonFormat, Output.Yaml);
        var preview = new Command("preview", "Show what a policy keeps and prunes; touches nothing") { name, repo, policy, snapshots, now, simulate, change, output };
        preview.SetAction(async (parsed, ct) =>
        {
            if (parsed.GetValue(name) is null == parsed.GetValue(policy) is null) return Terminal.Usage("give a SCHEDULE, or --policy and --snapshots");
            if (parsed.GetValue(policy) is null != parsed.GetValue(snapshots) is null) return Terminal.Usage("--policy and --snapshots go together");
            var at = DateTimeOffset.UtcNow;
            if (parsed.GetValue(now) is { } time && !RetentionFiles.TryTime(time, out at)) return Terminal.Usage($"--now '{time}' is no time with its offset; write 2026-01-31T12:00:00Z");
            TimeSpan span = default;
            if (parsed.GetValue(simulate) is { } length && (!Duration.TryParse(length, out span) || span > TimeSpan.FromDays(3660))) return Terminal.Usage($"--simulate '{length}' is no duration of at most ten years; write 365d");
            ByteSize daily = default;
            if (parsed.GetValue(change) is { } size && !ByteSize.TryParse(size, out daily)) return Terminal.Usage($"--daily-change '{size}' is no size; write 2GiB");
            try
            {
                var question = parsed.GetValue(policy) is { } file ? FromFiles(file, parsed.GetValue(snapshots)!) : await OnHost(parsed, parsed.GetValue(name)!, parsed.GetValue(repo), ct);
                if (question is null) return ExitCodes.Failed;
                return parsed.GetValue(simulate) is null
                    ? Preview(question, at, parsed.GetValue(output)!)
                    : Simulate(question, at, span, parsed.GetValue(change) is null ? null : daily, parsed.GetValue(output)!);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or Source.SourceException)
            {
                return Terminal.Fail(e.Message);
            }
        });
        return new Command("retention", "What retention keeps and prunes") { preview };
    }

    private static Question? FromFiles(string policyFile, string snapshotFile)
    {
        var policy = RetentionFiles.ReadPolicy(policyFile);
        var snapshots = RetentionFiles.ReadSnapshots(snapshotFile);
        if (policy is null || snapshots is null) return null;
        Schedule.TryParse(policy.Cron ?? "@hourly", policy.TimeZone, out var schedule, out _);
        return new Question(policy.Policy, policy.Cron is null ? null : schedule, schedule.Zone, [new Subject(snapshotFile, snapshots)]);
    }

    /// <summary>The schedule of the repository, and what the host has of its snapshots.</summary>
    private static async Task<Question?> OnHost(ParseResult parsed, string name, string? folder, CancellationToken ct)
    {
        if (Context.ReadConfig(parsed) is not { } config) return null;
        using var logs = Context.Logs(parsed, agent: false);
        var services = new HostServices(config, logs, TimeProvider.System);
        var manifests = folder is null ? services.Remembered().Manifests : PlanCommand.WorkingCopy(services, folder)?.Manifests;
        if (manifests is null) return null;
        if (manifests.Find(new ResourceId(SnapshotScheduleKind.KindName, name))?.Spec is not SnapshotScheduleSpec spec)
        {
            Terminal.Fail($"the repository has no SnapshotSchedule '{name}'; it has {string.Join(", ", manifests.OfSpec<SnapshotScheduleSpec>().Select(s => s.Spec.Name).DefaultIfEmpty("none"))}");
            return null;
        }

        var format = SnapshotNameFormat.Parse(spec.NameFormat);
        var subjects = new List<Subject>();
        foreach (var pool in spec.Pools)
        {
            var probes = new HostProbes(services.Runner);
            var listed = await BuiltInKinds.Storage.Of(pool, manifests).Snapshots.List(pool).AskAsync(probe => probes.AnswerAsync(probe, ct));
            if (!listed.IsKnown(out var snapshots))
            {
                Terminal.Fail(listed.Reason ?? "");
                return null;
            }

            subjects.AddRange(snapshots
                .Where(s => spec.Covers(s.Dataset))
                .Select(s => (s.Dataset, s.Name, IsOurs: format.TryRead(s.Name, out var time), Time: time))
                .Where(s => s.IsOurs)
                .GroupBy(s => s.Dataset)
                .Select(g => new Subject(g.Key, [.. g.Select(s => new DatedSnapshot($"{s.Dataset}@{s.Name}", s.Time))])));
        }

        return new Question(spec.Retention, spec.Schedule, spec.Schedule.Zone, subjects);
    }

    private static int Preview(Question question, DateTimeOffset now, string format)
    {
        var decided = question.Subjects.Select(s => (s.Title, Verdicts: Retention.Decide(s.Snapshots, question.Policy, question.Zone, now))).ToList();
        if (format != Output.Text)
        {
            Output.Write(decided.SelectMany(d => d.Verdicts).Select(v => new VerdictDocument(v.Snapshot.Name, v.Snapshot.Time, v.Keep, v.Reasons(question.Policy))).ToList(), format);
            return ExitCodes.Done;
        }

        foreach (var (title, verdicts) in decided)
        {
            Console.WriteLine(Terminal.Bold(Terminal.Safe(title)));
            foreach (var verdict in verdicts)
            {
                var mark = verdict.Keep ? Terminal.Green("keep ") : Terminal.Red("prune");
                Console.WriteLine($"  {mark} {verdict.Snapshot.Time.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z  {Terminal.Safe(verdict.Snapshot.Name)}  {Terminal.Dim(string.Join(", ", verdict.Reasons(question.Policy)))}".TrimEnd());
            }
        }

        var all = decided.SelectMany(d => d.Verdicts).ToList();
        Console.WriteLine($"{all.Count(v => v.Keep)} kept, {all.Count(v => !v.Keep)} pruned. Held snapshots, those with clones and those of other making are never pruned.");
        return ExitCodes.Done;
    }

    private static int Simulate(Question question, DateTimeOffset now, TimeSpan span, ByteSize? daily, string format)
    {
        if (question.Schedule is null) return Terminal.Usage("--simulate needs to know when snapshots are taken: add cron: to the policy's file");
        var fires = new ScheduleTimes(question.Schedule).Between(now, now + span).ToList();
        // Datasets of one schedule have the same future; one with the longest past stands for all.
        var past = question.Subjects.OrderByDescending(s => s.Snapshots.Count).FirstOrDefault()?.Snapshots ?? [];
        var points = RetentionSimulation.Run(past, question.Policy, question.Zone, fires).ToList();
        if (points.Count == 0) return Terminal.Fail("the schedule does not fire in that time");
        var months = points.GroupBy(p => TimeZoneInfo.ConvertTime(p.Time, question.Zone).ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture)).ToDictionary(g => g.Key, g => g.Last().Count);
        var last = points[^1];
        // What was overwritten since the oldest snapshot is held by one of them at the most.
        ulong? held = daily is { } change ? (ulong)((last.Time - last.Oldest).TotalDays * change.Bytes) : null;
        var result = new SimulationDocument(fires.Count, last.Count, points.Max(p => p.Count), last.Oldest, months, held);
        if (format != Output.Text)
        {
            Output.Write(result, format);
            return ExitCodes.Done;
        }

        Console.WriteLine($"{fires.Count} snapshots of each dataset are taken until {last.Time.UtcDateTime:yyyy-MM-dd HH:mm}Z.");
        foreach (var (month, count) in months) Console.WriteLine($"  {month}  {count,6} at its end");
        Console.WriteLine($"At the end there are {last.Count} (at most {result.CountAtMost} at a time), the oldest of {last.Oldest.UtcDateTime:yyyy-MM-dd HH:mm}Z.");
        if (held is { } bytes) Console.WriteLine($"They hold {new ByteSize(bytes)} at most: {daily} a day since the oldest, if nothing is overwritten twice.");
        return ExitCodes.Done;
    }
}

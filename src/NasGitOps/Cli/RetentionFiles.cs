using System.Globalization;
using NasGitOps.Configuration;
using NasGitOps.Core.Loading;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Snapshots;

namespace NasGitOps.Cli;

/// <summary>A policy that is looked at without a host.</summary>
/// <param name="Cron">Null where the file names none; only a simulation needs it.</param>
internal sealed record RetentionPolicyFile(RetentionPolicy Policy, string TimeZone, string? Cron);

/// <summary>Reads the two files of <c>retention preview --policy FILE --snapshots FILE</c>.</summary>
internal static class RetentionFiles
{
    /// <summary>A YAML mapping with <c>timeZone</c> and <c>retention</c> (and <c>cron</c>) as a schedule's spec has them; null after its problems were printed.</summary>
    public static RetentionPolicyFile? ReadPolicy(string path)
    {
        var yaml = YamlReader.Read(new SourceFile(path, File.ReadAllBytes(path)));
        var problems = yaml.Problems.ToList();
        RetentionPolicyFile? file = null;
        if (problems.Count == 0 && yaml.Documents is [MapNode root]) file = Build(new ConfigMap(path, "", root, problems));
        else if (problems.Count == 0) problems.Add(new ManifestProblem(Severity.Error, path, 1, 1, "", "one YAML document with a mapping is expected", "write retention: {keepDaily: 7}"));
        foreach (var problem in problems.OrderBy(p => p.Line)) Console.Error.WriteLine(Context.Problem(problem));
        return problems.Count == 0 ? file : null;
    }

    /// <summary>Lines of <c>name TAB time</c>, in any order; null after the first fault was printed.</summary>
    public static IReadOnlyList<DatedSnapshot>? ReadSnapshots(string path)
    {
        var snapshots = new List<DatedSnapshot>();
        var faults = 0;
        foreach (var (index, line) in File.ReadLines(path).Index())
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            var columns = line.TrimEnd('\r').Split('\t');
            if (columns.Length == 2 && columns[0].Length > 0 && TryTime(columns[1], out var time))
            {
                snapshots.Add(new DatedSnapshot(columns[0], time));
                continue;
            }

            Console.Error.WriteLine($"{path}:{index + 1}:1: {Terminal.Red("error")}: '{Terminal.Safe(line)}' is no snapshot\n    {Terminal.Dim("→")} write its name, a tab and its time, as daily-1<TAB>2026-01-31T12:00:00Z");
            faults++;
        }

        return faults == 0 ? snapshots : null;
    }

    /// <summary>RFC 3339; without an offset it could mean anything.</summary>
    public static bool TryTime(string text, out DateTimeOffset time)
    {
        time = default;
        var hasOffset = text.EndsWith('Z') || text.EndsWith('z') || (text.Length > 6 && text[^6] is '+' or '-' && text[^3] == ':');
        return hasOffset && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
    }

    private static RetentionPolicyFile Build(ConfigMap root)
    {
        var zone = root.Text("timeZone") ?? Schedule.Utc;
        if (Schedule.CheckTimeZone(zone) is { } unknown) root.Problem("timeZone", unknown, "as Europe/Berlin");
        var cron = root.Text("cron");
        if (cron is not null && !Schedule.TryParse(cron, null, out _, out var error)) root.Problem("cron", error, "as @hourly or 0 3 * * *");
        var retention = root.Map("retention");
        var policy = new RetentionPolicy(
            Number("keepLast"), Number("keepHourly"), Number("keepDaily"), Number("keepWeekly"), Number("keepMonthly"), Number("keepYearly"), retention.Period("keepWithin", TimeSpan.FromSeconds(1)));
        retention.Finish();
        root.Finish();
        if (!policy.HasRule) root.Problem("retention", RetentionPolicy.NoRule, RetentionPolicy.WriteARule);
        return new RetentionPolicyFile(policy, zone, cron);

        int Number(string name) => retention.Number(name, 0) ?? 0;
    }
}

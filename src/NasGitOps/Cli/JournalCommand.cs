using System.CommandLine;
using NasGitOps.Configuration;
using NasGitOps.Core.Manifests;
using NasGitOps.Execution;

namespace NasGitOps.Cli;

/// <summary><c>nasgitops journal</c>: what was done to this host, and for which commit.</summary>
internal static class JournalCommand
{
    public static Command Create() => new("journal", "What was done to this host") { Show(), Verify() };

    private static Command Show()
    {
        var since = new Option<string?>("--since") { Description = "Only what came later: a duration (2h, 7d) or a time (2026-01-31T12:00:00Z)", HelpName = "WHEN" };
        var resource = new Option<string?>("--resource") { Description = "Only of this resource and what is below it: Dataset/tank/media, or a kind alone", HelpName = "KIND[/NAME]" };
        var commit = new Option<string?>("--commit") { Description = "Only for this commit", HelpName = "COMMIT" };
        var number = new Option<int?>("-n") { Description = "Only the newest so many entries", HelpName = "NUMBER" };
        var output = Output.Option(Output.Text, Output.JsonFormat, Output.Yaml);
        var command = new Command("show", "Print what was done to this host, oldest first") { since, resource, commit, number, output };
        command.SetAction(parsed =>
        {
            DateTimeOffset? from = null;
            if (parsed.GetValue(since) is { } when && !TryWhen(when, out from)) return Terminal.Usage($"--since '{when}' is no duration and no time with its offset; write 2h or 2026-01-31T12:00:00Z");
            if (parsed.GetValue(number) is < 1) return Terminal.Usage("-n wants a whole number of at least 1");
            if (Context.ReadConfig(parsed) is not { } config) return ExitCodes.Failed;
            var path = HostServices.JournalPath(config);
            if (Missing(path) is { } missing) return Terminal.Fail(missing);
            var filter = new JournalFilter(from, parsed.GetValue(resource), parsed.GetValue(commit));
            var entries = Journal.Read(path).Where(filter.Matches);
            if (parsed.GetValue(number) is { } newest) entries = entries.TakeLast(newest);
            if (parsed.GetValue(output) is { } format && format != Output.Text) Output.Write(entries.ToList(), format);
            else foreach (var entry in entries) Console.WriteLine(Line(entry));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Verify()
    {
        var command = new Command("verify", "Check that the journal's chain is whole, across all its files");
        command.SetAction(parsed => Context.ReadConfig(parsed) is { } config ? Verify(config) : ExitCodes.Failed);
        return command;
    }

    private static int Verify(AgentConfig config)
    {
        var path = HostServices.JournalPath(config);
        if (Missing(path) is { } missing) return Terminal.Fail(missing);
        var verdict = JournalChain.Check(path);
        if (verdict.Break is { } broken) return Terminal.Fail($"{broken.File}:{broken.Line}: {broken.Reason}");
        var files = verdict.Files == 1 ? "" : $", in {verdict.Files} files";
        Console.WriteLine($"{path}: the chain is whole, entries {verdict.First} to {verdict.Last}{files}");
        if (verdict.First > 1) Console.WriteLine($"What came before entry {verdict.First} was removed when the journal grew, as journal.keep says; the chain says so itself.");
        return ExitCodes.Done;
    }

    private static string? Missing(string path) => Directory.Exists(Path.GetDirectoryName(path)) && (File.Exists(path) || JournalFiles.PutAside(path).Count > 0)
        ? null
        : $"there is no {path}: nothing was done to this host yet";

    private static bool TryWhen(string text, out DateTimeOffset? when)
    {
        when = Duration.TryParse(text, out var ago) ? TimeProvider.System.GetUtcNow() - ago : RetentionFiles.TryTime(text, out var time) ? time : null;
        return when is not null;
    }

    private static string Line(JournalEntry entry)
    {
        var end = entry.Exit is { } exit ? $" exit {exit} in {entry.Ms} ms" : "";
        var commit = string.IsNullOrEmpty(entry.Commit) ? "-" : entry.Commit[..Math.Min(12, entry.Commit.Length)];
        return $"{entry.Seq,6} {entry.Time:yyyy-MM-dd HH:mm:ss}Z {entry.Phase,-6} {commit} {Terminal.Safe($"{entry.Resource} {entry.Step}{end}{(entry.Error is null ? "" : " " + entry.Error)}")}";
    }
}

/// <summary>Which entries a person asks for.</summary>
/// <param name="Resource">A resource, with all below it, or a kind.</param>
/// <param name="Commit">The beginning of its id.</param>
internal sealed record JournalFilter(DateTimeOffset? Since, string? Resource, string? Commit)
{
    public bool Matches(JournalEntry entry) =>
        (Since is null || entry.Time >= Since)
        && (Resource is null || entry.Resource == Resource || entry.Resource.StartsWith(Resource.TrimEnd('/') + "/", StringComparison.Ordinal))
        && (Commit is null || (Commit.Length > 0 && entry.Commit.StartsWith(Commit, StringComparison.OrdinalIgnoreCase)));
}

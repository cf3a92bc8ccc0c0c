using System.CommandLine;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Publishing;
using NasGitOps.Core.Status;

namespace NasGitOps.Cli;

/// <summary><c>nasgitops status</c>: the host's state, resource by resource, as the last pass wrote it.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var watch = new Option<bool>("--watch", "-w") { Description = "Print again whenever it changes, until interrupted" };
        var output = Output.Option(Output.Text, Output.JsonFormat, Output.Yaml);
        var command = new Command("status", "Show the host's state, resource by resource") { watch, output };
        command.SetAction(async (parsed, ct) =>
        {
            if (Context.ReadConfig(parsed) is not { } config) return ExitCodes.Failed;
            int Once() => Show(config.Status.File, parsed.GetValue(output)!, config.Reconcile.DriftInterval);
            var code = Once();
            if (parsed.GetValue(watch)) await Watch(config.Status.File, () => Once(), ct);
            return code;
        });
        return command;
    }

    private static int Show(string file, string format, TimeSpan interval)
    {
        if (!File.Exists(file)) return Terminal.Fail($"there is no {file} yet: no pass has run on this host. Start the agent with 'systemctl enable --now nasgitops', or run 'nasgitops apply'");
        StatusDocument status;
        try
        {
            status = Json.FromNode<StatusDocument>(YamlText.Read(File.ReadAllText(file)));
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            return Terminal.Fail($"{file} cannot be read: {e.Message}");
        }

        if (format == Output.Text) Write(status, Stale(status.ObservedAt, DateTimeOffset.UtcNow, interval));
        else Output.Write(status, format);
        return ExitCodes.Done;
    }

    /// <summary>What is shown may be long past: passes that fail before their end write none. Null while it is as fresh as passes make it.</summary>
    /// <param name="interval">Between passes; the second one in a row that is missing is no chance any more.</param>
    internal static string? Stale(DateTimeOffset observed, DateTimeOffset now, TimeSpan interval)
    {
        var age = now - observed;
        return age <= (2 * interval) + TimeSpan.FromMinutes(2)
            ? null
            : $"no pass came to its end for {Duration.Format(TimeSpan.FromMinutes(Math.Floor(age.TotalMinutes)))}: what follows is how it was then. See 'systemctl status nasgitops' and 'journalctl -u nasgitops'";
    }

    private static void Write(StatusDocument status, string? stale)
    {
        if (stale is not null) Console.WriteLine(Terminal.Red(stale));
        Console.WriteLine($"{Terminal.Bold(status.Host)}  observed {status.ObservedAt:yyyy-MM-dd HH:mm:ss}Z");
        Console.WriteLine($"  in force {Short(status.InForceCommit)}{(status.Signer is { } signer ? $" signed by {Terminal.Safe(signer)}" : "")}, last fully applied {Short(status.LastAppliedCommit)}, newest seen {Short(status.LastAttemptedCommit)}");
        foreach (var condition in status.Conditions) Console.WriteLine($"  {Mark(condition)} {condition.Type,-12} {condition.Status,-7} {condition.Reason}: {Terminal.Safe(condition.Message)}");
        foreach (var problem in status.Problems) Console.WriteLine($"  {Terminal.Red(problem.Severity)} {Terminal.Safe($"{problem.File}:{problem.Line}:{problem.Column}: {problem.Field}: {problem.Message} ({problem.WayOut})")}");
        foreach (var pool in status.Pools) Console.WriteLine($"  {(pool.Health == "ONLINE" ? Terminal.Green("✓") : Terminal.Red("✗"))} pool {Terminal.Safe(pool.Name)} {pool.Health}{(pool.Scan.Length > 0 ? $", {Terminal.Safe(pool.Scan)}" : "")}{(pool.Progress.Length > 0 ? $": {Terminal.Safe(pool.Progress)}" : "")}");
        Console.WriteLine();
        var width = status.Resources.Select(r => r.Kind.Length + r.Name.Length + 1).DefaultIfEmpty(8).Max();
        foreach (var resource in status.Resources)
        {
            var ready = resource.Conditions.FirstOrDefault(c => c.Type == Condition.Ready);
            Console.WriteLine($"  {(ready is null ? " " : Mark(ready))} {Terminal.Safe($"{resource.Kind}/{resource.Name}").PadRight(width)}  {ready?.Reason,-16} {Terminal.Safe(ready?.Message ?? "")}");
            foreach (var other in resource.Conditions.Where(c => c.Type == Condition.Degraded)) Console.WriteLine($"    {Terminal.Yellow("degraded")} {other.Reason}: {Terminal.Safe(other.Message)}");
        }

        Write(status.Jobs);
    }

    private static void Write(IReadOnlyList<JobDocument> jobs)
    {
        if (jobs.Count == 0) return;
        Console.WriteLine();
        var width = jobs.Max(j => j.Task.Length + j.Kind.Length + j.Name.Length + 2);
        foreach (var job in jobs)
        {
            var mark = job.Succeeded switch { true => Terminal.Green("✓"), false => Terminal.Red("✗"), _ => " " };
            var last = job.LastRun is { } ran ? $"{ran:yyyy-MM-dd HH:mm:ss}Z, {job.Seconds:0.0} s: {Terminal.Safe(job.Message)}" : "has not run yet";
            Console.WriteLine($"  {mark} {Terminal.Safe($"{job.Task} {job.Kind}/{job.Name}").PadRight(width)}  {last}{(job.NextRun is { } next ? Terminal.Dim($"  next {next:yyyy-MM-dd HH:mm:ss}Z") : "")}");
        }
    }

    private static string Mark(Condition condition) => (condition.Type == Condition.Ready) == (condition.Status == "True") ? Terminal.Green("✓") : Terminal.Red("✗");

    private static string Short(string? commit) => commit is null ? "none" : commit[..Math.Min(12, commit.Length)];

    private static async Task Watch(string file, Action show, CancellationToken ct)
    {
        var last = File.GetLastWriteTimeUtc(file);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await timer.WaitForNextTickAsync(ct))
            {
                var now = File.GetLastWriteTimeUtc(file);
                if (now == last) continue;
                last = now;
                Console.WriteLine();
                show();
            }
        }
        catch (OperationCanceledException)
        {
            // Interrupted: that is how watching ends.
        }
    }
}

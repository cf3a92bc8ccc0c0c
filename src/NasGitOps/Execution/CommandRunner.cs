using System.Collections.Concurrent;
using System.Diagnostics;
using NasGitOps.Core.Steps;
using NasGitOps.Reporting;

namespace NasGitOps.Execution;

/// <summary>Runs processes: argument lists only, a small environment, a session of its own for each, so that the whole tree can be ended.</summary>
/// <remarks>
/// Each command starts through <c>setsid</c>, which execs it: no further process stays, and its id is also that of its group. Each also carries a cookie in
/// its environment, by which descendants are found that left the group or were orphaned.
/// </remarks>
internal sealed class CommandRunner : ICommandRunner
{
    /// <summary>What carries the cookie; <see cref="ProcessTree"/> looks for it.</summary>
    public const string CookieVariable = "NASGITOPS_COMMAND";

    /// <summary>Commands that no kill ended, by their text. Another try would hang as they do, and leave one more process behind at each pass.</summary>
    private readonly ConcurrentDictionary<string, Process> stuck = new(StringComparer.Ordinal);

    public Task<CommandResult> RunAsync(Command command, CommandOptions options, CancellationToken ct) =>
        Task.Factory.StartNew(() => Run(command, options, ct), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private CommandResult Run(Command command, CommandOptions options, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        var ended = Execute(command, options, ct);
        var duration = Stopwatch.GetElapsedTime(started);
        var result = ended.End switch
        {
            Ending.ByItself => ended.ExitCode == 0 ? "ok" : "nonzero",
            Ending.NotStarted => "not_started",
            Ending.TimedOut => "timed_out",
            Ending.Cancelled => "cancelled",
            _ => "too_much_output",
        };
        Telemetry.CommandRan(Path.GetFileName(command.Tool), result, duration);
        return new CommandResult(command, ended.ExitCode, ended.Output, ended.Errors, duration, Explain(ended, command, options)) { SecretOutput = ended.SecretOutput };
    }

    private Ended Execute(Command command, CommandOptions options, CancellationToken ct)
    {
        if (ct.IsCancellationRequested) return Ended.NeverStarted(Ending.Cancelled, "");
        if (StillHangs(command.ToString()) is { } earlier) return Ended.NeverStarted(Ending.NotStarted, $"was not started: an earlier run still hangs in the kernel (process {earlier}; a suspended pool? 'zpool status -x', 'dmesg | tail')");
        var environment = CommandEnvironment.For(options.Environment);
        if (CommandEnvironment.Find(command.Tool, environment["PATH"]) is not { } program) return NotFound(command.Tool, environment["PATH"]);
        if (CommandEnvironment.Find("setsid", environment["PATH"]) is not { } setsid) return NotFound("setsid", environment["PATH"]);
        var cookie = Guid.NewGuid().ToString("N");
        var start = new ProcessStartInfo(setsid)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = options.WorkingDirectory ?? "/",
        };
        start.ArgumentList.Add(program);
        foreach (var argument in command.Arguments) start.ArgumentList.Add(argument);
        start.Environment.Clear();
        foreach (var (name, value) in environment) start.Environment[name] = value;
        start.Environment[CookieVariable] = cookie;

        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException or IOException)
        {
            return Ended.NeverStarted(Ending.NotStarted, $"could not be started: {e.Message}");
        }

        Ended ended;
        using (var conversation = new Conversation(process, options, command.Timeout)) ended = conversation.Run(() => ProcessTree.Kill(process.Id, cookie), ct);
        if (ended.Fate == Fate.Stuck) stuck[command.ToString()] = process;
        else process.Dispose();
        return ended is { End: Ending.ByItself, ExitCode: 126 or 127 } && ended.Errors.StartsWith("setsid: failed to execute", StringComparison.Ordinal)
            ? Ended.NeverStarted(Ending.NotStarted, $"could not be started: {ended.Errors.Trim()}")
            : ended;
    }

    /// <summary>The id of the process; null when there is none, or the kernel let it go at last.</summary>
    private int? StillHangs(string command)
    {
        if (!stuck.TryGetValue(command, out var process)) return null;
        if (!process.HasExited) return process.Id;
        if (stuck.TryRemove(command, out _)) process.Dispose();
        return null;
    }

    private static Ended NotFound(string tool, string path) =>
        Ended.NeverStarted(Ending.NotStarted, tool.Contains('/', StringComparison.Ordinal)
            ? $"{tool} does not exist or is not executable (check with 'ls -l {tool}')"
            : $"{tool} is not installed: it is in none of {path} (see 'nasgitops doctor')");

    private static string? Explain(Ended ended, Command command, CommandOptions options)
    {
        var fate = ended.Fate == Fate.Gone
            ? "it and all its children were killed"
            : "it does not end even when killed: it hangs in the kernel (a suspended pool? 'zpool status -x', 'dmesg | tail')";
        return ended.End switch
        {
            Ending.ByItself => null,
            Ending.NotStarted => ended.Detail,
            Ending.TimedOut => $"timed out after {command.Timeout.TotalSeconds:0.###} s; {fate}",
            Ending.Cancelled => ended.ExitCode == -1 && ended.Fate == Fate.Gone ? "was cancelled before it started" : $"was cancelled; {fate}",
            _ => $"printed more than {options.MaxOutputBytes} bytes; {fate}",
        };
    }
}

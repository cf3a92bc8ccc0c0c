using System.CommandLine;
using NasGitOps.Configuration;
using NasGitOps.Core.Manifests;
using Microsoft.Extensions.Logging;
using NasGitOps.State;

namespace NasGitOps.Cli;

/// <summary><c>forget</c> and <c>journal</c>: what was recorded of this host.</summary>
internal static class RecordCommands
{
    public static Command Forget()
    {
        var name = new Argument<string>("KIND/NAME") { Description = "As Dataset/tank/media" };
        var command = new Command("forget", "Drop the record of something that is gone for good") { name };
        command.SetAction(parsed =>
        {
            if (ResourceId.TryParse(parsed.GetValue(name)!) is not { } id) return Terminal.Usage($"'{parsed.GetValue(name)}' is no KIND/NAME");

            return Context.ReadConfig(parsed) is { } config ? Forget(parsed, config, id) : ExitCodes.Failed;
        });
        return command;
    }

    public static Command Journal()
    {
        var show = new Command("show", "Print what was done to this host, and for which commit");
        show.SetAction(parsed => Context.ReadConfig(parsed) is { } config ? Show(config) : ExitCodes.Failed);
        var verify = new Command("verify", "Check that the journal's chain is whole");
        verify.SetAction(parsed => Context.ReadConfig(parsed) is { } config ? Verify(config) : ExitCodes.Failed);
        return new Command("journal", "What was done to this host") { show, verify };
    }

    private static int Forget(ParseResult parsed, AgentConfig config, ResourceId id)
    {
        using var logs = Context.Logs(parsed, agent: false);
        using var held = HostLock.TryTake(config.StateDirectory, "forget", out var refusal);
        if (held is null) return Terminal.Fail(refusal);
        var store = new StateStore(config.StateDirectory, TimeProvider.System, logs.CreateLogger("forget"));
        var state = store.Load();
        if (state.Records.All(r => r.Id != id)) return Terminal.Fail($"there is no record of {id}; 'nasgitops status' lists what is known");
        store.Save(state with { Records = [.. state.Records.Where(r => r.Id != id)] });
        Console.WriteLine($"{id} is forgotten. If a manifest still declares it, the next pass makes it anew.");
        return ExitCodes.Done;
    }

    private static int Show(AgentConfig config)
    {
        var path = HostServices.JournalPath(config);
        if (!File.Exists(path)) return Terminal.Fail($"there is no {path}: nothing was done to this host yet");
        foreach (var entry in Execution.Journal.Read(path))
        {
            var end = entry.Exit is { } exit ? $" exit {exit} in {entry.Ms} ms" : "";
            Console.WriteLine($"{entry.Seq,6} {entry.Time:yyyy-MM-dd HH:mm:ss}Z {entry.Phase,-6} {Short(entry.Commit)} {Terminal.Safe($"{entry.Resource} {entry.Step}{end}{(entry.Error is null ? "" : " " + entry.Error)}")}");
        }

        return ExitCodes.Done;
    }

    private static int Verify(AgentConfig config)
    {
        var path = HostServices.JournalPath(config);
        if (!File.Exists(path)) return Terminal.Fail($"there is no {path}");
        if (Execution.Journal.Verify(path) is { } broken) return Terminal.Fail($"{path}:{broken.Line}: {broken.Reason}");
        Console.WriteLine($"{path}: the chain is whole");
        return ExitCodes.Done;
    }

    private static string Short(string? commit) => string.IsNullOrEmpty(commit) ? "-" : commit[..Math.Min(12, commit.Length)];
}

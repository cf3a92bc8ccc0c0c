using System.CommandLine;
using NasGitOps.Configuration;
using NasGitOps.Core.Manifests;
using Microsoft.Extensions.Logging;
using NasGitOps.State;

namespace NasGitOps.Cli;

/// <summary><c>forget</c>: what was recorded of this host.</summary>
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
}

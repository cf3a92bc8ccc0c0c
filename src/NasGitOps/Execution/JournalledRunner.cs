using NasGitOps.Core.Manifests;
using NasGitOps.Core.Steps;

namespace NasGitOps.Execution;

/// <summary>For a step that runs several commands, which depend on what it finds: each is in the journal before it runs.</summary>
internal sealed class JournalledRunner(ICommandRunner runner, Journal journal, string commit, ResourceId resource) : ICommandRunner
{
    public async Task<CommandResult> RunAsync(Command command, CommandOptions options, CancellationToken ct)
    {
        var entry = journal.Intent(commit, resource.ToString(), command.ToString());
        var result = await runner.RunAsync(command, options, ct);
        journal.Done(entry, result.ExitCode, result.Duration, result.Succeeded ? null : result.Evidence());
        return result;
    }
}

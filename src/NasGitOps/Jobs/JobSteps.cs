using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Steps;
using NasGitOps.Execution;

namespace NasGitOps.Jobs;

/// <summary>The two things that a job does to the host: it asks, and it takes steps, each of them journalled.</summary>
internal sealed class JobSteps(ICommandRunner runner, SecretStore secrets, string journalPath, TimeProvider time)
{
    public Task<RunAnswer> AskAsync(RunProbe probe) => runner.AskAsync(probe, CancellationToken.None);

    /// <param name="told">What steps tell of their work.</param>
    /// <returns>Null when all of them were done; else what failed, with its evidence. The rest is not taken.</returns>
    public async Task<string?> TakeAsync(string commit, ResourceId resource, IEnumerable<Step> steps, Dictionary<string, string>? told = null)
    {
        using var journal = Journal.Open(journalPath, time);
        var executor = new StepExecutor(runner, secrets, journal);
        foreach (var step in steps)
        {
            var result = await executor.RunAsync(commit, resource, step, told ?? [], new FileTransaction(), CancellationToken.None);
            if (result.Problem is not null) return result.Problem;
        }

        return null;
    }
}

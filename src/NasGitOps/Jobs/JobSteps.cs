using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Steps;
using NasGitOps.Execution;
using NasGitOps.Observing;
using NasGitOps.Storage;

namespace NasGitOps.Jobs;

/// <summary>The two things that a job does to the host: it asks, and it takes steps, each of them journalled.</summary>
internal sealed class JobSteps(HostProbes probes, ICommandRunner runner, SecretStore secrets, string journalPath, TimeProvider time, JournalLimits? limits = null)
{
    public Task<Answer> AskAsync(Probe probe) => probes.AnswerAsync(probe, CancellationToken.None);

    public Task<Reading<T>> AskAsync<T>(Question<T> question)
        where T : class
        => question.AskAsync(AskAsync);

    /// <param name="told">What steps tell of their work.</param>
    /// <returns>Null when all of them were done; else what failed, with its evidence. The rest is not taken.</returns>
    public async Task<string?> TakeAsync(string commit, ResourceId resource, IEnumerable<Step> steps, Dictionary<string, string>? told = null)
    {
        using var journal = Journal.Open(journalPath, time, limits);
        var executor = new StepExecutor(runner, secrets, journal);
        foreach (var step in steps)
        {
            var result = await executor.RunAsync(commit, resource, step, told ?? [], new FileTransaction(), CancellationToken.None);
            if (result.Problem is not null) return result.Problem;
        }

        return null;
    }
}

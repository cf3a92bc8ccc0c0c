using NasGitOps.Configuration;
using NasGitOps.Core.Loading;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Execution;
using NasGitOps.Source;
using NasGitOps.State;

namespace NasGitOps.Reconciling;

/// <summary>What the repository says this host should be, as far as it can be trusted.</summary>
/// <param name="Attempted">The newest commit seen.</param>
/// <param name="InForce">The commit whose manifests are in <paramref name="Manifests"/>; null when there never was a good one.</param>
/// <param name="Problems">Of the attempted commit.</param>
/// <param name="Failure">Why the attempted commit is not followed, or the repository not reached.</param>
internal sealed record DesiredState(
    string? Attempted, string? InForce, ManifestSet Manifests, bool Complete, IReadOnlyList<ManifestProblem> Problems, string? Failure, string FailureReason, IReadOnlyList<string> Approvals)
{
    /// <summary>Secrets that lie encrypted in the commit in force.</summary>
    public IReadOnlyList<SourceFile> Encrypted { get; init; } = [];

    public async Task<Desired> ToDesiredAsync(SecretStore secrets) => new(
        InForce ?? "", Manifests, Complete,
        await secrets.With(Encrypted).FingerprintsAsync(Manifests.All.Select(m => m.Spec).OfType<ISecretUser>().SelectMany(s => s.SecretRefs)));
}

/// <summary>Fetches, checks and loads: a commit with any invalid manifest is not applied at all, and the last good one stays in force.</summary>
internal sealed class DesiredStateReader(AgentConfig config, GitSource source, ManifestLoader loader, StateStore store)
{
    /// <summary>A commit never changes: what was read of it is kept, and a pass without news reads nothing.</summary>
    private (string Commit, ManifestSet Manifests, bool Complete, IReadOnlyList<ManifestProblem> Problems, IReadOnlyList<SourceFile> Encrypted)? known;

    public async Task<DesiredState> ReadAsync(AgentState state, bool acceptRewrite, CancellationToken ct)
    {
        var fetched = await source.FetchAsync(ct);
        if (fetched is FetchResult.Failed failed) return Last(state, state.LastAttemptedCommit, [], failed.Message, "GitUnreachable");
        var commit = fetched switch
        {
            FetchResult.Fetched f => f.Commit,
            FetchResult.Unchanged u => u.Commit,
            _ => throw new InvalidOperationException($"no such result: {fetched}"),
        };
        try
        {
            return Read(state, commit, acceptRewrite);
        }
        catch (SourceException e)
        {
            return Last(state, commit, [], e.Message, "GitUnreachable");
        }
    }

    private DesiredState Read(AgentState state, string commit, bool acceptRewrite)
    {
        if (!acceptRewrite && state.InForceCommit is { } before && !source.IsDescendant(before, commit))
        {
            return Last(state, commit, [], $"commit {commit} does not descend from {before}, which is in force: the history was rewritten. Look whether it was meant, then run 'nasgitops apply --accept-rewrite'", "HistoryRewritten");
        }

        var (_, manifests, complete, problems, encrypted) = known?.Commit == commit ? known.Value : Load(commit);
        if (problems.Any(p => p.Severity == Severity.Error)) return Last(state, commit, problems, null, "");
        if (source.LastGood != commit) source.LastGood = commit;
        return new DesiredState(commit, commit, manifests, complete, problems, null, "", [.. Approvals(state, commit).Distinct()]) { Encrypted = encrypted };
    }

    private (string Commit, ManifestSet Manifests, bool Complete, IReadOnlyList<ManifestProblem> Problems, IReadOnlyList<SourceFile> Encrypted) Load(string commit)
    {
        var tree = source.ReadTree(commit);
        var loaded = loader.Load(tree.Files, config.Host, commit);
        var result = (commit, loaded.Manifests, tree.Complete, (IReadOnlyList<ManifestProblem>)[.. tree.Problems, .. loaded.Problems], tree.Encrypted);
        if (result.Item4.All(p => p.Severity != Severity.Error)) store.LastGood.Save(new LastGood(commit, tree.Complete, tree.Files) { Encrypted = tree.Encrypted });
        known = result;
        return result;
    }

    /// <summary>Trailers of every accepted commit since the last applied one are remembered until they are used.</summary>
    private IEnumerable<string> Approvals(AgentState state, string commit)
    {
        if (state.LastAppliedCommit == commit) return [];
        var since = state.LastAppliedCommit is { } applied && source.IsDescendant(applied, commit) ? applied : null;
        return source.Between(since, commit).SelectMany(c => c.Trailers(CommitTrailers.Approve));
    }

    /// <summary>The last good manifests, from their plain files.</summary>
    private DesiredState Last(AgentState state, string? attempted, IReadOnlyList<ManifestProblem> problems, string? failure, string reason)
    {
        if (store.LastGood.Load() is not { } good) return new DesiredState(attempted, null, new ManifestSet([]), false, problems, failure, reason, state.ApprovedDigests);
        var loaded = loader.Load(good.Files, config.Host, good.Commit);
        return new DesiredState(attempted, good.Commit, loaded.Manifests, good.Complete && !loaded.HasErrors, problems, failure, reason, state.ApprovedDigests) { Encrypted = good.Encrypted };
    }
}

using NasGitOps.Configuration;
using NasGitOps.Core.Loading;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Execution;
using NasGitOps.Source;
using NasGitOps.State;
using NasGitOps.Trust;

namespace NasGitOps.Reconciling;

/// <summary>What the repository says this host should be, as far as it can be trusted.</summary>
/// <param name="Attempted">The newest commit seen.</param>
/// <param name="InForce">The commit whose manifests are in <paramref name="Manifests"/>; null when there never was a good one.</param>
/// <param name="Problems">Of the attempted commit.</param>
/// <param name="Failure">Why the attempted commit is not followed, or the repository not reached.</param>
internal sealed record DesiredState(
    string? Attempted, string? InForce, ManifestSet Manifests, bool Complete, IReadOnlyList<ManifestProblem> Problems, string? Failure, string FailureReason, IReadOnlyList<Approval> Approvals)
{
    /// <summary>What the signature checks vouch for, once this is in force.</summary>
    public TrustRecord? Trust { get; init; }

    /// <summary>Secrets that lie encrypted in the commit in force.</summary>
    public IReadOnlyList<SourceFile> Encrypted { get; init; } = [];

    public async Task<Desired> ToDesiredAsync(SecretStore secrets) => new(
        InForce ?? "", Manifests, Complete,
        await secrets.With(Encrypted).FingerprintsAsync(Manifests.All.Select(m => m.Spec).OfType<ISecretUser>().SelectMany(s => s.SecretRefs)));
}

/// <summary>Fetches, checks and loads: a commit with any invalid manifest is not applied at all, and the last good one stays in force.</summary>
internal sealed class DesiredStateReader(AgentConfig config, GitSource source, ManifestLoader loader, StateStore store, HistoryTrust trust)
{
    /// <summary>A commit never changes: what was read of it is kept, and a pass without news reads nothing.</summary>
    private (string Commit, ManifestSet Manifests, bool Complete, IReadOnlyList<ManifestProblem> Problems, IReadOnlyList<SourceFile> Encrypted)? known;

    /// <summary>The state without what nobody vouches for.</summary>
    public AgentState Vouched(AgentState state) => trust.Vouched(state);

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
            return await ReadAsync(state, commit, acceptRewrite, ct);
        }
        catch (SourceException e)
        {
            return Last(state, commit, [], e.Message, "GitUnreachable");
        }
    }

    /// <summary>Whether a pass would follow a commit, whatever is in it.</summary>
    public async Task<TrustVerdict> JudgeAsync(AgentState state, string commit, CancellationToken ct) =>
        Rewritten(state, commit) is { } rewritten ? TrustVerdict.No(rewritten) : await trust.JudgeAsync(trust.Vouched(state), commit, ct);

    private async Task<DesiredState> ReadAsync(AgentState state, string commit, bool acceptRewrite, CancellationToken ct)
    {
        if (!acceptRewrite && Rewritten(state, commit) is { } rewritten) return Last(state, commit, [], rewritten.Message, rewritten.Reason);
        var verdict = await trust.JudgeAsync(state, commit, ct);
        if (verdict.Refusal is { } refusal) return Last(state, commit, [], refusal.Message, refusal.Reason);

        var (_, manifests, complete, problems, encrypted) = known?.Commit == commit ? known.Value : Load(commit);
        if (problems.Any(p => p.Severity == Severity.Error)) return Last(state, commit, problems, null, "");
        if (source.LastGood != commit) source.LastGood = commit;
        return new DesiredState(commit, commit, manifests, complete, problems, null, "", Approvals(state, commit, verdict)) { Trust = verdict.Record, Encrypted = encrypted };
    }

    /// <summary>An older commit of the branch is a rewrite as well: what came after it would be undone. A lost state does not forget: the last good manifests name their commit too.</summary>
    private TrustRefusal? Rewritten(AgentState state, string commit) =>
        (state.InForceCommit ?? store.LastGood.Load()?.Commit) is { } before && !source.IsDescendant(before, commit)
            ? new TrustRefusal(TrustRefusal.Rewritten, $"commit {commit} does not descend from {before}, which is in force: the history was rewritten. Look whether it was meant, then run 'nasgitops apply --accept-rewrite'")
            : null;

    private (string Commit, ManifestSet Manifests, bool Complete, IReadOnlyList<ManifestProblem> Problems, IReadOnlyList<SourceFile> Encrypted) Load(string commit)
    {
        var tree = source.ReadTree(commit);
        var loaded = loader.Load(tree.Files, config.Host, commit);
        var result = (commit, loaded.Manifests, tree.Complete, (IReadOnlyList<ManifestProblem>)[.. tree.Problems, .. loaded.Problems], tree.Encrypted);
        if (result.Item4.All(p => p.Severity != Severity.Error)) store.LastGood.Save(new LastGood(commit, tree.Complete, tree.Files) { Encrypted = tree.Encrypted });
        known = result;
        return result;
    }

    /// <summary>Trailers of every accepted commit since the last applied one are remembered until they are used. Where signatures are checked, only those of commits that were checked count.</summary>
    /// <remarks>Where no applied one is known, old trailers of the whole history must not count again: the newest commit's do, and those that were seen before.</remarks>
    public IReadOnlyList<Approval> Approvals(AgentState state, string commit, TrustVerdict verdict)
    {
        if (state.LastAppliedCommit == commit) return [];
        var since = state.LastAppliedCommit is { } applied && source.IsDescendant(applied, commit) ? applied : null;
        var seen = state.Approvals.Select(a => a.Commit).ToHashSet(StringComparer.Ordinal);
        var commits = source.Between(since, commit).Where(c => seen.Contains(c.Sha) || ((since is not null || c.Sha == commit) && verdict.Counts(c.Sha)));
        return Approval.Remembered(commits.SelectMany(c => c.Trailers(CommitTrailers.Approve).Select(digest => new Approval(digest, c.Sha))), state.Approvals);
    }

    /// <summary>The last good manifests, from their plain files.</summary>
    private DesiredState Last(AgentState state, string? attempted, IReadOnlyList<ManifestProblem> problems, string? failure, string reason)
    {
        if (store.LastGood.Load() is not { } good) return new DesiredState(attempted, null, new ManifestSet([]), false, problems, failure, reason, state.Approvals) { Trust = state.Trust };
        var loaded = loader.Load(good.Files, config.Host, good.Commit);
        return new DesiredState(attempted, good.Commit, loaded.Manifests, good.Complete && !loaded.HasErrors, problems, failure, reason, state.Approvals) { Trust = state.Trust, Encrypted = good.Encrypted };
    }
}

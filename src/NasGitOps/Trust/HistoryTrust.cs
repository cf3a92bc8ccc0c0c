using LibGit2Sharp;
using NasGitOps.Configuration;
using NasGitOps.Core.Loading;
using NasGitOps.Execution;
using NasGitOps.Source;
using NasGitOps.State;

namespace NasGitOps.Trust;

/// <summary>What the signature checks say of a commit that is to be followed.</summary>
/// <param name="Refusal">Why it is not to be; null when it is.</param>
/// <param name="Record">To be remembered once it is in force.</param>
/// <param name="Verified">The commits whose signatures were found good; null where nobody asks for signatures.</param>
internal sealed record TrustVerdict(TrustRefusal? Refusal, TrustRecord? Record, IReadOnlySet<string>? Verified)
{
    public static TrustVerdict NotAsked { get; } = new(null, null, null);

    /// <summary>Whether what a commit's message says (an approval) has weight.</summary>
    public bool Counts(string commit) => Verified?.Contains(commit) ?? true;

    public static TrustVerdict No(TrustRefusal refusal) => new(refusal, null, new HashSet<string>());
}

/// <summary>Decides whether a commit may be followed: by its signature, or by those of all commits that are new with it.</summary>
internal sealed class HistoryTrust(VerifyConfig config, GitSource source, ICommandRunner runner)
{
    /// <summary>So many refused commits are named; a history that nobody signed has thousands.</summary>
    private const int MaxRefusals = 5;

    private readonly CommitVerifier verifier = new(config, source.Mirror, runner);
    private readonly ProtectedParts parts = new(config.Rules);

    /// <summary>A commit that waits for something else (an invalid manifest, say) comes with every pass.</summary>
    private (string Question, TrustVerdict Verdict)? last;

    private string Mode => config.Mode.ToString().ToLowerInvariant();

    /// <summary>The state without what nobody vouches for: approvals that were taken from commits before their signatures were asked for.</summary>
    public AgentState Vouched(AgentState state) => config.Mode == VerifyMode.None || state.Trust?.Mode == Mode ? state : state with { Approvals = [], Trust = null };

    public async Task<TrustVerdict> JudgeAsync(AgentState state, string commit, CancellationToken ct)
    {
        if (config.Mode == VerifyMode.None) return TrustVerdict.NotAsked;
        if (KeyFiles.Read(config, out var problem) is not { } keys) return TrustVerdict.No(new TrustRefusal(TrustRefusal.CheckFailed, problem!));
        if (config.Anchor is { } anchor && !source.IsDescendant(anchor, commit))
        {
            return TrustVerdict.No(new TrustRefusal(TrustRefusal.Rewritten, $"commit {commit} does not descend from {anchor}, which repository.verify.anchor trusts: the history was rewritten, or the anchor is of another repository. Look at it, then set the anchor to a commit of this history"));
        }

        var trusted = state.Trust?.Mode == Mode ? state.Trust : null;
        if (config.Mode == VerifyMode.Head) return await JudgeAsync([commit], trusted, commit, keys, ct);
        string?[] known = [trusted?.Commit, config.Anchor];
        if (known.All(k => k is null)) known = [state.InForceCommit];
        if (known.All(k => k is null))
        {
            return TrustVerdict.No(new TrustRefusal(
                TrustRefusal.NoAnchor, $"nothing is trusted yet on this host, so that the range to verify begins nowhere. Look at the history up to commit {commit} ('git log --show-signature'), then set repository.verify.anchor to the commit from which on every commit must be signed"));
        }

        return await JudgeAsync(New(commit, known.OfType<string>()), trusted, commit, keys, ct);
    }

    private async Task<TrustVerdict> JudgeAsync(IReadOnlyList<string> commits, TrustRecord? trusted, string tip, KeyFiles keys, CancellationToken ct)
    {
        var question = $"{keys.Hash} {string.Join(' ', commits)}";
        if (last?.Question == question && commits.Count > 0) return last.Value.Verdict;
        var verdicts = await verifier.VerifyAsync(commits, keys, MaxRefusals, ct);
        var refusals = new List<(string Commit, TrustRefusal Refusal)>();
        foreach (var (commit, found) in verdicts)
        {
            var refusal = found.Refusal ?? (config.Rules.Count == 0 ? null : await ByRuleAsync(commit, found.Signer!, ct));
            if (refusal is not null) refusals.Add((commit, refusal));
        }

        if (refusals.Count > 0) return TrustVerdict.No(Explain(refusals));
        var signer = verdicts.TryGetValue(tip, out var ofTip) ? ofTip.Signer?.ToString() : trusted?.Commit == tip ? trusted.Signer : null;
        var verdict = new TrustVerdict(null, new TrustRecord(Mode, tip, signer), verdicts.Keys.ToHashSet(StringComparer.Ordinal));
        last = (question, verdict);
        return verdict;
    }

    /// <summary>What is in the history of a commit and in none of the trusted ones, oldest first. A trusted one that the mirror does not have (the history was rewritten) excludes nothing.</summary>
    private List<string> New(string commit, IEnumerable<string> trusted) => source.Reading($"the history of {commit}", repository =>
    {
        var filter = new CommitFilter
        {
            IncludeReachableFrom = commit,
            ExcludeReachableFrom = trusted.Where(t => repository.Lookup<Commit>(t) is not null).ToList(),
            SortBy = CommitSortStrategies.Topological | CommitSortStrategies.Reverse,
        };
        return repository.Commits.QueryBy(filter).Select(c => c.Sha).ToList();
    });

    private async Task<TrustRefusal?> ByRuleAsync(string commit, Signer signer, CancellationToken ct)
    {
        var parents = source.Reading(commit, repository => repository.Lookup<Commit>(commit).Parents.Select(p => p.Sha).ToList());
        IReadOnlyList<string>? bases = null;
        if (parents.Count == 2)
        {
            var found = await source.Mirror.GitAsync(["merge-base", "--all", .. parents], ct);
            if (found.Failure is not null || found.ExitCode > 1) return new TrustRefusal(TrustRefusal.CheckFailed, found.Evidence());
            bases = found.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }

        var touched = source.Reading(commit, repository => parts.Touched(repository.Lookup<Commit>(commit), bases?.Select(repository.Lookup<Commit>).ToList()));
        var broken = touched.Where(t => !signer.IsOneOf(t.Rule.Signers)).Select(t =>
        {
            var what = t.Rule is KindRule kind ? $"a manifest of kind {kind.Kind} in {Show.Text(t.Path)}" : $"{Show.Text(t.Path)} (rule {((PathRule)t.Rule).Glob})";
            return $"{what}, which only {Show.List(t.Rule.Signers)} may";
        }).ToList();
        return broken.Count == 0 ? null : new TrustRefusal(TrustRefusal.Untrusted, $"it is signed by {signer} and changes {string.Join("; and ", broken)}");
    }

    private TrustRefusal Explain(List<(string Commit, TrustRefusal Refusal)> refusals)
    {
        var (first, refusal) = refusals[0];
        var more = refusals.Count == 1 ? "" : $" Nor are {(refusals.Count >= MaxRefusals ? "at least " : "")}{refusals.Count - 1} more: {string.Join("; ", refusals.Skip(1).Select(r => $"{r.Commit[..12]}: {r.Refusal.Message}"))}.";
        return refusal with { Message = $"{Name(first)} is not followed: {refusal.Message}. {WayOut(first, refusal.Reason)}.{more}" };
    }

    private string Name(string commit) => source.Reading(commit, repository =>
    {
        var found = repository.Lookup<Commit>(commit);
        return $"commit {commit[..12]} of {Show.Text(found.Author.Name)} ({Show.Text(found.MessageShort)})";
    });

    private string WayOut(string commit, string reason)
    {
        var looked = config.Mode == VerifyMode.Head
            ? "put a signed commit on top ('git commit --allow-empty -S')"
            : $"if it is right as it is, set repository.verify.anchor to {commit} on this host";
        return reason switch
        {
            TrustRefusal.Unsigned => $"Sign it and push again ('git rebase --exec \"git commit --amend --no-edit -S\" {commit[..12]}^', or 'git commit --amend -S' for the last one). Or look at it ('git show {commit[..12]}'), and {looked}",
            TrustRefusal.Untrusted => $"Let somebody sign it who may, or say on this host that this key may. Or look at it ('git show {commit[..12]}'), and {looked}",
            TrustRefusal.CheckFailed => "It is tried again with every pass; 'nasgitops doctor' tells what this host lacks",
            _ => $"Find out who made it so ('git show {commit[..12]}') before anything else. Then sign it anew, or {looked}",
        };
    }
}

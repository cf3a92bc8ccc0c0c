using LibGit2Sharp;
using Microsoft.Extensions.Logging;
using NasGitOps.Configuration;
using NasGitOps.Execution;
using NasGitOps.Reporting;

namespace NasGitOps.Source;

/// <summary>What a fetch brought.</summary>
internal abstract record FetchResult
{
    /// <summary>The branch stands at another commit than before, or is seen for the first time.</summary>
    public sealed record Fetched(string Commit) : FetchResult;

    public sealed record Unchanged(string Commit) : FetchResult;

    /// <param name="Message">What failed, on what, why, and what to do.</param>
    /// <param name="Evidence">The command with its exit code and standard error.</param>
    public sealed record Failed(string Message, string Evidence) : FetchResult;
}

/// <summary>One commit, as history tells it.</summary>
internal sealed record CommitInfo(string Sha, string Message, string Author, DateTimeOffset When)
{
    public string Subject => Message.Split('\n', 2)[0].Trim();

    /// <summary>The values of a trailer such as <c>NasGitOps-Approve</c>.</summary>
    public IEnumerable<string> Trailers(string key) => CommitTrailers.Find(Message, key);
}

/// <summary>The followed branch: fetched into the mirror by git, read from it as objects.</summary>
internal sealed class GitSource(AgentConfig config, Mirror mirror, ILogger log)
{
    private const string LastGoodRef = "refs/nasgitops/last-good";
    private const string BranchPrefix = "refs/remotes/origin/";

    /// <summary>Fetches brought this many since the last tidying; each leaves loose objects or a small pack.</summary>
    private const int FetchesPerTidying = 50;

    private readonly string followed = BranchPrefix + config.Repository.Branch;
    private int fetches;

    public static GitSource Create(AgentConfig config, ICommandRunner runner, TimeProvider clock, ILogger log) =>
        new(config, new Mirror(Path.Combine(config.StateDirectory, "mirror.git"), config.Repository.Remote, runner, clock, log), log);

    public Mirror Mirror => mirror;

    /// <summary>Brings the followed branch up to date; one git process when nothing is new.</summary>
    public async Task<FetchResult> FetchAsync(CancellationToken ct)
    {
        var result = await TryFetchAsync(ct);
        Telemetry.Fetched(result);
        return result;
    }

    private async Task<FetchResult> TryFetchAsync(CancellationToken ct)
    {
        try
        {
            using var held = await mirror.LockAsync(ct);
            if (held is null) return new FetchResult.Failed($"the mirror {mirror.Path} is in use by another nasgitops for more than a minute; see who with 'cat {mirror.Path}.lock'", "");
            var result = await FetchLockedAsync(ct);
            if (!mirror.Suspect) return result;
            var lastGood = LastGoodText();
            mirror.MoveAside("its objects cannot be read");
            result = await FetchLockedAsync(ct);
            if (lastGood is not null && Contains(lastGood)) LastGood = lastGood;
            return result;
        }
        catch (Exception e) when (e is SourceException or IOException or UnauthorizedAccessException)
        {
            return new FetchResult.Failed($"cannot fetch into {mirror.Path}: {e.Message}", "");
        }
    }

    /// <summary>Brings every branch, or one full ref name such as <c>refs/pull/7/head</c>, so that it can be resolved.</summary>
    /// <returns>Why it failed; null when it did not.</returns>
    public async Task<string?> FetchForAsync(string reference, CancellationToken ct)
    {
        using var held = await mirror.LockAsync(ct);
        if (held is null) return $"the mirror {mirror.Path} is in use by another nasgitops";
        var spec = GitNames.IsRef(reference) ? $"+{reference}:{Asked(reference)}" : $"+refs/heads/*:{BranchPrefix}*";
        if (await mirror.EnsureAsync(ct) is { } failure) return failure;
        var fetched = await mirror.GitAsync(Arguments(spec), ct);
        return fetched.Succeeded ? null : TransportFailure.Explain($"cannot fetch {reference}", mirror.Remote, fetched);
    }

    /// <summary>The commit that a name stands for: a commit id, a branch of the remote, or a full ref name that was fetched; null when there is none.</summary>
    public string? Resolve(string reference)
    {
        using var repository = mirror.Open();
        string[] names = GitNames.IsRef(reference) ? [Asked(reference), reference] : [BranchPrefix + reference];
        foreach (var name in names.Where(GitNames.IsRef))
        {
            if (repository.Refs[name]?.ResolveToDirectReference().Target.Peel<Commit>() is { } named) return named.Sha;
        }

        return reference.Length >= 7 && reference.All(char.IsAsciiHexDigit) ? repository.Lookup<Commit>(reference)?.Sha : null;
    }

    /// <summary>The manifest files of a commit.</summary>
    /// <exception cref="SourceException">The mirror does not have it, or is damaged; the next fetch mends that.</exception>
    public SourceTree ReadTree(string commit) => Reading($"commit {commit}", repository =>
    {
        var found = repository.Lookup<Commit>(commit) ?? throw new SourceException($"the mirror {mirror.Path} does not have the commit {commit}");
        return TreeSelection.Read(new CommitTree(found.Tree), config.Repository.Paths, config.Host);
    });

    /// <summary>One file of a commit or branch as text; null when it is not there.</summary>
    public string? ReadFile(string commit, string path) =>
        Reading($"{path} of {commit}", repository => (repository.Lookup<Commit>(commit)?[path]?.Target as Blob)?.GetContentText());

    /// <summary>Whether the newer commit has the older one in its history (or is it): when not, history was rewritten.</summary>
    public bool IsDescendant(string older, string newer) => older == newer || Reading($"the history of {newer}", repository =>
        repository.Lookup<Commit>(older) is { } ancestor
        && repository.Lookup<Commit>(newer) is { } descendant
        && repository.ObjectDatabase.CalculateHistoryDivergence(descendant, ancestor) is { BehindBy: 0, CommonAncestor: not null });

    /// <summary>The commits after <paramref name="older"/> (all, when it is null) up to <paramref name="newer"/>, newest first.</summary>
    public IReadOnlyList<CommitInfo> Between(string? older, string newer) => Reading($"the history of {newer}", repository =>
    {
        var filter = new CommitFilter { IncludeReachableFrom = newer, SortBy = CommitSortStrategies.Topological };
        if (older is not null) filter.ExcludeReachableFrom = older;
        return repository.Commits.QueryBy(filter).Select(c => new CommitInfo(c.Sha, c.Message, c.Author.Name, c.Committer.When)).ToList();
    });

    /// <summary>The commit whose manifests are enforced; kept so that it survives whatever the branch does.</summary>
    public string? LastGood
    {
        get => Reading(LastGoodRef, repository => repository.Refs[LastGoodRef]?.TargetIdentifier);
        set => Reading(LastGoodRef, repository => repository.Refs.Add(LastGoodRef, value, allowOverwrite: true));
    }

    private async Task<FetchResult> FetchLockedAsync(CancellationToken ct)
    {
        if (await mirror.EnsureAsync(ct) is { } failure) return new FetchResult.Failed(failure, "");
        var before = Followed();
        var fetched = await mirror.GitAsync(Arguments($"+refs/heads/{config.Repository.Branch}:{followed}"), ct);
        if (!fetched.Succeeded)
        {
            mirror.Suspect = mirror.Suspect || (before is not null && !IsReadable(before));
            return new FetchResult.Failed(TransportFailure.Explain($"cannot fetch the branch '{config.Repository.Branch}'", mirror.Remote, fetched), fetched.Evidence());
        }

        var after = Followed();
        if (after is null || mirror.Suspect || ((fetches++ == 0 || after != before) && !IsReadable(after)))
        {
            mirror.Suspect = true;
            return new FetchResult.Failed($"the mirror {mirror.Path} is damaged: what was fetched cannot be read from it", fetched.Evidence());
        }

        if (after == before) return new FetchResult.Unchanged(after);
        if (fetches % FetchesPerTidying == 0) await mirror.GitAsync(["-c", "gc.auto=500", "-c", "gc.autoDetach=false", "gc", "--auto", "--quiet"], ct);
        log.LogInformation("Fetched {Branch}: {Before} → {After}", config.Repository.Branch, before ?? "(nothing)", after);
        return new FetchResult.Fetched(after);
    }

    private string[] Arguments(string refspec) =>
        ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules", "--", mirror.Remote.Url, refspec];

    private static string Asked(string reference) => $"refs/nasgitops/asked/{reference["refs/".Length..]}";

    private string? Followed()
    {
        using var repository = mirror.Open();
        try
        {
            return repository.Refs[followed]?.TargetIdentifier;
        }
        catch (LibGit2SharpException)
        {
            mirror.Suspect = true; // a power cut may leave an empty file where the name of a commit should be
            return null;
        }
    }

    /// <summary>Whether a commit's whole tree can be read; manifests are small, so this costs little.</summary>
    private bool IsReadable(string commit)
    {
        try
        {
            ReadTree(commit);
            return true;
        }
        catch (SourceException)
        {
            return false;
        }
    }

    private bool Contains(string commit) => Reading(commit, repository => repository.Lookup<Commit>(commit) is not null);

    private string? LastGoodText()
    {
        var file = Path.Combine(mirror.Path, LastGoodRef);
        return File.Exists(file) && File.ReadAllText(file).Trim() is { Length: 40 } text ? text : null;
    }

    /// <summary>Reads something of the mirror.</summary>
    /// <param name="what">For the message.</param>
    /// <exception cref="SourceException">The mirror is damaged; the next fetch mends that.</exception>
    public T Reading<T>(string what, Func<Repository, T> read)
    {
        using var repository = mirror.Open();
        try
        {
            return read(repository);
        }
        catch (LibGit2SharpException e)
        {
            mirror.Suspect = true;
            throw new SourceException($"{what} cannot be read from the mirror {mirror.Path}: {e.Message} (the next fetch makes the mirror anew)", e);
        }
    }
}

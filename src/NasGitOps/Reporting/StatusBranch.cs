using System.Text;
using LibGit2Sharp;
using Microsoft.Extensions.Logging;
using NasGitOps.Configuration;
using NasGitOps.Execution;
using NasGitOps.Source;
using NasGitOps.Trust;

namespace NasGitOps.Reporting;

/// <summary>What is published of a pass.</summary>
/// <param name="InventoryYaml">Rendered only when a commit is made.</param>
/// <param name="ContentHash">Of everything but times and usage figures; equal hashes make no second commit.</param>
/// <param name="Subject">What happened, in words.</param>
/// <param name="Commit">The applied commit; null before the first.</param>
internal sealed record StatusPublication(string StatusYaml, Func<string> InventoryYaml, string ContentHash, string Subject, string? Commit, string PlanDigest);

/// <summary>What became of a publication.</summary>
internal abstract record PublishResult
{
    /// <summary>The branch says it already.</summary>
    public sealed record Unchanged : PublishResult;

    public sealed record Pushed(string Commit) : PublishResult;

    /// <summary>Kept in the mirror, in order, until the server can be reached.</summary>
    public sealed record Spooled(int Commits, string Message) : PublishResult;

    /// <summary>The server was reached and does not want it (a hook, a protected branch): a person must act.</summary>
    public sealed record Refused(string Message) : PublishResult;
}

/// <summary>The host's status as commits of a branch, pushed by compare-and-swap so that nothing of others is overwritten.</summary>
/// <remarks>
/// Two refs of the mirror carry it: <c>pushed</c> is the branch as the server last had it, <c>local</c> what we want it to be. The commits between them are the
/// spool, and survive a restart.
/// </remarks>
/// <param name="ownMirror">Whether nothing else lives in the mirror; else the followed branch's fetch mends it when it is damaged.</param>
/// <param name="signer">Null where status commits are not signed.</param>
internal sealed class StatusBranch(Mirror mirror, bool ownMirror, string branch, string host, CommitSigner? signer, TimeProvider clock, ILogger log)
{
    public const string CommitTrailer = "NasGitOps-Commit";
    public const string PlanTrailer = "NasGitOps-Plan";
    public const string ContentTrailer = "NasGitOps-Content";

    private const string Local = "refs/nasgitops/status/local";
    private const string Pushed = "refs/nasgitops/status/pushed";
    private const string Incoming = "refs/nasgitops/status/incoming";
    private const int Attempts = 5;

    private bool remoteSeen;

    /// <summary>Null when no branch is configured.</summary>
    /// <param name="followed">The mirror of the followed repository, which carries the status too unless another is configured.</param>
    public static StatusBranch? Create(AgentConfig config, Mirror followed, ICommandRunner runner, TimeProvider clock, ILogger log)
    {
        if (config.Status.Branch is not { } branch) return null;
        var own = config.Status.Remote is { } other ? new Mirror(Path.Combine(config.StateDirectory, "status.git"), other, runner, clock, log) : null;
        var signer = config.Status.SignKeyFile is { } key ? new CommitSigner(key, runner) : null;
        return new StatusBranch(own ?? followed, own is not null, branch, config.Host, signer, clock, log);
    }

    /// <param name="force">A commit even if nothing changed: the heartbeat.</param>
    public async Task<PublishResult> PublishAsync(StatusPublication publication, bool force, CancellationToken ct)
    {
        using var held = await mirror.LockAsync(ct);
        if (held is null) return new PublishResult.Spooled(0, $"the mirror {mirror.Path} is in use by another nasgitops");
        try
        {
            if (ownMirror && mirror.Suspect) mirror.MoveAside("its objects cannot be read");
            if (await mirror.EnsureAsync(ct) is { } failure) return new PublishResult.Spooled(0, failure);
            var unreachable = await MeetRemoteAsync(ct);
            if (!await RecordAsync(publication, force, ct) && Spool() == 0) return new PublishResult.Unchanged();
            return unreachable is null ? await PushAsync(ct) : new PublishResult.Spooled(Spool(), unreachable);
        }
        catch (Exception e) when (e is SourceException or LibGit2SharpException or IOException or UnauthorizedAccessException)
        {
            mirror.Suspect |= e is LibGit2SharpException;
            return new PublishResult.Spooled(0, $"the status commit could not be made in {mirror.Path}: {e.Message}");
        }
    }

    /// <summary>Once a run: what the branch says there, so that a new state directory goes on where the old one ended.</summary>
    private async Task<string?> MeetRemoteAsync(CancellationToken ct)
    {
        using (var repository = mirror.Open())
        {
            remoteSeen |= repository.Refs[Pushed] is not null;
        }

        if (remoteSeen) return null;
        var failure = await RefetchAsync(ct);
        remoteSeen = failure is null;
        return failure;
    }

    /// <summary>Makes the commit, unless the newest one says the same.</summary>
    private async Task<bool> RecordAsync(StatusPublication publication, bool force, CancellationToken ct)
    {
        using var repository = mirror.Open();
        var tip = Tip(repository, Local) ?? Tip(repository, Pushed);
        if (!force && tip is not null && CommitTrailers.Find(tip.Message, ContentTrailer).Contains(publication.ContentHash)) return false;
        var message = new StringBuilder($"{publication.Subject.ReplaceLineEndings(" ").Trim()}\n\n");
        if (publication.Commit is { } applied) message.Append($"{CommitTrailer}: {applied}\n");
        message.Append($"{PlanTrailer}: {publication.PlanDigest}\n{ContentTrailer}: {publication.ContentHash}\n");
        var files = new (string Name, Blob Content)[]
        {
            ("status.yaml", Write(repository, publication.StatusYaml)),
            ("inventory.yaml", Write(repository, publication.InventoryYaml())),
        };
        var signature = new Signature("nasgitops", $"nasgitops@{host}", clock.GetUtcNow());
        Set(repository, Local, await BuildAsync(repository, tip, files, signature, message.ToString(), ct));
        return true;
    }

    private async Task<PublishResult> PushAsync(CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (local, expected) = Ends();
            var pushed = await mirror.GitAsync(
                ["push", "--porcelain", "--no-verify", $"--force-with-lease=refs/heads/{branch}:{expected}", "--", mirror.Remote.Url, $"{Local}:refs/heads/{branch}"], ct);
            var verdict = PushVerdict.Read(pushed);
            var what = $"cannot push the status branch '{branch}'";
            switch (verdict.Outcome)
            {
                case PushOutcome.Accepted:
                    Accept(local);
                    return new PublishResult.Pushed(local);
                case PushOutcome.Refused:
                    return new PublishResult.Refused(
                        $"{what} to {mirror.Remote.Url}: the server refuses it ({verdict.Reason}); allow this host to write that branch, or name another in status.branch. {pushed.Evidence()}");
                case PushOutcome.SomeoneElsePushed when attempt < Attempts:
                    log.LogInformation("The status branch {Branch} moved on the server ({Reason}): fetching it and trying again", branch, verdict.Reason);
                    if (await RefetchAsync(ct) is { } failure) return new PublishResult.Spooled(Spool(), failure);
                    break;
                default:
                    return new PublishResult.Spooled(Spool(), TransportFailure.Explain(what, mirror.Remote, pushed));
            }
        }
    }

    private void Accept(string commit)
    {
        using var repository = mirror.Open();
        Set(repository, Pushed, repository.Lookup<Commit>(commit));
    }

    /// <summary>Learns where the branch stands on the server, and puts our unpushed commits on top of that.</summary>
    private async Task<string?> RefetchAsync(CancellationToken ct)
    {
        var fetched = await mirror.GitAsync(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--", mirror.Remote.Url, $"+refs/heads/{branch}:{Incoming}"], ct);
        var absent = !fetched.Succeeded && fetched.Errors.Contains("couldn't find remote ref", StringComparison.Ordinal);
        if (!fetched.Succeeded && !absent) return TransportFailure.Explain($"cannot read the status branch '{branch}'", mirror.Remote, fetched);
        using var repository = mirror.Open();
        var spool = SpoolOf(repository);
        var tip = absent ? null : Tip(repository, Incoming);
        foreach (var commit in spool)
        {
            var files = commit.Tree.Where(e => e.Name is "status.yaml" or "inventory.yaml").Select(e => (e.Name, (Blob)e.Target));
            tip = await BuildAsync(repository, tip, files, commit.Committer, commit.Message, ct);
        }

        Set(repository, Pushed, absent ? null : Tip(repository, Incoming));
        Set(repository, Local, tip);
        return null;
    }

    private (string Local, string Expected) Ends()
    {
        using var repository = mirror.Open();
        return (Tip(repository, Local)!.Sha, Tip(repository, Pushed)?.Sha ?? "");
    }

    private int Spool()
    {
        using var repository = mirror.Open();
        return SpoolOf(repository).Count;
    }

    /// <summary>Our commits that the server does not have, oldest first.</summary>
    private static List<Commit> SpoolOf(Repository repository)
    {
        if (Tip(repository, Local) is not { } local) return [];
        var filter = new CommitFilter { IncludeReachableFrom = local, SortBy = CommitSortStrategies.Topological | CommitSortStrategies.Reverse };
        if (Tip(repository, Pushed) is { } pushed) filter.ExcludeReachableFrom = pushed;
        return [.. repository.Commits.QueryBy(filter)];
    }

    /// <summary>Other files of the branch (a page that explains it, say) stay as they are.</summary>
    private async Task<Commit> BuildAsync(
        Repository repository, Commit? parent, IEnumerable<(string Name, Blob Content)> files, Signature author, string message, CancellationToken ct)
    {
        var definition = parent is null ? new TreeDefinition() : TreeDefinition.From(parent.Tree);
        foreach (var (name, blob) in files) definition.Add(name, blob, Mode.NonExecutableFile);
        var tree = repository.ObjectDatabase.CreateTree(definition);
        Commit[] parents = parent is null ? [] : [parent];
        if (signer is null) return repository.ObjectDatabase.CreateCommit(author, author, message, tree, parents, prettifyMessage: false);
        var content = Commit.CreateBuffer(author, author, message, tree, parents, prettifyMessage: false, commentChar: null);
        return repository.Lookup<Commit>(repository.ObjectDatabase.CreateCommitWithSignature(content, await signer.SignAsync(content, ct)));
    }

    private static Blob Write(Repository repository, string text)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return repository.ObjectDatabase.CreateBlob(content);
    }

    private static Commit? Tip(Repository repository, string name) => repository.Refs[name] is { } found ? repository.Lookup<Commit>(found.TargetIdentifier) : null;

    private static void Set(Repository repository, string name, Commit? commit)
    {
        if (commit is not null) repository.Refs.Add(name, commit.Id, allowOverwrite: true);
        else if (repository.Refs[name] is { } found) repository.Refs.Remove(found);
    }
}

using NasGitOps.Configuration;
using NasGitOps.Core.Loading;
using NasGitOps.Core.Ownership;
using NasGitOps.Kinds;
using NasGitOps.Reconciling;
using NasGitOps.State;
using NasGitOps.Tests.Source;
using NasGitOps.Trust;

namespace NasGitOps.Tests.Reconciling;

public sealed class ApprovalHistoryTests : IDisposable
{
    private readonly GitLab lab = new();

    public void Dispose() => lab.Dispose();

    [Fact]
    public async Task Trailers_count_since_the_last_applied_commit_and_without_one_only_the_newest_and_those_seen_before()
    {
        var commits = Enumerable.Range(1, 3).Select(i => lab.Push($"Commit {i}\n\nNasGitOps-Approve: d{i}")).ToList();
        var source = lab.Source();
        await source.FetchAsync(CancellationToken.None);
        var store = new StateStore(lab.State, TimeProvider.System, lab.Log);
        var reader = new DesiredStateReader(lab.Config(), source, new ManifestLoader(BuiltInKinds.All, BuiltInKinds.Schemas), store, new HistoryTrust(VerifyConfig.None, source, lab.Runner));
        var accepted = new Approval("d1", commits[0]) { Covers = [] };

        Assert.Equal([new("d3", commits[2]), new("d2", commits[1])], reader.Approvals(AgentState.Empty with { LastAppliedCommit = commits[0] }, commits[2], TrustVerdict.NotAsked));
        Assert.Equal([new("d3", commits[2])], reader.Approvals(AgentState.Empty, commits[2], TrustVerdict.NotAsked));
        Assert.Equal([new("d3", commits[2]), accepted], reader.Approvals(AgentState.Empty with { Approvals = [accepted] }, commits[2], TrustVerdict.NotAsked));
        Assert.Empty(reader.Approvals(AgentState.Empty with { LastAppliedCommit = commits[2], Approvals = [accepted] }, commits[2], TrustVerdict.NotAsked));
    }
}

using System.Net;
using System.Net.Sockets;
using NasGitOps.LabTests.Btrfs;

namespace NasGitOps.LabTests.Faults;

/// <summary>What becomes of the host when the Git server fails it: the last good commit stays enforced, and the status says why nothing newer is.</summary>
[Trait("Category", "Integration")]
public sealed class GitServerFaults : IAsyncLifetime
{
    private readonly BtrfsHost host = new();

    private string Manifests => host.PoolManifest() + host.Dataset("a", "{properties: {compression: zstd}}");

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => host.DisposeAsync().AsTask();

    [BtrfsFact]
    public async Task A_silent_server_costs_seconds_and_drift_is_corrected_all_the_same()
    {
        await host.MustApply(Manifests);
        await host.Must($"btrfs property set {host.Top}/a/@ compression lzo");
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start(); // the kernel accepts for it, and nobody ever says a word
        await Follow($"ssh://git@127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/storage.git");

        var pass = await host.Pass();

        Assert.True(pass.Took < TimeSpan.FromSeconds(90), pass.ToString());
        Assert.Equal("compression=zstd", await host.Must($"btrfs property get {host.Top}/a/@ compression"));
        var degraded = Assert.Single(host.Status().Conditions, c => c.Type == "Degraded");
        Assert.Equal(("True", "GitUnreachable"), (degraded.Status, degraded.Reason));
        Assert.Contains("timed out", degraded.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("the last good commit stays enforced", degraded.Message, StringComparison.Ordinal);
    }

    [BtrfsFact]
    public async Task A_server_that_lost_its_history_is_not_followed_until_an_admin_says_so()
    {
        await host.MustApply(Manifests);
        var good = await host.Must("git -C repo rev-parse HEAD");
        await host.Must("rm -rf repo/.git");

        var refused = await host.Apply(host.PoolManifest() + host.Dataset("a", "{properties: {compression: \"off\"}}"));

        Assert.Equal(1, refused.ExitCode);
        Assert.Equal(good, host.Status().InForceCommit);
        Assert.Contains(host.Status().Conditions, c => c is { Type: "Stalled", Status: "True", Reason: "HistoryRewritten" });
        Assert.Equal("compression=zstd", await host.Must($"btrfs property get {host.Top}/a/@ compression"));
        var accepted = await host.Nasgitops("apply", "--accept-rewrite");
        Assert.True(accepted.Ok, accepted.ToString());
        Assert.NotEqual(good, host.Status().InForceCommit);
        await host.MustBeSettled();
    }

    [BtrfsFact]
    public async Task A_hook_that_rejects_the_status_push_is_told_with_its_words_and_the_manifests_are_applied()
    {
        await host.Must("sed -i 's|^status: {file: \\(.*\\)}$|status: {file: \\1, branch: nasgitops/status/nas}|' agent.yaml");
        await host.Commit(Manifests);
        await host.Must("printf '#!/bin/sh\\necho no robots here >&2\\nexit 1\\n' >repo/.git/hooks/pre-receive && chmod +x repo/.git/hooks/pre-receive");

        var pass = await host.Pass();

        Assert.True(pass.Ok, pass.ToString());
        Assert.Contains("refuses the status branch nasgitops/status/nas", pass.Error, StringComparison.Ordinal);
        Assert.Contains("no robots here", pass.Error, StringComparison.Ordinal);
        Assert.True(host.Status().Find("Dataset", $"{host.Pool}/a")?.IsReady, host.Status().Text);

        await host.Must("rm repo/.git/hooks/pre-receive");
        Assert.True((await host.Pass()).Ok);
        Assert.NotEmpty(await host.Must("git -C repo log --format=%s nasgitops/status/nas"));
    }

    private Task Follow(string url) => host.Must($"sed -i 's|url: [^,]*,|url: {url},|' agent.yaml");
}

namespace NasGitOps.LabTests.Btrfs;

public sealed partial class BtrfsScenario
{
    [BtrfsFact]
    public async Task Only_signed_commits_reach_the_host_and_the_last_good_one_is_enforced_meanwhile()
    {
        foreach (var person in new[] { "ada", "bob", "status" })
            await host.Must($"ssh-keygen -q -t ed25519 -N '' -f {person}");
        await host.Must("for p in ada bob; do echo \"$p@example.org $(cut -d' ' -f1,2 $p.pub)\"; done >allowed_signers; echo \"nas $(cat status.pub)\" >hosts.allowed");
        await host.Commit(host.PoolManifest());
        var anchor = await host.Must("git -C repo rev-parse HEAD");
        await Configure($"{{mode: range, allowedSignersFile: {host.At("allowed_signers")}, anchor: \"{anchor}\", kinds: [{{kind: Pool, signers: [ada@example.org]}}]}}");
        Assert.True((await host.Pass()).Ok);

        await CommitAs("bob", host.PoolManifest(), host.Dataset("a"));
        var followed = await host.Pass();
        Assert.True(followed.Ok, followed.ToString());
        Assert.Contains("signer: bob@example.org (SHA256:", host.Status().Text, StringComparison.Ordinal);
        await host.MustBeSettled();
        Assert.Contains("✓ signers", (await host.Nasgitops("doctor")).Output, StringComparison.Ordinal);
        var good = await host.Must("git -C repo rev-parse main");
        Assert.Equal("G nas", await host.Must("git -C repo -c gpg.ssh.allowedSignersFile=$PWD/hosts.allowed log -1 --format='%G? %GS' nasgitops/status/nas"));

        // Nobody signed it: it is not followed, and what is in force still is.
        await CommitAs(null, host.PoolManifest(), host.Dataset("a"), host.Dataset("b"));
        await host.Must($"umount {host.Root}/a/.snapshots {host.Root}/a");
        Assert.Contains("UnsignedCommit", (await host.Nasgitops("plan")).Error, StringComparison.Ordinal);
        await MustRefuse("UnsignedCommit", good);
        Assert.Contains($"{host.Root}/a", await host.Mounted());
        Assert.DoesNotContain($"{host.Root}/b", await host.Mounted());

        // Signed, and by somebody who may not change pools.
        await host.Must($"git -C repo reset -q --hard {good}");
        await CommitAs("bob", host.PoolManifest("  properties: {compression: zstd}"), host.Dataset("a"));
        await MustRefuse("UntrustedSigner", good);
        Assert.Equal("", await host.Must($"btrfs property get {host.Top}/@ compression"));

        await host.Must($"git -C repo reset -q --hard {good}");
        await CommitAs("ada", host.PoolManifest("  properties: {compression: zstd}"), host.Dataset("a"));
        followed = await host.Pass();
        Assert.True(followed.Ok, followed.ToString());
        var newest = await host.Must("git -C repo rev-parse main");

        // An older commit, signed as it is, would undo what came after it.
        await host.Must($"git -C repo reset -q --hard {good}");
        await MustRefuse("HistoryRewritten", newest);
        Assert.Equal("compression=zstd", await host.Must($"btrfs property get {host.Root} compression"));
    }

    private async Task MustRefuse(string reason, string inForce)
    {
        var pass = await host.Pass();
        Assert.False(pass.Ok, pass.ToString());
        Assert.Contains($"nasgitops: {reason}: ", pass.Error, StringComparison.Ordinal);
        Assert.Contains(host.Status().Conditions, c => c.Type == "Stalled" && c.Status == "True" && c.Reason == reason);
        Assert.Equal(inForce, host.Status().InForceCommit);
    }

    private async Task Configure(string verify)
    {
        var file = host.At("agent.yaml");
        var config = await File.ReadAllTextAsync(file);
        config = config.Replace("branch: main}", $"branch: main, verify: {verify}}}", StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, config.Replace("status.yaml}", $"status.yaml, branch: nasgitops/status/nas, sign: {{sshKeyFile: {host.At("status")}}}}}", StringComparison.Ordinal));
    }

    private async Task CommitAs(string? person, params string[] manifests)
    {
        await File.WriteAllTextAsync(host.At("repo/hosts/nas/all.yaml"), string.Concat(manifests));
        var sign = person is null ? "" : $"-c gpg.format=ssh -c user.signingkey={host.At(person)} -c commit.gpgsign=true";
        await host.Must($"cd repo && git add -A && git -c user.name=t -c user.email=t@example.org {sign} commit -q --allow-empty -m change");
    }
}

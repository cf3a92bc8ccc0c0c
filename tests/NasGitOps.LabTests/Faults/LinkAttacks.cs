using NasGitOps.LabTests.Btrfs;
using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Faults;

/// <summary>A user who may write to a dataset puts links where manifests name directories, and swaps them while passes run: we are root, and nothing outside may change.</summary>
[Trait("Category", "Integration")]
public sealed class LinkAttacks : IAsyncLifetime
{
    /// <summary>Exchanges two names in one system call, for ever: at no instant is either missing. 316 is renameat2 on x86-64, 276 on ARM; 2 is RENAME_EXCHANGE.</summary>
    private const string Flip = """perl -e 'chomp($m=`uname -m`); $n=$m eq "x86_64" ? 316 : 276; ($a,$b)=("sub","door"); 1 while !syscall($n,-100,$a,-100,$b,2); die $!'""";

    private readonly BtrfsHost host = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => host.DisposeAsync().AsTask();

    [BtrfsFact]
    public async Task Directories_swapped_with_links_while_passes_run_never_lead_out_of_the_dataset()
    {
        string Wants(string owner) => host.PoolManifest()
            + host.Dataset("a", $"{{permissions: {{mode: \"0777\"}}, directories: [{{path: sub, owner: \"{owner}\", mode: \"0770\"}}, {{path: sub/deep/er, owner: \"{owner}\", mode: \"0770\"}}]}}");
        await host.MustApply(Wants("7"));
        await host.Must("mkdir -p outside/deep/er && echo secret >outside/deep/er/file && chmod 711 outside outside/deep outside/deep/er && chmod 755 .");
        var before = await Outside();
        await host.Must($"cd {host.Root}/a && setpriv --reuid 2001 --clear-groups ln -s {host.At("outside")} door");

        var flipping = Shell.Run("/bin/bash", ["-c", $"cd {host.Root}/a && timeout -s KILL 12 setpriv --reuid 2001 --clear-groups {Flip}"], shownAs: "flip");
        var passes = 0;
        while (!flipping.IsCompleted)
        {
            var pass = await host.Apply(Wants($"{8 + (passes++ % 5)}"));
            Assert.DoesNotContain("Unhandled", pass.Error, StringComparison.Ordinal);
        }

        Assert.Equal(137, (await flipping).ExitCode);
        Assert.True(passes > 1, $"only {passes} passes");
        Assert.Equal(before, await Outside());

        // The attacker is gone, and leaves the link in the directory's place: said, and not followed.
        await host.Must($"cd {host.Root}/a && (test -L sub || {Flip.Replace("1 while !syscall", "exit syscall", StringComparison.Ordinal)}) && test -L sub");
        await host.Apply(Wants("20"));
        Assert.True(host.Status().Find("Dataset", $"{host.Pool}/a") is { IsReady: false } blocked && blocked.ToString().Contains("link", StringComparison.Ordinal), host.Status().Text);
        Assert.Equal(before, await Outside());

        await host.Must($"cd {host.Root}/a && rm sub");
        Assert.True((await host.Pass()).Ok);
        Assert.Equal("20 770", await host.Must($"stat -c '%u %a' {host.Root}/a/sub/deep/er"));
        await host.MustBeSettled();
    }

    [BtrfsFact]
    public async Task A_pipe_a_socket_and_a_hard_link_in_a_directory_s_place_are_refused_and_hang_nothing()
    {
        await host.MustApply(host.PoolManifest(), host.Dataset("a", "{permissions: {mode: \"0777\"}}"));
        await host.Must($"cd {host.Root}/a && mkfifo pipe && echo mine >file && ln file hard && chmod 640 file");

        var pass = await host.Apply(host.PoolManifest(), host.Dataset("a", "{permissions: {mode: \"0777\"}, directories: [{path: pipe/in, mode: \"0777\"}, {path: hard, mode: \"0777\"}]}"));

        Assert.True(pass.Took < TimeSpan.FromSeconds(60), pass.ToString());
        Assert.Equal("640", await host.Must($"stat -c %a {host.Root}/a/file"));
        Assert.False(host.Status().Find("Dataset", $"{host.Pool}/a")?.IsReady, host.Status().Text);
    }

    /// <summary>All of it but times of access, which reading it here would move.</summary>
    private Task<string> Outside() => host.Must("find outside -printf '%p %u %g %m %y %C@ %T@\\n' | sort; cat outside/deep/er/file");
}

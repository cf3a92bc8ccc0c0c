using System.Globalization;
using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Btrfs;

/// <summary>A pool of its own on image files of this machine, a repository, and one pass at a time of the built program. Nothing of it is left afterwards.</summary>
public sealed class BtrfsHost : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("nasgitops-btrfs-").FullName;

    public BtrfsHost()
    {
        foreach (var name in new[] { "repo/hosts/nas", "exports", "samba", "avahi", "secrets", "state" })
            Directory.CreateDirectory(Path.Combine(folder, name));
        File.WriteAllText(At("agent.yaml"), $$"""
            host: nas
            repository: {url: {{folder}}/repo, branch: main}
            status: {file: {{folder}}/status.yaml}
            reconcile: {driftInterval: 10s}
            http: {listen: none}
            stateDirectory: {{folder}}/state
            hostPaths: {exportsDirectory: {{folder}}/exports, sambaDirectory: {{folder}}/samba, avahiDirectory: {{folder}}/avahi, secretsDirectory: {{folder}}/secrets}

            """);
        Image("disk.img", 1024);
    }

    /// <summary>Of this run alone, since labels are the machine's.</summary>
    public string Pool { get; } = "b" + Guid.NewGuid().ToString("N")[..8];

    /// <summary>Where the root dataset is mounted.</summary>
    public string Root => $"/mnt/nasgitops-{Pool}";

    /// <summary>Where the whole file system is mounted.</summary>
    public string Top => $"/run/nasgitops-btrfs/{Pool}";

    public string At(string name) => Path.Combine(folder, name);

    /// <summary>Makes or grows an image file.</summary>
    public void Image(string name, long megabytes)
    {
        using var file = File.Open(At(name), FileMode.OpenOrCreate);
        file.SetLength(megabytes << 20);
    }

    public string PoolManifest(string more = "", params string[] disks) => $$"""
        apiVersion: nasgitops.io/v1
        kind: Pool
        metadata: {name: {{Pool}}}
        spec:
          backend: btrfs
          allowFileVdevs: true
          devices: [{{string.Join(", ", (disks.Length == 0 ? ["disk.img"] : disks).Select(At))}}]
          mountpoint: {{Root}}
        {{more}}

        """;

    public string Dataset(string name, string spec = "{}") => $"---\napiVersion: nasgitops.io/v1\nkind: Dataset\nmetadata: {{name: {Pool}/{name}}}\nspec: {spec}\n";

    public string Clone(string name, string spec) => $"---\napiVersion: nasgitops.io/v1\nkind: Clone\nmetadata: {{name: {Pool}/{name}}}\nspec: {spec}\n";

    /// <summary>Commits manifests and makes one pass.</summary>
    public async Task<ShellResult> Apply(params string[] manifests)
    {
        await Commit(manifests);
        return await Pass();
    }

    public async Task Commit(params string[] manifests)
    {
        await File.WriteAllTextAsync(At("repo/hosts/nas/all.yaml"), string.Concat(manifests));
        await Must($"cd {At("repo")} && (test -d .git || git init -q -b main) && git add -A && git -c user.name=t -c user.email=t@example.org commit -q --allow-empty -m change");
    }

    public Task<ShellResult> Pass() => Nasgitops("apply");

    public Task<ShellResult> Nasgitops(params string[] arguments) => Shell.Run(Checkout.Binary(), [.. arguments, "--config", At("agent.yaml")]);

    public async Task MustApply(params string[] manifests)
    {
        var applied = await Apply(manifests);
        Assert.True(applied.Ok, applied.ToString());
    }

    /// <summary>Nothing is left to do, and another pass does nothing.</summary>
    public async Task MustBeSettled()
    {
        var plan = await Nasgitops("plan", "--exit-code");
        Assert.True(plan.Ok, plan.ToString());
        var journal = await Journal();
        Assert.True((await Pass()).Ok);
        Assert.Equal(journal, await Journal());
    }

    /// <summary>Also while the agent has it open.</summary>
    public async Task<string[]> Journal() => (await Must("cat state/journal.jsonl")).Split('\n');

    public StatusYaml Status() => StatusYaml.Parse(File.ReadAllText(At("status.yaml"))) ?? throw new InvalidOperationException("no status");

    public Task<ShellResult> Sh(string command) => Shell.Run("/bin/bash", ["-c", command], directory: folder, shownAs: command);

    public async Task<string> Must(string command)
    {
        var result = await Sh(command);
        Assert.True(result.Ok, result.ToString());
        return result.Text;
    }

    public Task<string> Write(string path, int megabytes) => Must($"dd if=/dev/urandom of={path} bs=1M count={megabytes.ToString(CultureInfo.InvariantCulture)} status=none conv=fsync");

    /// <summary>As a start of the host leaves it: nothing mounted, no loop devices.</summary>
    public async Task Reboot()
    {
        foreach (var point in (await Mounted()).Reverse())
            await Must($"umount {point}");
        await Must($"for loop in $(losetup -n -O NAME,BACK-FILE | grep -F {folder}/ | awk '{{print $1}}'); do losetup -d $loop; done");
        Assert.Empty(await Mounted());
    }

    public async Task<string[]> Mounted() => (await Must("findmnt -rn -o TARGET")).Split('\n').Where(m => m == Root || m.StartsWith(Root + "/", StringComparison.Ordinal) || m.StartsWith(Root + "-", StringComparison.Ordinal) || m == Top).Order(StringComparer.Ordinal).ToArray();

    public async ValueTask DisposeAsync()
    {
        await Sh($"""
            for point in $(findmnt -rn -o TARGET | grep -E '^({Root}|{Top})' | sort -r); do umount $point || umount -l $point; done
            for loop in $(losetup -n -O NAME,BACK-FILE | grep -F {folder}/ | awk '{"{print $1}"}'); do losetup -d $loop; done
            rmdir {Top} {Root}* 2>/dev/null
            rm -rf {folder}
            """);
    }
}

using System.Text;

namespace NasGitOps.LabTests.Lab;

/// <summary>A NAS that follows a repository of its own: what a test commits and pushes, and what the agent says of it.</summary>
public abstract class ManagedNas : Nas
{
    public const string Bare = "/srv/git/storage.git";
    public const string WorkTree = "/root/storage";
    public const string StatusFile = "/var/lib/nasgitops/status.yaml";
    public const string JournalFile = "/var/lib/nasgitops/journal.jsonl";
    public const string StatusBranch = "nasgitops/status/nas1";

    /// <summary>The machine's own address lies in the office's network, so it is a client like any other; 127.0.0.1 is not.</summary>
    public const string Address = "10.0.2.15";

    private static readonly TimeSpan Convergence = TimeSpan.FromSeconds(240);

    private Dictionary<string, string> committed = [];

    protected abstract string AgentConfiguration { get; }

    /// <summary>Secrets of the host by name.</summary>
    protected abstract IReadOnlyDictionary<string, string> HostSecrets { get; }

    protected IReadOnlyDictionary<string, string> Committed => committed;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        if (LabFactAttribute.Missing is not null)
            return;
        try
        {
            foreach (var (name, value) in HostSecrets)
                await WriteFile($"/etc/nasgitops/secrets/{name}", value + "\n", "0600");
            await WriteFile("/etc/nasgitops/agent.yaml", AgentConfiguration);
            await Must($"""
                git config --global user.name 'Olga Office' && git config --global user.email olga@office.lan && git config --global init.defaultBranch main
                git init -q --bare {Bare} && git init -q {WorkTree} && git -C {WorkTree} remote add origin file://{Bare}
                """);
            await Prepare();
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    /// <summary>What else the host has before nasgitops does anything.</summary>
    protected virtual Task Prepare() => Task.CompletedTask;

    private string SecretOf(string user) => HostSecrets[$"smb-{user}"];

    public async Task EnsureAgent()
    {
        if (!await Succeeds("systemctl is-active -q nasgitops"))
            await Must("systemctl reset-failed nasgitops 2>/dev/null; systemctl enable -q nasgitops && systemctl start nasgitops", limit: TimeSpan.FromMinutes(3));
    }

    /// <summary>Adds, changes or (with null) deletes files of the repository, commits and pushes.</summary>
    /// <returns>The new commit.</returns>
    public Task<string> Push(string message, params (string Path, string? Content)[] files)
    {
        var tree = new Dictionary<string, string>(committed);
        foreach (var (path, content) in files)
        {
            if (content is null)
                tree.Remove(path);
            else
                tree[path] = content;
        }

        return PushTree(message, tree);
    }

    /// <summary>Replaces text in a file of the repository, commits and pushes. The text must be there.</summary>
    public Task<string> PushEdit(string message, string path, string before, string after)
    {
        var content = committed[path];
        Assert.Contains(before, content, StringComparison.Ordinal);
        return Push(message, (path, content.Replace(before, after, StringComparison.Ordinal)));
    }

    public async Task<string> PushTree(string message, IReadOnlyDictionary<string, string> tree)
    {
        await Must($"find {WorkTree} -mindepth 1 -maxdepth 1 ! -name .git -exec rm -rf {{}} +");
        using var archive = new MemoryStream();
        await using (var writer = new System.Formats.Tar.TarWriter(archive, leaveOpen: true))
        {
            foreach (var (path, content) in tree)
            {
                await writer.WriteEntryAsync(new System.Formats.Tar.PaxTarEntry(System.Formats.Tar.TarEntryType.RegularFile, path)
                {
                    DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)),
                });
            }
        }

        if (tree.Count > 0)
        {
            var unpacked = await Run($"tar -x -C {WorkTree}", archive.ToArray());
            Assert.True(unpacked.Ok, unpacked.ToString());
        }

        await Must($"cd {WorkTree} && git add -A && git commit -q --allow-empty -F - && git push -q origin HEAD:main", message);
        committed = new(tree);
        return await Tip();
    }

    public Task<string> Tip() => Text($"git -C {WorkTree} rev-parse HEAD");

    public Task<string> StatusTip() => Text($"git -C {Bare} rev-parse -q --verify refs/heads/{StatusBranch} || true");

    public async Task<StatusYaml?> Status()
    {
        var result = await Run($"cat {StatusFile}");
        return result.Ok ? StatusYaml.Parse(result.Output) : null;
    }

    public async Task<string[]> Journal() => (await Run($"cat {JournalFile}")).Lines;

    /// <summary>The commit is applied in full and everything declared is ready.</summary>
    public async Task<StatusYaml> WaitForApplied(string commit)
    {
        StatusYaml? status = null;
        await WaitUntil(
            $"commit {commit[..10]} is applied and every resource is ready",
            async () =>
            {
                status = await Status();
                if (status is null)
                    return "no status file yet";
                var unready = status.Resources.Where(r => !r.IsReady && !r.Says("Orphaned") && !r.Says("Expired") && !r.Says("Quarantined")).ToList();
                return status.LastAppliedCommit == commit && status.Resources.Count > 0 && unready.Count == 0
                    ? null
                    : $"lastAppliedCommit {status.LastAppliedCommit}, lastAttemptedCommit {status.LastAttemptedCommit}; not ready:\n{string.Join('\n', unready)}";
            },
            Convergence);
        return status!;
    }

    public async Task<StatusYaml> WaitForStatus(string description, Func<StatusYaml, bool> holds, TimeSpan? limit = null)
    {
        StatusYaml? status = null;
        await WaitUntil(
            description,
            async () =>
            {
                status = await Status();
                return status is not null && holds(status) ? null : status?.Text ?? "no status file";
            },
            limit);
        return status!;
    }

    /// <summary>Lets the running agent make a whole pass that began after this call.</summary>
    public async Task AgentPass()
    {
        // A pass may be under way that read the host before; only the one after it is sure to have seen what is there now.
        for (var pass = 0; pass < 2; pass++)
        {
            var before = (await Status())?.ObservedAt;
            await Must("systemctl reload nasgitops");
            await WaitForStatus("a pass has ended since the reload (observedAt moves)", s => s.ObservedAt is not null && s.ObservedAt != before, TimeSpan.FromSeconds(120));
        }
    }

    /// <summary>The status (as it is, or as the status branch had it since <paramref name="tip"/>) names drift of a resource.</summary>
    public Task WaitForDriftNamed(string tip, string kind, string name)
        => WaitUntil(
            $"the status names drift of {kind}/{name}",
            async () =>
            {
                var range = (tip.Length > 0 ? tip + ".." : "") + $"refs/heads/{StatusBranch}";
                var said = new List<string>();
                foreach (var commit in (await Text($"git -C {Bare} rev-list {range}")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
                    said.Add((StatusYaml.Parse((await Must($"git -C {Bare} show {commit}:status.yaml")).Output)?.Find(kind, name)?.ToString() ?? "") + " in " + commit);
                said.Add((await Status())?.Find(kind, name)?.ToString() ?? $"{kind}/{name} is not in the status");
                return said.Any(s => s.Contains("drift", StringComparison.OrdinalIgnoreCase)) ? null : string.Join('\n', said);
            });

    public async Task<string> Property(string dataset, string property) => await Text($"zfs get -Hp -o value '{property}' '{dataset}'");

    public Task<ShellResult> Smb(string user, string share, string commands)
        => Run($"smbclient '//127.0.0.1/{share}' -U '{user}%{SecretOf(user)}' -c '{commands}'");

    /// <summary>Runs a command with an export mounted by the kernel's NFS client at /mnt/lab.</summary>
    public Task<ShellResult> ThroughNfs(string path, string command)
        => Run($"""
            mkdir -p /mnt/lab && timeout 60 mount -t nfs4 -o soft,timeo=50,retry=0,actimeo=0 {Address}:{path} /mnt/lab || exit 32
            ( {command} ); code=$?
            umount /mnt/lab || umount -l /mnt/lab
            exit $code
            """);
}

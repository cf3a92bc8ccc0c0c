using LibGit2Sharp;
using Microsoft.Extensions.Logging;
using NasGitOps.Core.Steps;
using NasGitOps.Execution;
using NasGitOps.State;

namespace NasGitOps.Source;

/// <summary>A bare repository in the state directory. git moves objects in and out, LibGit2Sharp reads and makes them; nothing is ever checked out.</summary>
internal sealed class Mirror(string path, GitRemote remote, ICommandRunner runner, TimeProvider clock, ILogger log)
{
    /// <summary>For a first fetch over a slow line; a silent server is ended much earlier.</summary>
    public static readonly TimeSpan TransportLimit = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(60);

    public string Path => path;

    public GitRemote Remote => remote;

    /// <summary>Set when something in the mirror proved unreadable; the next fetch makes it anew.</summary>
    public bool Suspect { get; set; }

    /// <summary>Excludes every other process (and task) that writes to this mirror; null when one of them does not come to an end.</summary>
    public Task<FileLock?> LockAsync(CancellationToken ct)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return FileLock.TakeAsync(path + ".lock", "git", LockPatience, ct);
    }

    /// <summary>Opens the mirror for local object work.</summary>
    /// <exception cref="SourceException">It is not there, or cannot be opened.</exception>
    public Repository Open()
    {
        NativeGit.EnsureLoaded();
        try
        {
            return new Repository(path);
        }
        catch (LibGit2SharpException e)
        {
            Suspect = true;
            throw new SourceException($"the mirror {path} cannot be opened: {e.Message}", e);
        }
    }

    /// <summary>Makes the mirror if it is not there, and clears what a killed git left. The lock must be held.</summary>
    /// <returns>Why it could not be made; null when it is ready.</returns>
    public async Task<string?> EnsureAsync(CancellationToken ct)
    {
        NativeGit.EnsureLoaded();
        if (Repository.IsValid(path))
        {
            StaleLocks.Clear(path, log);
            return null;
        }

        if (System.IO.Path.Exists(path)) MoveAside("it is no valid repository");
        var made = await runner.RunAsync(Command.Of("git", "init", "--quiet", "--bare", "--template=", path), Options(), ct);
        return made.Succeeded ? null : $"the mirror {path} cannot be made: {made.Evidence()}";
    }

    /// <summary>Takes a damaged mirror out of the way; it holds nothing that the remote and the state directory do not hold.</summary>
    public void MoveAside(string why)
    {
        var aside = AtomicFile.MoveAside(path, "corrupt", clock.GetUtcNow());
        log.LogWarning("The mirror {Path} is damaged ({Why}): moved to {Aside}, made anew from {Url}", path, why, aside, remote.Url);
        Suspect = false;
    }

    /// <summary>Runs git on this mirror, with no setting but ours.</summary>
    public Task<CommandResult> GitAsync(IEnumerable<string> arguments, CancellationToken ct) =>
        runner.RunAsync(new Command("git", [$"--git-dir={path}", .. arguments], TransportLimit), Options(), ct);

    private CommandOptions Options()
    {
        List<(string Key, string Value)> settings =
        [
            ("core.hooksPath", "/dev/null"),
            ("transfer.fsckObjects", "true"),
            ("gc.auto", "0"),
            ("maintenance.auto", "false"),
            ("safe.directory", path),
            .. remote.Settings(),
        ];
        var environment = new Dictionary<string, string>
        {
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_CONFIG_GLOBAL"] = GlobalConfig(),
            ["GIT_SSH_COMMAND"] = remote.SshCommand(),
            ["GIT_CONFIG_COUNT"] = settings.Count.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
        for (var i = 0; i < settings.Count; i++)
        {
            environment[$"GIT_CONFIG_KEY_{i}"] = settings[i].Key;
            environment[$"GIT_CONFIG_VALUE_{i}"] = settings[i].Value;
        }

        return new CommandOptions { Environment = environment };
    }

    /// <summary>For a repository on this machine git starts its other half itself, without our settings; that half reads this file, where the owner's check is answered for the one path.</summary>
    private string GlobalConfig()
    {
        if (remote.LocalPath is not { } local) return "/dev/null";
        var file = path + ".gitconfig";
        var escaped = local.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        var content = $"[safe]\n\tdirectory = \"{escaped}\"\n\tdirectory = \"{escaped.TrimEnd('/')}/.git\"\n";
        if (!File.Exists(file) || File.ReadAllText(file) != content) AtomicFile.Write(file, System.Text.Encoding.UTF8.GetBytes(content), AtomicFile.Private);
        return file;
    }
}

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NasGitOps.Configuration;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Execution;
using NasGitOps.Source;

namespace NasGitOps.Tests.Source;

/// <summary>A real bare repository as the server, a working copy that pushes to it, and a state directory.</summary>
internal sealed class GitLab : IDisposable
{
    public const string StatusName = "nasgitops/status/nas1";

    private readonly TempFolder folder = new();

    public GitLab()
    {
        Git(folder.Root, "init", "-q", "--bare", "-b", "main", Server);
        Git(folder.Root, "init", "-q", "-b", "main", Work);
        Directory.CreateDirectory(State);
    }

    public RecordingRunner Runner { get; } = new();

    public RecordingLog Log { get; } = new();

    public string Server => folder["server.git"];

    public string Work => folder["work"];

    public string State => folder["state"];

    public string this[string relative] => folder[relative];

    public AgentConfig Config(string? url = null, params string[] paths) => new(
        "nas1",
        new RepositoryConfig(new GitRemote(url ?? Server, new GitAuth()), "main", paths, TimeSpan.FromMinutes(1)),
        new StatusConfig(Path.Combine(State, "status.yaml"), StatusName, TimeSpan.FromHours(1), null),
        new ReconcileConfig(TimeSpan.FromMinutes(5), ReconcileMode.Enforce),
        new SafetyConfig(5, false),
        new HttpConfig(null),
        State,
        new HostPaths(), new Dictionary<string, IReadOnlyList<string>>());

    public GitSource Source(string? url = null, params string[] paths) => GitSource.Create(Config(url, paths), Runner, TimeProvider.System, Log);

    /// <summary>Writes files, commits and pushes them.</summary>
    public string Push(string message, params (string Path, string Content)[] files)
    {
        foreach (var (path, content) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Work, path))!);
            File.WriteAllText(Path.Combine(Work, path), content);
        }

        return PushAll(message);
    }

    public string PushAll(string message)
    {
        Git(Work, "add", "-A");
        Git(Work, "commit", "-q", "--allow-empty", "-m", message);
        Git(Work, "push", "-q", "--force", Server, "HEAD:main");
        return Git(Work, "rev-parse", "HEAD").Trim();
    }

    public string Git(string where, params string[] arguments)
    {
        var command = Command.Of("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always", .. arguments]);
        var environment = new Dictionary<string, string> { ["GIT_CONFIG_NOSYSTEM"] = "1", ["GIT_CONFIG_GLOBAL"] = "/dev/null" };
        var result = new CommandRunner().RunAsync(command, new CommandOptions { WorkingDirectory = where, Environment = environment }, CancellationToken.None).GetAwaiter().GetResult();
        return result.Succeeded ? result.Output : throw new InvalidOperationException(result.Evidence());
    }

    public void Dispose() => folder.Dispose();
}

/// <summary>The real runner, remembering what it ran.</summary>
internal sealed class RecordingRunner : ICommandRunner
{
    private readonly CommandRunner runner = new();

    public List<(Command Command, CommandOptions Options)> Runs { get; } = [];

    /// <summary>Called before each run, to let something happen just then.</summary>
    public Action<Command>? Before { get; set; }

    public Task<CommandResult> RunAsync(Command command, CommandOptions options, CancellationToken ct)
    {
        Before?.Invoke(command);
        Runs.Add((command, options));
        return runner.RunAsync(command, options, ct);
    }
}

internal sealed class RecordingLog : ILogger
{
    public List<string> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => NullLogger.Instance.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Add($"{logLevel}: {formatter(state, exception)}");
}

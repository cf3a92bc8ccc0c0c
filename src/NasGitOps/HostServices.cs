using Microsoft.Extensions.Logging;
using NasGitOps.Configuration;
using NasGitOps.Core.Loading;
using NasGitOps.Core.Planning;
using NasGitOps.Execution;
using NasGitOps.Kinds;
using NasGitOps.Observing;
using NasGitOps.Reconciling;
using NasGitOps.Reporting;
using NasGitOps.Source;
using NasGitOps.State;

namespace NasGitOps;

/// <summary>Wires the parts that work on a host. The only place that knows them all.</summary>
internal sealed class HostServices
{
    public HostServices(AgentConfig config, ILoggerFactory logs, TimeProvider time)
    {
        Config = config;
        Time = time;
        Directory.CreateDirectory(config.StateDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Store = new StateStore(config.StateDirectory, time, logs.CreateLogger<StateStore>());
        Runner = new CommandRunner();
        Source = GitSource.Create(config, Runner, time, logs.CreateLogger<GitSource>());
        Secrets = new SecretStore(Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY"), config.HostPaths.SecretsDirectory, Store.FingerprintKey());
        Loader = new ManifestLoader(BuiltInKinds.All, BuiltInKinds.Schemas);
        Reader = new DesiredStateReader(config, Source, Loader, Store);
        Planner = new Planner(BuiltInKinds.All);
        Observer = new HostObserver(new HostObservation(BuiltInKinds.All, BuiltInKinds.Storage), Runner, config.Host, time);
        Pass = new Pass(config, Reader, Observer, Planner, Runner, Secrets, Store, time, logs.CreateLogger<Pass>());
        Publisher = new StatusPublisher(config, Source, Runner, time, logs);
    }

    public AgentConfig Config { get; }

    public TimeProvider Time { get; }

    public StateStore Store { get; }

    public ICommandRunner Runner { get; }

    public GitSource Source { get; }

    public SecretStore Secrets { get; }

    public ManifestLoader Loader { get; }

    public DesiredStateReader Reader { get; }

    public Planner Planner { get; }

    public HostObserver Observer { get; }

    public Pass Pass { get; }

    public StatusPublisher Publisher { get; }

    public static string JournalPath(AgentConfig config) => Path.Combine(config.StateDirectory, "journal.jsonl");
}

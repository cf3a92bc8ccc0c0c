using Microsoft.Extensions.Logging;
using NasGitOps.Configuration;
using NasGitOps.Core.Jobs;
using NasGitOps.Core.Loading;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Execution;
using NasGitOps.Jobs;
using NasGitOps.Kinds;
using NasGitOps.Observing;
using NasGitOps.Reconciling;
using NasGitOps.Reporting;
using NasGitOps.Source;
using NasGitOps.State;
using NasGitOps.Trust;

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
        Secrets = new SecretStore(Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY"), config.HostPaths.SecretsDirectory, Store.FingerprintKey(), new AgeSecrets(Runner, config.AgeIdentityFile));
        Loader = new ManifestLoader(BuiltInKinds.All, BuiltInKinds.Schemas);
        Reader = new DesiredStateReader(config, Source, Loader, Store, new HistoryTrust(config.Repository.Verify, Source, Runner));
        Planner = new Planner(BuiltInKinds.All);
        Observer = new HostObserver(new HostObservation(BuiltInKinds.All, BuiltInKinds.Storage), new HostProbes(Runner), config.Host, time);
        Jobs = new JobBoard(config.StateDirectory, time, logs.CreateLogger<JobBoard>());
        Pass = new Pass(config, Reader, Observer, Planner, Runner, Secrets, Store, Jobs, time, logs.CreateLogger<Pass>());
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

    public JobBoard Jobs { get; }

    /// <param name="changed">Called after each run; true when it failed.</param>
    public JobScheduler CreateScheduler(Func<bool, Task> changed, ILogger log)
    {
        var storage = BuiltInKinds.Storage;
        var steps = new JobSteps(new HostProbes(Runner), Runner, Secrets, JournalPath(Config), Time, Config.Journal);
        JobScheduler scheduler = null!;
        var tasks = new Dictionary<string, IJobTask>
        {
            [JobTasks.Snapshot] = new SnapshotTask(storage, steps, Config.Hooks, pool => scheduler.PruneAsync(pool), Time),
        };
        scheduler = new JobScheduler(BuiltInKinds.All, tasks, new StepsTask(BuiltInKinds.All, steps), new RetentionTask(storage, steps, Time), Jobs, Time, changed, log);
        return scheduler;
    }

    /// <summary>What jobs go by before the first pass: the records and manifests of the last one.</summary>
    public JobContext Remembered()
    {
        var manifests = Store.LastGood.Load() is { } good ? Loader.Load(good.Files, Config.Host, good.Commit).Manifests : new ManifestSet([]);
        return new JobContext(Store.Load().Ownership, manifests);
    }

    public static string JournalPath(AgentConfig config) => Path.Combine(config.StateDirectory, "journal.jsonl");
}

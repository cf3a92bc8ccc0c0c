using System.CommandLine;
using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using NasGitOps.Agent;
using NasGitOps.Configuration;
using NasGitOps.Core.Planning;
using NasGitOps.Jobs;
using NasGitOps.Reporting;
using NasGitOps.State;
using NasGitOps.Web;

namespace NasGitOps.Cli;

/// <summary><c>nasgitops agent</c>: the daemon. SIGHUP runs a pass now; SIGTERM lets the running step end and stops.</summary>
internal static class AgentCommand
{
    public static Command Create()
    {
        var command = new Command("agent", "Follow the repository: the daemon that systemd runs");
        command.SetAction((parsed, ct) => Run(parsed, ct));
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken ct)
    {
        if (Context.ReadConfig(parsed) is not { } config) return ExitCodes.Failed;
        using var logs = Context.Logs(parsed, agent: true);
        var log = logs.CreateLogger("agent");
        var services = new HostServices(config, logs, TimeProvider.System);
        using var only = FileLock.TryTake(Path.Combine(config.StateDirectory, "agent.lock"), "agent", out var other);
        if (only is null) return Terminal.Fail($"another agent works on {config.StateDirectory} already ({other}): two would take every snapshot twice. See 'systemctl status nasgitops'");
        var systemd = new SystemdNotifier();
        var report = new AgentReport(TimeProvider.System);
        AgentLoop loop = null!;
        await using var jobs = services.CreateScheduler(
            failed =>
            {
                services.Publisher.JobsRan(services.Jobs.Reports);
                report.JobsRan(services.Jobs.Reports);
                if (failed) loop.Ask();
                return Task.CompletedTask;
            },
            logs.CreateLogger<JobScheduler>());
        loop = new AgentLoop(services, jobs, report, systemd, TimeProvider.System, log);
        await jobs.StartAsync();
        if (config.Reconcile.Mode == ReconcileMode.Enforce) await jobs.SyncAsync(services.Remembered());
        using var hup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, c =>
        {
            c.Cancel = true;
            loop.Ask();
        });
        using var stopping = ct.Register(systemd.Stopping);
        using var watchdog = Watchdog(systemd);
        log.LogInformation("nasgitops {Version} on {Host} follows {Repository}, branch {Branch}", Versions.Product, config.Host, config.Repository.Remote, config.Repository.Branch);
        await RunAsync(loop, report, config, log, ct);
        log.LogInformation("Stopped");
        return ExitCodes.Done;
    }

    /// <summary>The loop, with the web server around it where one is wanted.</summary>
    private static async Task RunAsync(AgentLoop loop, AgentReport report, AgentConfig config, ILogger log, CancellationToken stop)
    {
        if (config.Http.Listen is null)
        {
            await loop.RunAsync(stop);
            return;
        }

        var endpoint = IPEndPoint.Parse(config.Http.Listen);
        if (!IPAddress.IsLoopback(endpoint.Address)) log.LogWarning("Whoever reaches {Endpoint} can read this host's status: there is no access control yet", endpoint);
        using var gauges = Telemetry.Observe(report);
        using var metrics = new MetricsCollector(Telemetry.Meter, gauges);
        Telemetry.BeginAtZero();
        await using var web = new WebServer(new WebPages(report, metrics), endpoint, config.Host, TimeProvider.System, log);
        await web.StartAsync();
        await loop.RunAsync(stop);
    }

    private static Timer? Watchdog(SystemdNotifier systemd) =>
        SystemdNotifier.WatchdogInterval is { } interval ? new Timer(_ => systemd.Alive(), null, TimeSpan.Zero, interval / 3) : null;
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using NasGitOps.Configuration;
using NasGitOps.Core.Jobs;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Publishing;
using NasGitOps.Core.Status;
using NasGitOps.Execution;
using NasGitOps.Reconciling;
using NasGitOps.Source;

namespace NasGitOps.Reporting;

/// <summary>Publishes what a pass found and did: the status file, the inventory beside it, and commits on the status branch when there is news.</summary>
internal sealed class StatusPublisher
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly AgentConfig config;
    private readonly TimeProvider time;
    private readonly StatusBranch? branch;
    private readonly ILogger log;
    private readonly Lock fileGate = new();
    private HostStatus? last;
    private string? written;
    private long? lastCommit;

    public StatusPublisher(AgentConfig config, GitSource source, ICommandRunner runner, TimeProvider time, ILoggerFactory logs)
    {
        this.config = config;
        this.time = time;
        log = logs.CreateLogger<StatusPublisher>();
        branch = StatusBranch.Create(config, source.Mirror, runner, time, log);
    }

    public static string InventoryFile(AgentConfig config) => Path.Combine(Path.GetDirectoryName(config.Status.File)!, "inventory.yaml");

    public async Task PublishAsync(PassResult pass, CancellationToken ct)
    {
        var inventory = Inventory.Of(pass.Input);
        var hash = ContentHash(pass.Status, inventory);
        var statusText = WriteFile(pass.Status);
        if (hash != written)
        {
            AtomicFile.Write(InventoryFile(config), Encoding.UTF8.GetBytes(inventory.Render()), Mode);
            written = hash;
        }

        if (branch is null) return;
        lastCommit ??= time.GetTimestamp();
        var heartbeat = time.GetElapsedTime(lastCommit.Value) >= config.Status.Heartbeat;
        var result = await branch.PublishAsync(
            new StatusPublication(statusText, inventory.Render, hash, Subject(pass), pass.Status.LastAppliedCommit, pass.Planned.PlanDigest), heartbeat, ct);
        switch (result)
        {
            case PublishResult.Pushed:
                lastCommit = time.GetTimestamp();
                break;
            case PublishResult.Spooled spooled:
                log.LogWarning("The status is kept here until the repository can be reached ({Commits} commits waiting): {Message}", spooled.Commits, spooled.Message);
                break;
            case PublishResult.Refused refused:
                log.LogError("The repository refuses the status branch {Branch}: {Message}", config.Status.Branch, refused.Message);
                break;
        }
    }

    /// <summary>Between passes: what the jobs did since.</summary>
    public void JobsRan(IReadOnlyList<JobReport> jobs)
    {
        lock (fileGate)
        {
            if (last is not null) WriteFile(last with { Jobs = jobs });
        }
    }

    private string WriteFile(HostStatus status)
    {
        lock (fileGate)
        {
            last = status;
            var text = StatusText(status);
            Directory.CreateDirectory(Path.GetDirectoryName(config.Status.File)!);
            AtomicFile.Write(config.Status.File, Encoding.UTF8.GetBytes(text), Mode);
            return text;
        }
    }

    public static string StatusText(HostStatus status) => "# Written by nasgitops after each pass.\n" + YamlText.Write(Json.ToNode(StatusDocument.Of(status)));

    /// <summary>Of everything but times and usage: what makes a second status commit or not.</summary>
    internal static string ContentHash(HostStatus status, Inventory inventory)
    {
        var observed = inventory.Observed;
        var still = observed with
        {
            At = default,
            Pools = observed.Pools.Select(p => new Named<PoolState>(p.Items.ToDictionary(i => i.Key, i => i.Value with { Allocated = 0, Free = 0, Progress = "" }))),
            Datasets = observed.Datasets.ToDictionary(d => d.Key, d => d.Value.Select(n => new Named<DatasetState>(n.Items.ToDictionary(i => i.Key, i => i.Value with { Usage = new Usage(0, 0, 0), Written = 0, Changed = null })))),
        };
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(StatusDocument.Of(status.Still), Json.Options));
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(inventory with { Observed = still }, Json.Options));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }

    private static string Subject(PassResult pass)
    {
        if (pass.Desired.Problems.FirstOrDefault(p => p.Severity == Core.Manifests.Severity.Error) is { } problem) return $"refused: {problem.File}:{problem.Line}: {problem.Message}";
        if (pass.Desired.Failure is { } failure) return $"{pass.Desired.FailureReason}: {failure}";
        var failed = pass.Outcomes.Values.Where(o => o.State != OutcomeState.Done).ToList();
        if (failed.Count > 0) return $"{failed.Count} of {pass.Outcomes.Count} changes failed: {string.Join(", ", failed.Select(f => f.Id))}";
        return PlanSummary.Line(pass.Planned);
    }
}

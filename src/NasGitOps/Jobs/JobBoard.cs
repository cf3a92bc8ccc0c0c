using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using NasGitOps.Core.Jobs;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Execution;
using NasGitOps.State;

namespace NasGitOps.Jobs;

/// <summary>What is remembered of a job.</summary>
/// <param name="Cron">Null for a job without a schedule of its own.</param>
/// <param name="LastFire">The newest fire that was answered; a later one that passed while the agent was down is made up for.</param>
internal sealed record JobMemory(
    string Resource, string Task, string? Cron, string? TimeZone, DateTimeOffset? LastFire, DateTimeOffset? LastRun = null, bool? Succeeded = null, string Message = "", double Seconds = 0)
{
    [JsonIgnore]
    public string Key => $"{Task} {Resource}";

    public bool IsOf(RecurringJob job) => Cron == job.Schedule.Cron && TimeZone == job.Schedule.TimeZone;
}

[JsonSerializable(typeof(List<JobMemory>))]
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
internal sealed partial class JobJson : JsonSerializerContext;

/// <summary>What the jobs did, kept over restarts. Losing it costs at most that a missed fire is not made up for.</summary>
internal sealed class JobBoard
{
    private readonly string file;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly Lock gate = new();
    private readonly Dictionary<string, JobMemory> memories = new(StringComparer.Ordinal);

    public JobBoard(string stateDirectory, TimeProvider time, ILogger log)
    {
        file = Path.Combine(stateDirectory, "jobs.json");
        this.time = time;
        this.log = log;
        Load();
    }

    public JobMemory? Find(string key)
    {
        lock (gate) return memories.GetValueOrDefault(key);
    }

    /// <summary>Every job with what became of it, by resource.</summary>
    public IReadOnlyList<JobReport> Reports
    {
        get
        {
            lock (gate) return [.. memories.Values.Select(Report).OfType<JobReport>().OrderBy(r => r.Resource).ThenBy(r => r.Task, StringComparer.Ordinal)];
        }
    }

    /// <summary>What failed last, for the status of its resource.</summary>
    public IEnumerable<Notice> Notices => Reports.Where(r => r.Succeeded == false)
        .Select(r => new Notice(r.Resource, Reason(r.Task), $"{r.Task} at {r.LastRun:yyyy-MM-dd HH:mm:ss}Z: {r.Message}", Degraded: true));

    /// <summary>From now on a job is answered by its schedule; fires before now are none of its own.</summary>
    public void Begin(RecurringJob job)
    {
        lock (gate)
        {
            var old = memories.GetValueOrDefault(job.Key);
            memories[job.Key] = (old ?? new JobMemory(job.Resource.ToString(), job.Task, null, null, null, null, null, "", 0)) with
            {
                Cron = job.Schedule.Cron,
                TimeZone = job.Schedule.TimeZone,
                LastFire = time.GetUtcNow(),
            };
            Save();
        }
    }

    /// <param name="fire">Null for a run without a schedule of its own.</param>
    public void Ended(ResourceId resource, string task, DateTimeOffset? fire, JobOutcome outcome, TimeSpan took)
    {
        lock (gate)
        {
            var key = JobTasks.Key(task, resource);
            var old = memories.GetValueOrDefault(key) ?? new JobMemory(resource.ToString(), task, null, null, null, null, null, "", 0);
            memories[key] = old with { LastFire = fire ?? old.LastFire, LastRun = time.GetUtcNow(), Succeeded = outcome.Succeeded, Message = outcome.Message, Seconds = took.TotalSeconds };
            Save();
        }
    }

    /// <summary>Forgets what is not there any more.</summary>
    public void Keep(IReadOnlySet<string> keys)
    {
        lock (gate)
        {
            var gone = memories.Keys.Where(k => !keys.Contains(k)).ToList();
            if (gone.Count == 0) return;
            gone.ForEach(k => memories.Remove(k));
            Save();
        }
    }

    private static string Reason(string task) => string.Concat(task.Split('-').Select(w => char.ToUpperInvariant(w[0]) + w[1..])) + "Failed";

    private JobReport? Report(JobMemory memory)
    {
        if (ResourceId.TryParse(memory.Resource) is not { } resource) return null;
        DateTimeOffset? next = memory.Cron is { } cron && Schedule.TryParse(cron, memory.TimeZone, out var schedule, out _) ? new ScheduleTimes(schedule).Next(time.GetUtcNow()) : null;
        return new JobReport(resource, memory.Task, memory.LastRun, memory.Succeeded, memory.Message, TimeSpan.FromSeconds(Math.Clamp(memory.Seconds, 0, Duration.Longest.TotalSeconds)), next);
    }

    private void Load()
    {
        if (!File.Exists(file)) return;
        try
        {
            foreach (var memory in WholeJson.Read(File.ReadAllBytes(file), JobJson.Default.ListJobMemory)) memories[memory.Key] = memory;
        }
        catch (JsonException e)
        {
            var aside = AtomicFile.MoveAside(file, "corrupt", time.GetUtcNow());
            log.LogError("{File} could not be read ({Error}); it was moved to {Aside}, and fires that were missed meanwhile are not made up for", file, e.Message, aside);
        }
    }

    private void Save()
    {
        try
        {
            AtomicFile.Write(file, JsonSerializer.SerializeToUtf8Bytes([.. memories.Values.OrderBy(m => m.Key, StringComparer.Ordinal)], JobJson.Default.ListJobMemory), AtomicFile.Private);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.LogError("{File} cannot be written: {Error}. The jobs go on; after a restart a fire may be made up for twice or not at all", file, e.Message);
        }
    }
}

using NasGitOps.Core.Jobs;
using NasGitOps.Core.Status;
using NasGitOps.Reconciling;
using NasGitOps.Reporting;

namespace NasGitOps.Agent;

/// <summary>What is kept of a pass that came to its end.</summary>
/// <param name="Attempted">The newest commit it saw.</param>
internal sealed record PassReport(string? Attempted, HostStatus Status, PassFigures Figures);

/// <summary>What is known of the agent at one moment.</summary>
/// <param name="Last">The last pass that came to its end.</param>
/// <param name="LastPassEnded">Whatever its result.</param>
/// <param name="LastSuccess">When a pass last ended in which Git was reached, the commit was valid and no change failed.</param>
/// <param name="Aborted">Why the last pass did not come to its end; null when it did.</param>
internal sealed record AgentFacts(PassReport? Last, DateTimeOffset? LastPassEnded, DateTimeOffset? LastSuccess, string? Aborted)
{
    /// <summary>Null when the host is what its manifests say.</summary>
    public string? NotReadyBecause
    {
        get
        {
            if (Aborted is not null) return $"the last pass did not come to its end: {Aborted}";
            if (Last is null) return "no pass has ended yet";
            return Last.Status.Find(Condition.Ready) is { } ready ? ready.Status == "True" ? null : $"{ready.Reason}: {ready.Message}" : "the last pass says nothing of the host";
        }
    }
}

/// <summary>What the page, the metrics and the health checks know of the agent's work. The loop writes; any thread reads.</summary>
internal sealed class AgentReport(TimeProvider time)
{
    /// <summary>For all that one round of the loop does. Importing a large pool and mounting all of it may take long; every command has a limit of its own.</summary>
    private static readonly TimeSpan WorkLimit = TimeSpan.FromHours(1);

    /// <summary>On top of the time that the loop means to sleep: a loaded machine wakes late.</summary>
    private static readonly TimeSpan Lateness = TimeSpan.FromMinutes(1);

    private volatile AgentFacts facts = new(null, null, null, null);
    private volatile Expectation expected = new(time.GetTimestamp(), WorkLimit, "start");

    public AgentFacts Facts => facts;

    /// <summary>Null while the loop lives: it said at its last turn until when it would be heard of again.</summary>
    public string? DeadBecause
    {
        get
        {
            var now = expected;
            var silent = time.GetElapsedTime(now.Since);
            return silent <= now.Within ? null : $"the loop began to {now.Doing} {silent.TotalSeconds:0} s ago and was to be heard of within {now.Within.TotalSeconds:0} s";
        }
    }

    public void Works() => expected = new Expectation(time.GetTimestamp(), WorkLimit, "work");

    public void Sleeps(TimeSpan period) => expected = new Expectation(time.GetTimestamp(), period + Lateness, "sleep");

    public void PassEnded(PassResult pass)
    {
        Telemetry.PassEnded(pass.Succeeded, pass.Took);
        var now = time.GetUtcNow();
        facts = new AgentFacts(new PassReport(pass.Desired.Attempted, pass.Status, PassFigures.Of(pass)), now, pass.Succeeded ? now : facts.LastSuccess, null);
    }

    /// <summary>Between passes: what the jobs did since.</summary>
    public void JobsRan(IReadOnlyList<JobReport> jobs)
    {
        if (facts.Last is { } last) facts = facts with { Last = last with { Status = last.Status with { Jobs = jobs } } };
    }

    public void PassAborted(string why)
    {
        Telemetry.PassAborted();
        facts = facts with { LastPassEnded = time.GetUtcNow(), Aborted = why };
    }

    /// <param name="Since">Monotonic: a clock that is set does not make the loop look dead.</param>
    private sealed record Expectation(long Since, TimeSpan Within, string Doing);
}

using System.Globalization;
using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Planning;

/// <summary>A time in which clients may be cut off.</summary>
/// <param name="Cron">When it opens; checked by <see cref="Schedule.TryParse"/>.</param>
/// <param name="Duration">How long it stays open, in real time: a clock that is put back in it does not lengthen it.</param>
public sealed record MaintenanceWindow(string Cron, string TimeZone, TimeSpan Duration)
{
    public const string Reason = "MaintenanceWindow";

    public bool IsOpen(DateTimeOffset now) => Times.Last(now) is { } opened && now < opened + Duration;

    public DateTimeOffset? NextOpening(DateTimeOffset now) => Times.Next(now);

    private ScheduleTimes Times => new(new Schedule(Cron, TimeZone));
}

/// <summary>Outside of every window what cuts clients off waits, where the host has any window at all.</summary>
public static class MaintenanceWindows
{
    /// <summary>When the next one opens; null where none ever does.</summary>
    public static DateTimeOffset? NextOpening(IReadOnlyList<MaintenanceWindow> windows, DateTimeOffset now) => Next(windows, now)?.At;

    internal static Func<Draft, Change, Hold?> Rule(PlanInput input)
    {
        var windows = input.Policy.Windows;
        if (windows.Count == 0) return (_, _) => null;
        var hold = new Lazy<Hold?>(() => windows.Any(w => w.IsOpen(input.Now)) ? null : Closed(windows, input.Now));
        return (draft, change) => MayCutOff(draft, change, input) ? hold.Value : null;
    }

    /// <summary>Not what comes into being or comes back, not what was announced for this time, and not the disk that a pool lacks.</summary>
    private static bool MayCutOff(Draft draft, Change change, PlanInput input) =>
        change.Risk >= Risk.Disruptive
        && change.Action is not (ChangeAction.Create or ChangeAction.Import or ChangeAction.Restore)
        && change.Cause != Cause.Time
        && !(PoolHold.Mends(change) && PoolHold.Pools(draft, change, input).Any(p => !PoolHold.IsWhole(p)));

    private static Hold Closed(IReadOnlyList<MaintenanceWindow> windows, DateTimeOffset now)
    {
        var next = Next(windows, now) is { } found ? $"the next opens at {Local(found.At, found.Window.TimeZone)}" : "none of agent.yaml opens within nine years";
        return new Hold(
            Disposition.Waiting,
            new Blocker(MaintenanceWindow.Reason, $"clients may be cut off, and no maintenance window is open; {next}", "it follows by itself then; to have it done now, approve it with the trailer that 'nasgitops approve --all' prints"),
            NeedsPerson: false);
    }

    private static (DateTimeOffset At, MaintenanceWindow Window)? Next(IReadOnlyList<MaintenanceWindow> windows, DateTimeOffset now)
    {
        var openings = windows.Select(w => (At: w.NextOpening(now), Window: w)).Where(o => o.At is not null).Select(o => (o.At!.Value, o.Window)).ToList();
        return openings.Count == 0 ? null : openings.MinBy(o => o.Value);
    }

    private static string Local(DateTimeOffset at, string timeZone) =>
        string.Create(CultureInfo.InvariantCulture, $"{TimeZoneInfo.ConvertTime(at, Schedule.FindZone(timeZone)):yyyy-MM-dd HH:mm} {timeZone}");
}

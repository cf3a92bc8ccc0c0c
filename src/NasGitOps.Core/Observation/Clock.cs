using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Observation;

/// <summary>What the host's clocks show at one instant.</summary>
/// <param name="SinceBoot">Time since the host's start, sleep included, which nobody sets.</param>
/// <param name="BootId">Changes with each start.</param>
/// <param name="IsSynchronised">As the kernel is told by whoever keeps it right (NTP).</param>
public sealed record ClockReading(DateTimeOffset Wall, TimeSpan SinceBoot, string BootId, bool IsSynchronised);

/// <summary>What is remembered of the clock from one pass to the next.</summary>
/// <param name="JumpedAt">When it last jumped, by the new time; null for never.</param>
public sealed record ClockMemory(DateTimeOffset Wall, TimeSpan SinceBoot, string BootId, DateTimeOffset? JumpedAt, string Jump);

/// <summary>Whether a clock may be trusted with what cannot be undone. A wrong time must not make a deadline pass.</summary>
public static class ClockWatch
{
    /// <summary>More than this apart from the time since the start is a jump; less is what NTP corrects.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    /// <summary>Long enough for a person to see it.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromDays(1);

    /// <param name="before">Null at the first look.</param>
    public static ClockMemory Remember(ClockMemory? before, ClockReading now)
    {
        if (before is null) return new ClockMemory(now.Wall, now.SinceBoot, now.BootId, null, "");
        var memory = before with { Wall = now.Wall, SinceBoot = now.SinceBoot, BootId = now.BootId };
        var moved = now.Wall - before.Wall;
        // While the host was off nobody knows what time passed; that none passed is certain.
        var off = before.BootId == now.BootId ? moved - (now.SinceBoot - before.SinceBoot) : moved < TimeSpan.Zero ? moved : TimeSpan.Zero;
        return off.Duration() <= Tolerance ? memory : memory with { JumpedAt = now.Wall, Jump = $"{(off < TimeSpan.Zero ? "back" : "ahead")} by {Duration.Format(TimeSpan.FromSeconds(Math.Round(off.Duration().TotalSeconds)))}" };
    }

    /// <summary>Why it is not to be trusted now; null where it is.</summary>
    public static string? Problem(ClockMemory memory, ClockReading now)
    {
        if (!now.IsSynchronised) return "the clock is not synchronised (no NTP)";
        return memory.JumpedAt is { } at && now.Wall < at + Quiet ? $"the clock jumped {memory.Jump} at {at.UtcDateTime:yyyy-MM-dd HH:mm}Z, and is trusted again a day later" : null;
    }
}

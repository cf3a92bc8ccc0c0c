using NasGitOps.Core.Observation;

namespace NasGitOps.Core.Tests.Observation;

public sealed class ClockWatchTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly ClockReading First = new(Start, TimeSpan.FromHours(5), "boot-1", IsSynchronised: true);

    [Fact]
    public void A_clock_that_runs_as_time_does_is_trusted() => Assert.Null(After(First with { Wall = Start.AddMinutes(5), SinceBoot = First.SinceBoot + TimeSpan.FromMinutes(5) }));

    [Fact]
    public void What_NTP_corrects_is_no_jump() => Assert.Null(After(First with { Wall = Start.AddMinutes(5).AddSeconds(20), SinceBoot = First.SinceBoot + TimeSpan.FromMinutes(5) }));

    [Fact]
    public void A_clock_that_nobody_keeps_right_is_not_trusted() => Assert.Contains("not synchronised", After(First with { IsSynchronised = false }), StringComparison.Ordinal);

    [Theory]
    [InlineData(30, "ahead by 30d")]
    [InlineData(-30, "back by 30d")]
    public void A_jump_is_told_and_the_clock_trusted_again_a_day_later(int days, string jump)
    {
        var jumped = First with { Wall = Start.AddDays(days).AddMinutes(5), SinceBoot = First.SinceBoot + TimeSpan.FromMinutes(5) };
        var memory = ClockWatch.Remember(ClockWatch.Remember(null, First), jumped);
        Assert.Contains($"jumped {jump}", ClockWatch.Problem(memory, jumped), StringComparison.Ordinal);

        var later = jumped with { Wall = jumped.Wall.AddHours(25), SinceBoot = jumped.SinceBoot + TimeSpan.FromHours(25) };
        Assert.Null(ClockWatch.Problem(ClockWatch.Remember(memory, later), later));
    }

    [Fact]
    public void Time_that_passed_while_the_host_was_off_is_no_jump() => Assert.Null(After(new ClockReading(Start.AddDays(90), TimeSpan.FromMinutes(1), "boot-2", IsSynchronised: true)));

    [Fact]
    public void A_clock_that_stands_before_the_last_look_jumped_though_the_host_was_off() =>
        Assert.Contains("jumped back by 1h", After(new ClockReading(Start.AddHours(-1), TimeSpan.FromMinutes(1), "boot-2", IsSynchronised: true)), StringComparison.Ordinal);

    private static string? After(ClockReading now) => ClockWatch.Problem(ClockWatch.Remember(ClockWatch.Remember(null, First), now), now);
}

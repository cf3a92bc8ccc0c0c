using NasGitOps.Agent;
using NasGitOps.Tests.Web;

namespace NasGitOps.Tests.Agent;

public sealed class PassTimesTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    private readonly TestClock clock = new();
    private readonly PassTimes times;

    public PassTimesTests() => times = new PassTimes(clock, Interval, t => t);

    [Fact]
    public void The_first_pass_is_due_at_once_and_the_next_after_the_interval()
    {
        Assert.True(times.IsDue);
        times.Ended(succeeded: true);
        Assert.Equal(Interval, times.Left);
        clock.Advance(Interval);
        Assert.True(times.IsDue);
    }

    [Theory]
    [InlineData(-365)]
    [InlineData(365)]
    public void A_clock_that_is_set_moves_no_pass(int days)
    {
        times.Ended(succeeded: true);
        clock.Advance(TimeSpan.FromMinutes(1));

        clock.Set(TimeSpan.FromDays(days));

        Assert.Equal(TimeSpan.FromMinutes(4), times.Left);
        clock.Advance(TimeSpan.FromMinutes(4));
        Assert.True(times.IsDue);
    }

    [Fact]
    public void After_failures_passes_come_sooner_and_ever_less_often_up_to_the_interval()
    {
        var waits = Enumerable.Range(0, 9).Select(_ =>
        {
            times.Ended(succeeded: false);
            return times.Left.TotalSeconds;
        });

        Assert.Equal([5, 10, 20, 40, 80, 160, 300, 300, 300], waits);
        times.Ended(succeeded: true);
        times.Ended(succeeded: false);
        Assert.Equal(TimeSpan.FromSeconds(5), times.Left);
    }

    [Fact]
    public void A_pass_that_is_asked_for_is_due_now()
    {
        times.Ended(succeeded: true);
        times.Now();
        Assert.True(times.IsDue);
    }
}

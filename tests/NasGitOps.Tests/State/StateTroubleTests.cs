using NasGitOps.Cli;
using NasGitOps.State;

namespace NasGitOps.Tests.State;

public class StateTroubleTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(56);

    [Theory]
    [InlineData(28, "is full")]
    [InlineData(30, "is read-only")]
    public void A_state_directory_that_cannot_be_written_is_named_with_what_it_stops_and_where_to_look(int errno, string what)
    {
        var told = StateTrouble.Explain(new IOException("No luck", errno), "/var/lib/nasgitops");

        Assert.StartsWith($"the state directory /var/lib/nasgitops {what} (No luck): nothing is changed on this host", told, StringComparison.Ordinal);
        Assert.Contains("df -h /var/lib/nasgitops", told, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_failure_is_not_taken_for_it() => Assert.Null(StateTrouble.Explain(new IOException("Input/output error", 5), "/var/lib/nasgitops"));

    [Theory]
    [InlineData(11, null)]
    [InlineData(-60, null)]
    [InlineData(13, "no pass came to its end for ")]
    public void A_status_that_passes_no_longer_write_is_shown_as_old(int minutes, string? said)
    {
        var stale = StatusCommand.Stale(Now.AddMinutes(-minutes), Now, TimeSpan.FromMinutes(5));
        if (said is null) Assert.Null(stale);
        else Assert.StartsWith(said, stale, StringComparison.Ordinal);
    }
}

using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Tests.Loading;

public class ScheduleTests
{
    [Theory]
    [InlineData("@hourly", "0 * * * *")]
    [InlineData("@daily", "0 0 * * *")]
    [InlineData("@weekly", "0 0 * * 0")]
    [InlineData("@monthly", "0 0 1 * *")]
    [InlineData("0  3 1 * *", "0 3 1 * *")]
    [InlineData("*/15 0-6/2,22 1,15 JAN-mar mon-fri", "*/15 0-6/2,22 1,15 JAN-mar mon-fri")]
    [InlineData("0 0 * * 7", "0 0 * * 7")]
    [InlineData("0 0 29 2 *", "0 0 29 2 *")]
    [InlineData("0 0 31 2 1", "0 0 31 2 1")]
    public void A_cron_is_read_and_written_out(string cron, string fields)
    {
        Assert.True(Schedule.TryParse(cron, "Europe/Berlin", out var schedule, out var error), error);
        Assert.Equal(new Schedule(fields, "Europe/Berlin"), schedule);
    }

    [Fact]
    public void The_default_time_zone_is_UTC()
    {
        Assert.True(Schedule.TryParse("@daily", null, out var schedule, out _));
        Assert.Equal("UTC", schedule.TimeZone);
    }

    [Theory]
    [InlineData("", "cron '' has 0 fields, not five (minute, hour, day of month, month, day of week)")]
    [InlineData("0 0 0 * * *", "cron '0 0 0 * * *' has 6 fields, not five (minute, hour, day of month, month, day of week)")]
    [InlineData("@yearly", "'@yearly' is not known; @hourly, @daily, @weekly and @monthly are")]
    [InlineData("60 * * * *", "minute '60' is not *, a value or a range within 0-59")]
    [InlineData("* * 0 * *", "day of month '0' is not *, a value or a range within 1-31")]
    [InlineData("* * * 13 *", "month '13' is not *, a value or a range within 1-12")]
    [InlineData("* * * * 8", "day of week '8' is not *, a value or a range within 0-7")]
    [InlineData("*/0 * * * *", "minute '*/0': the step after '/' must be a number from 1")]
    [InlineData("5/10 * * * *", "minute '5/10': a step needs * or a range before '/'")]
    [InlineData("10-5 * * * *", "minute '10-5': the range runs backwards")]
    [InlineData("1,,2 * * * *", "minute '' is not *, a value or a range within 0-59")]
    [InlineData("-1 * * * *", "minute '-1' is not *, a value or a range within 0-59")]
    [InlineData("? * * * *", "minute '?' is not *, a value or a range within 0-59")]
    [InlineData("0 0 31 4,6 *", "cron '0 0 31 4,6 *' never fires: no such day in that month")]
    public void A_wrong_cron_is_explained(string cron, string expected)
    {
        Assert.False(Schedule.TryParse(cron, null, out _, out var error));
        Assert.Equal(expected, error);
    }

    [Theory]
    [InlineData("Europe/Berln")]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/localtime")]
    [InlineData("")]
    [InlineData("Europe")]
    public void An_unknown_time_zone_is_refused(string zone)
    {
        Assert.False(Schedule.TryParse("@daily", zone, out _, out var error));
        Assert.Equal($"time zone '{zone}' is not known; IANA names such as Europe/Berlin or UTC are", error);
    }
}

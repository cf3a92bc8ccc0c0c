namespace NasGitOps.Agent;

/// <summary>When the next pass is due. Monotonic: a clock that is set neither hurries passes nor keeps them from coming.</summary>
/// <param name="interval">Between passes without news.</param>
/// <param name="jitter">Spreads a time; passed in so that tests can do without.</param>
internal sealed class PassTimes(TimeProvider time, TimeSpan interval, Func<TimeSpan, TimeSpan> jitter)
{
    /// <summary>After a failure passes come sooner than the interval, ever less often: 5 s, 10 s, … up to the interval.</summary>
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(5);

    private long since = time.GetTimestamp();
    private TimeSpan wait = TimeSpan.Zero;
    private int failures;

    /// <summary>How long until the next pass; zero when it is due.</summary>
    public TimeSpan Left => Later(wait - time.GetElapsedTime(since), TimeSpan.Zero);

    public bool IsDue => Left == TimeSpan.Zero;

    public void Now() => wait = TimeSpan.Zero;

    /// <param name="atMost">When something is due that does not wait for the interval; null for nothing.</param>
    public void Ended(bool succeeded, TimeSpan? atMost = null)
    {
        failures = succeeded ? 0 : failures + 1;
        var pause = jitter(interval);
        wait = failures == 0 ? pause : Sooner(pause, jitter(FirstRetry * Math.Pow(2, Math.Min(failures - 1, 16))));
        if (atMost is { } due) wait = Later(Sooner(wait, due), TimeSpan.Zero);
        since = time.GetTimestamp();
    }

    public static TimeSpan Sooner(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;
}

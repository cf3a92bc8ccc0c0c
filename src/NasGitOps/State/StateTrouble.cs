namespace NasGitOps.State;

/// <summary>Says in words that the agent's own folder cannot be written, which stops every change: nothing is done that was not journalled first.</summary>
internal static class StateTrouble
{
    private const int ErrorNoSpace = 28;
    private const int ErrorReadOnly = 30;
    private const int ErrorQuota = 122;

    /// <summary>Null for other failures. Source: errno(3); .NET keeps the number in HResult.</summary>
    public static string? Explain(Exception failure, string stateDirectory)
    {
        var what = failure.HResult switch
        {
            ErrorNoSpace or ErrorQuota => "is full",
            ErrorReadOnly => "is read-only",
            _ => null,
        };
        return what is null
            ? null
            : $"the state directory {stateDirectory} {what} ({failure.Message}): nothing is changed on this host that cannot be written to the journal first, and what is served goes on. See 'df -h {stateDirectory}' and 'findmnt -T {stateDirectory}'; once it can be written, passes go on by themselves";
    }
}

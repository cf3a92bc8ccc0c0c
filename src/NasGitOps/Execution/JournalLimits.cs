namespace NasGitOps.Execution;

/// <summary>How large the journal grows.</summary>
/// <param name="MaxBytes">A file larger than this is put aside, and a new one goes on with its chain.</param>
/// <param name="Keep">How many put aside are kept; the oldest goes first.</param>
internal sealed record JournalLimits(long MaxBytes, int Keep)
{
    public const long LeastBytes = 64 * 1024;

    public static JournalLimits Default { get; } = new(64 * 1024 * 1024, 10);
}

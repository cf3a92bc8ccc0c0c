namespace NasGitOps.State;

/// <summary>One pass at a time on a host: agent and command line share this lock.</summary>
internal sealed class HostLock : IDisposable
{
    private readonly FileLock held;

    private HostLock(FileLock held) => this.held = held;

    /// <param name="who">What holds it, for people: <c>agent</c>, <c>apply</c>.</param>
    /// <param name="refusal">When null is returned: who has it, and what to do.</param>
    public static HostLock? TryTake(string stateDirectory, string who, out string refusal)
    {
        var path = Path.Combine(stateDirectory, "lock");
        refusal = "";
        if (FileLock.TryTake(path, who, out var heldBy) is { } taken) return new HostLock(taken);
        refusal = $"another pass is running: {path} is held by {heldBy}; wait for it, or see it with 'nasgitops status'";
        return null;
    }

    public void Dispose() => held.Dispose();
}

using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Planning;

public enum OutcomeState
{
    Done,
    Failed,
    Skipped,
}

/// <summary>What became of a change that was applied.</summary>
/// <param name="Reason">One word for programs; empty for Done.</param>
/// <param name="Message">For a failure the evidence: the command, its exit code, its standard error.</param>
public sealed record Outcome(ResourceId Id, OutcomeState State, string Reason, string Message)
{
    public static Outcome Done(ResourceId id) => new(id, OutcomeState.Done, "", "");
}

namespace NasGitOps.Core.Status;

/// <summary>A condition as Kubernetes has them.</summary>
/// <param name="Type"><c>Ready</c>, <c>Reconciling</c>, <c>Degraded</c> or <c>Stalled</c>.</param>
/// <param name="Status"><c>True</c>, <c>False</c> or <c>Unknown</c>.</param>
/// <param name="Reason">One CamelCase word for programs.</param>
/// <param name="LastTransitionTime">When <paramref name="Status"/> last changed.</param>
public sealed record Condition(string Type, string Status, string Reason, string Message, DateTimeOffset LastTransitionTime)
{
    public const string Ready = "Ready";
    public const string Reconciling = "Reconciling";
    public const string Degraded = "Degraded";
    public const string Stalled = "Stalled";
}

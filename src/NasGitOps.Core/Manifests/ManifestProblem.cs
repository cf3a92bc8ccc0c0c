namespace NasGitOps.Core.Manifests;

public enum Severity
{
    Warning,
    Error,
}

/// <summary>Something wrong in a repository, with its place and the way to mend it.</summary>
/// <param name="Line">From 1; 0 where the whole file is meant.</param>
/// <param name="Column">From 1; 0 where the whole file is meant.</param>
/// <param name="FieldPath">As <c>spec.clients[0].host</c>; empty for the whole document.</param>
public sealed record ManifestProblem(
    Severity Severity, string File, int Line, int Column, string FieldPath, string Message, string WayOut, ResourceId? Resource = null)
{
    public override string ToString()
    {
        var field = FieldPath.Length == 0 ? "" : $" {FieldPath}:";
        var wayOut = WayOut.Length == 0 ? "" : $" ({WayOut})";
        return $"{File}:{Line}:{Column}: {Severity.ToString().ToLowerInvariant()}:{field} {Message}{wayOut}";
    }
}

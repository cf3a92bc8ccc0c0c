namespace NasGitOps.Source;

/// <summary>Names that git accepts, decided without libgit2 so that a configuration can be checked anywhere.</summary>
internal static class GitNames
{
    /// <summary>The rules of <c>git check-ref-format --branch</c>, and no <c>HEAD</c>.</summary>
    public static bool IsBranch(string name) => name != "HEAD" && !name.StartsWith('-') && !name.StartsWith("refs/", StringComparison.Ordinal) && IsPath(name);

    /// <summary>A full ref name, as <c>refs/pull/7/head</c>.</summary>
    public static bool IsRef(string name) => name.StartsWith("refs/", StringComparison.Ordinal) && IsPath(name);

    private static bool IsPath(string name) =>
        name.Length is > 0 and <= 200
        && name.Split('/').All(part => part.Length > 0 && !part.StartsWith('.') && !part.EndsWith(".lock", StringComparison.Ordinal))
        && !name.EndsWith('.')
        && !name.Contains("..", StringComparison.Ordinal)
        && !name.Contains("@{", StringComparison.Ordinal)
        && name != "@"
        && !name.Any(c => c is <= ' ' or '\x7f' or '~' or '^' or ':' or '?' or '*' or '[' or '\\');
}

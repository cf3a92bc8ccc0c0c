namespace NasGitOps.Source;

/// <summary>Trailers: <c>Key: value</c> lines in the last paragraph of a commit message.</summary>
internal static class CommitTrailers
{
    public const string Approve = "NasGitOps-Approve";

    public static IEnumerable<string> Find(string message, string key)
    {
        var paragraphs = message.Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd().Split("\n\n");
        foreach (var line in paragraphs[^1].Split('\n'))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line.AsSpan(0, colon).Equals(key, StringComparison.OrdinalIgnoreCase)) yield return line[(colon + 1)..].Trim();
        }
    }
}

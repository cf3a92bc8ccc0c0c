using System.Text;
using System.Text.RegularExpressions;

namespace NasGitOps.Trust;

/// <summary>Patterns of repository paths: <c>*</c> and <c>?</c> stay within a folder, <c>**</c> stands for any number of folders, also none. Case counts.</summary>
/// <remarks>What other tools read as more (classes, alternatives, negation) is refused: a rule that does not match what its author meant protects nothing.</remarks>
internal sealed class PathGlob
{
    private const string NotOurs = "[]{}!\\";

    private readonly Regex regex;

    /// <param name="pattern">One that <see cref="Refuse"/> accepts.</param>
    public PathGlob(string pattern)
    {
        var parts = pattern.Split('/');
        var text = new StringBuilder("^");
        for (var i = 0; i < parts.Length; i++)
        {
            var isLast = i == parts.Length - 1;
            if (parts[i] == "**") text.Append(isLast ? ".+" : "(?:[^/]+/)*");
            else text.Append(Segment(parts[i])).Append(isLast ? "" : "/");
        }

        regex = new Regex(text.Append("\\z").ToString(), RegexOptions.CultureInvariant | RegexOptions.Singleline);
    }

    /// <summary>Why a pattern cannot be used, or null.</summary>
    public static string? Refuse(string pattern)
    {
        if (pattern.Length is 0 or > 500) return "it must have 1 to 500 characters";
        if (pattern.FirstOrDefault(c => NotOurs.Contains(c, StringComparison.Ordinal) || char.IsControl(c)) is not '\0' and var other) return $"'{other}' has no meaning here; there are *, ? and ** only";
        var parts = pattern.Split('/');
        if (parts.Any(p => p.Length == 0)) return "it neither begins nor ends with '/', and has no '//' (a folder is written 'pools/**')";
        if (parts.Any(p => p is "." or "..")) return "'.' and '..' are in no path of a repository";
        return parts.Any(p => p.Contains("**", StringComparison.Ordinal) && p != "**") ? "'**' stands alone between slashes" : null;
    }

    public bool Matches(string path) => regex.IsMatch(path);

    private static string Segment(string part) =>
        string.Concat(part.Select(c => c switch { '*' => "[^/]*", '?' => "[^/]", _ => Regex.Escape(c.ToString()) }));
}

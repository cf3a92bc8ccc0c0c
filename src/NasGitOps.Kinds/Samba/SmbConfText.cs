using System.Text;
using System.Text.RegularExpressions;

namespace NasGitOps.Kinds.Samba;

/// <summary>The host's own smb.conf as text: everything but our marked block stays as it is, byte for byte.</summary>
internal static partial class SmbConfText
{
    private const string Begin = "# BEGIN nasgitops (generated; everything after END would fall into our last share)";
    private const string End = "# END nasgitops";

    // Two line ends always stand before the block and belong to it: the first ends a last line without one, the second
    // keeps a backslash at its end from swallowing our mark. So taking the block out gives back exactly what was there.
    private const string Lead = "\n\n";

    /// <summary>The text with our block at its very end, once.</summary>
    public static string WithBlock(string text, string includePath) =>
        $"{WithoutBlock(text)}{Lead}{Begin}\ninclude = {includePath}\n{End}\n";

    /// <summary>The text as it would be without us: no block is left, also where somebody pasted one into another.</summary>
    public static string WithoutBlock(string text)
    {
        while (HasAnyBlock(text))
        {
            var with = text;
            text = Block().Replace(with, match => JoinsLines(with, match) ? "\n" : "");
        }

        return text;
    }

    /// <summary>Whether our block is the last thing in the text, as <see cref="WithBlock"/> writes it.</summary>
    public static bool HasBlock(string text, string includePath) => text == WithBlock(text, includePath);

    public static bool HasAnyBlock(string text) => Block().IsMatch(text);

    public static bool BeginsBlock(string line) => line.StartsWith("# BEGIN nasgitops", StringComparison.Ordinal);

    /// <summary>Names of the sections that the text itself opens, outside of our block and apart from <c>[global]</c>.</summary>
    public static IEnumerable<string> Sections(string text) =>
        WithoutBlock(text).Split('\n')
            .Select(line => line.Trim())
            .Where(line => line.StartsWith('[') && line.Contains(']', StringComparison.Ordinal))
            .Select(line => string.Join(' ', line[1..line.IndexOf(']', StringComparison.Ordinal)].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))
            .Where(name => name.Length > 0 && !IsGlobal(name));

    /// <summary>Samba finds <c>[global]</c> without regard to case and blanks.</summary>
    public static bool IsGlobal(string section) =>
        string.Concat(section.Where(c => !char.IsWhiteSpace(c))).Equals("global", StringComparison.OrdinalIgnoreCase);

    /// <summary>A file of ours: its first line, then lines of one section.</summary>
    public static string Render(string header, string section, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var text = new StringBuilder().Append(header).Append('\n').Append('[').Append(section).Append("]\n");
        foreach (var (name, value) in parameters) text.Append($"   {name} = {value}".TrimEnd()).Append('\n');
        return text.ToString();
    }

    /// <summary>The first line of a file that is wholly ours.</summary>
    /// <param name="resource">As <c>SmbShare/photos</c>.</param>
    public static string Header(string resource) => $"# nasgitops: {resource} (wholly generated; what is changed here by hand is put back)";

    /// <summary>The resource that a file's first line names; null for a file that is not ours.</summary>
    public static string? ResourceOf(string text)
    {
        var match = FirstLine().Match(text);
        return match.Success ? match.Groups[1].Value : null;
    }

    /// <summary>A file's digest, short: what the applied record keeps of it.</summary>
    public static string Digest(string text) =>
        "sha256:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];

    /// <summary>Somebody wrote something after our block: it must not end up on the line before it.</summary>
    private static bool JoinsLines(string text, Match block) =>
        block.Index > 0 && text[block.Index - 1] != '\n' && block.Index + block.Length < text.Length;

    [GeneratedRegex(@"(?:\n\n)?^# BEGIN nasgitops[^\n]*\n(?:(?!# BEGIN nasgitops)[^\n]*\n)*?# END nasgitops[^\n]*(?:\n|\z)", RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\A# nasgitops: ([^\n]+?) \(wholly generated[^\n]*\)\r?\n")]
    private static partial Regex FirstLine();
}

using System.Text;

namespace NasGitOps.Core.Loading;

/// <summary>Values of people's files inside of our messages: on one line, and not too long.</summary>
internal static class Show
{
    private const int Longest = 60;

    public static string Text(string value)
    {
        var shown = new StringBuilder();
        foreach (var c in value.Length > Longest ? value[..Longest] : value)
        {
            switch (c)
            {
                case '\n':
                    shown.Append("\\n");
                    break;
                case '\t':
                    shown.Append("\\t");
                    break;
                default:
                    if (char.IsControl(c) || char.IsSurrogate(c)) shown.Append($"\\u{(int)c:X4}");
                    else shown.Append(c);
                    break;
            }
        }

        return value.Length > Longest ? shown.Append('…').ToString() : shown.ToString();
    }

    /// <summary>The short form, as <c>!!set</c>.</summary>
    public static string Tag(string tag) => Text(tag.Replace("tag:yaml.org,2002:", "!!", StringComparison.Ordinal));

    /// <summary>A message of others: without its full stop, and beginning small.</summary>
    public static string Sentence(string message)
    {
        var text = message.Trim().TrimEnd('.');
        if (text.Length > 200) text = text[..200] + "…";
        text = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Replace("  ", " ", StringComparison.Ordinal);
        return text.Length > 1 && char.IsUpper(text[0]) && char.IsLower(text[1]) ? char.ToLowerInvariant(text[0]) + text[1..] : text;
    }

    /// <summary><c>a, b and c</c>; no more than twelve.</summary>
    public static string List(IEnumerable<string> values)
    {
        var all = values.Select(Text).ToList();
        if (all.Count > 12) return string.Join(", ", all.Take(12)) + $" and {all.Count - 12} more";
        return all.Count < 2 ? string.Concat(all) : $"{string.Join(", ", all.Take(all.Count - 1))} and {all[^1]}";
    }
}

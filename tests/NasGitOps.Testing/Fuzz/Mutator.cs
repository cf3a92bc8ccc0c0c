using System.Text;

namespace NasGitOps.Testing.Fuzz;

/// <summary>Makes damaged inputs of good ones: as a cut pipe, another version of a tool, a user's odd name or an enemy would.</summary>
public sealed class Mutator(Random random, IReadOnlyList<string> seeds)
{
    private const int Longest = 20_000;

    /// <summary>Short texts that often mean something: separators, ends of lines in every alphabet, numbers that overflow, option signs, markup.</summary>
    public static readonly string[] Hostile =
    [
        "\n", "\r\n", "\r", "\t", " ", "  ", "\0", "\u0085", "\u2028", "\u2029", "\ufeff", "\u202e", "\u200b", "\u00a0", "\ud800", "\udc00", "\ud83d\ude00", "e\u0301", "ß", "İ",
        "-", "--", "-rf", "--help", "-o", ",", ":", ";", "=", "#", "%", "%U", "$(id)", "`id`", "${guid}", "*", "?", "[", "]", "(", ")", "{", "}", "<", ">", "&", "|", "'", "\"", "\\", "\\040", "\\n", "/", "..", "../", "/../", "~", "@", "^",
        "0", "-1", "00", "2147483648", "4294967296", "9223372036854775808", "18446744073709551616", "99999999999999999999999999", "1e999", "NaN", "0x10", "1.5", "٣", "none", "null", "true", "on", "[global]", "]\n[evil]", "<script>", "]]>", "-->", "../../etc/passwd", "a b", "was", "NAME",
    ];

    public string Next()
    {
        var text = random.Next(20) == 0 ? Noise() : seeds[random.Next(seeds.Count)];
        for (var edits = 1 + random.Next(4); edits > 0; edits--) text = Edited(text);
        return text.Length > Longest ? text[..Longest] : text;
    }

    /// <summary>Text of any characters, also of halves of surrogate pairs.</summary>
    public string Noise()
    {
        var text = new StringBuilder();
        for (var i = random.Next(60); i > 0; i--)
        {
            if (random.Next(3) == 0) text.Append(One(Hostile));
            else text.Append((char)random.Next(random.Next(4) == 0 ? 0x10000 : 0x80));
        }

        return text.ToString();
    }

    private string Edited(string text)
    {
        var at = random.Next(text.Length + 1);
        return random.Next(12) switch
        {
            0 => text[..at],
            1 => text[at..],
            2 => text.Insert(at, One(Hostile)),
            3 => text.Remove(at, Math.Min(text.Length - at, 1 + random.Next(8))),
            4 => at < text.Length ? text.Remove(at, 1).Insert(at, ((char)random.Next(0x100)).ToString()) : text,
            5 => Lines(text, lines => lines.RemoveAt(random.Next(lines.Count))),
            6 => Lines(text, lines => lines.Insert(random.Next(lines.Count), One(lines))),
            7 => Lines(text, lines => (lines[0], lines[^1]) = (lines[^1], lines[0])),
            8 => Words(text, words => words[random.Next(words.Count)] = One(words)),
            9 => Words(text, words => words[random.Next(words.Count)] = One(Hostile)),
            10 => random.Next(3) == 0 ? text.Insert(at, new string(One("a ", "\t", "(", "-", "9")[0], random.Next(3000))) : text.Replace("\n", "\r\n", StringComparison.Ordinal),
            _ => Lines(text, lines => lines[random.Next(lines.Count)] = One(One(seeds).Split('\n'))),
        };
    }

    private static string Lines(string text, Action<List<string>> edit) => Parts(text, '\n', edit);

    /// <summary>Words of whatever separates them there.</summary>
    private string Words(string text, Action<List<string>> edit) => Parts(text, One("\t", " ", ",", "=", ":", "/")[0], edit);

    private static string Parts(string text, char separator, Action<List<string>> edit)
    {
        var parts = text.Split(separator).ToList();
        edit(parts);
        return string.Join(separator, parts);
    }

    private T One<T>(params IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];
}

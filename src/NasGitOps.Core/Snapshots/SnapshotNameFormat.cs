using System.Globalization;
using System.Text;

namespace NasGitOps.Core.Snapshots;

/// <summary>How a schedule names its snapshots: literal text and the directives <c>%Y %m %d %H %M %S</c>, always UTC. Names are read back to the very time they were made of.</summary>
public sealed class SnapshotNameFormat
{
    public const string DefaultTime = "_GMT-%Y.%m.%d-%H.%M.%S";

    /// <summary>What parts a prefix from the time, so that Samba finds the time in a name.</summary>
    public const string Delimiter = "_GMT";

    private const string Directives = "YmdHMS";
    private readonly IReadOnlyList<(char Directive, string Literal)> parts;

    private SnapshotNameFormat(string text, IReadOnlyList<(char, string)> parts)
    {
        Text = text;
        this.parts = parts;
        Length = parts.Sum(p => p.Item1 switch { '\0' => p.Item2.Length, 'Y' => 4, _ => 2 });
    }

    public string Text { get; }

    /// <summary>Characters of every name.</summary>
    public int Length { get; }

    /// <summary>The format of a schedule that names none: <c>auto-NAME_GMT-…</c>.</summary>
    public static string Default(string schedule) => $"auto-{schedule.Replace(' ', '-')}{DefaultTime}";

    /// <param name="error">What is wrong and what to write instead, as a part of a sentence; empty where nothing is.</param>
    public static bool TryParse(string text, out SnapshotNameFormat format, out string error)
    {
        format = null!;
        var parts = new List<(char, string)>();
        var literal = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                if (!char.IsAsciiLetterOrDigit(text[i]) && !"_.:-".Contains(text[i], StringComparison.Ordinal))
                {
                    error = $"'{text[i]}' cannot stand in a snapshot's name: use letters, digits, '_', '.', ':' and '-'";
                    return false;
                }

                literal.Append(text[i]);
                continue;
            }

            var directive = i + 1 < text.Length ? text[++i] : '\0';
            if (!Directives.Contains(directive, StringComparison.Ordinal) || directive == '\0')
            {
                error = $"'%{(directive == '\0' ? "" : directive.ToString())}' is not known: %Y %m %d %H %M %S are";
                return false;
            }

            if (parts.Exists(p => p.Item1 == directive))
            {
                error = $"'%{directive}' stands in it twice: once is enough to read the time back";
                return false;
            }

            if (literal.Length > 0) parts.Add(('\0', literal.ToString()));
            literal.Clear();
            parts.Add((directive, ""));
        }

        if (literal.Length > 0) parts.Add(('\0', literal.ToString()));
        var missing = "YmdHM".Where(d => !parts.Exists(p => p.Item1 == d)).ToList();
        error = missing.Count == 0 ? "" : $"without {string.Join(' ', missing.Select(d => $"%{d}"))} two snapshots would have one name: write …{DefaultTime}";
        format = new SnapshotNameFormat(text, parts);
        return missing.Count == 0;
    }

    public static SnapshotNameFormat Parse(string text) => TryParse(text, out var format, out var error) ? format : throw new FormatException(error);

    public string Name(DateTimeOffset time)
    {
        var utc = time.UtcDateTime;
        var name = new StringBuilder(Length);
        foreach (var (directive, literal) in parts)
        {
            switch (directive)
            {
                case 'Y': name.Append(utc.Year.ToString("0000", CultureInfo.InvariantCulture)); break;
                case 'm': Two(utc.Month); break;
                case 'd': Two(utc.Day); break;
                case 'H': Two(utc.Hour); break;
                case 'M': Two(utc.Minute); break;
                case 'S': Two(utc.Second); break;
                default: name.Append(literal); break;
            }
        }

        return name.ToString();

        void Two(int number) => name.Append((char)('0' + (number / 10))).Append((char)('0' + (number % 10)));
    }

    /// <summary>The time that a name tells; false for a name of another making.</summary>
    public bool TryRead(ReadOnlySpan<char> name, out DateTimeOffset time)
    {
        time = default;
        if (name.Length != Length) return false;
        Span<int> values = [1, 1, 1, 0, 0, 0];
        var at = 0;
        foreach (var (directive, literal) in parts)
        {
            if (directive == '\0')
            {
                if (!name.Slice(at, literal.Length).SequenceEqual(literal)) return false;
                at += literal.Length;
                continue;
            }

            var width = directive == 'Y' ? 4 : 2;
            var number = 0;
            foreach (var c in name.Slice(at, width))
            {
                if (!char.IsAsciiDigit(c)) return false;
                number = (number * 10) + (c - '0');
            }

            values[Directives.IndexOf(directive, StringComparison.Ordinal)] = number;
            at += width;
        }

        if (values[0] is < 1 or > 9998 || values[1] is < 1 or > 12 || values[2] < 1 || values[2] > DateTime.DaysInMonth(values[0], values[1])) return false;
        if (values[3] > 23 || values[4] > 59 || values[5] > 59) return false;
        time = new DateTimeOffset(values[0], values[1], values[2], values[3], values[4], values[5], TimeSpan.Zero);
        return true;
    }

    /// <summary>The part that several formats of one share must have in common for Previous Versions: from <c>_GMT</c> on, or the whole where nothing stands before the time. Null where Samba could not find the time.</summary>
    public string? PreviousVersionsFamily
    {
        get
        {
            var at = Text.IndexOf(Delimiter, StringComparison.Ordinal);
            if (at > 0) return Text[..at].Contains('%', StringComparison.Ordinal) ? null : Text[at..];
            return Text.StartsWith("GMT", StringComparison.Ordinal) ? Text : null;
        }
    }
}

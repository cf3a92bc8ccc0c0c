using System.Globalization;

namespace NasGitOps.Kinds.Samba;

/// <summary>How smbd reads a parameter's value; decides what is accepted and when two values are the same.</summary>
internal enum ValueType
{
    Bool,

    /// <summary>A whole number. Samba reads <c>abc</c> as 0 without a word, so this is checked here.</summary>
    Integer,

    /// <summary>A file mode. Samba reads <c>0999</c> as 0 without a word.</summary>
    Octal,

    Text,

    /// <summary>Names between slashes, as <c>/.DS_Store/._*/</c>.</summary>
    Patterns,

    /// <summary>Words whose order means nothing.</summary>
    Set,

    /// <summary>Words whose order matters.</summary>
    Sequence,

    /// <summary>Addresses, networks and host names.</summary>
    Hosts,

    /// <summary>One of a few words, some of them aliases.</summary>
    Choice,
}

/// <summary>One smb.conf parameter.</summary>
/// <param name="Name">As <c>testparm</c> prints it.</param>
/// <param name="Default">Samba's own, checked in a test against recorded output of <c>testparm -sv</c>.</param>
/// <param name="Reason">Why it may be set from a manifest, or why it is always written.</param>
internal sealed record SambaParameter(string Name, ValueType Type, string Default, string Reason)
{
    /// <summary>For <see cref="ValueType.Choice"/>: each entry holds the aliases of one meaning, our name for it first.</summary>
    public IReadOnlyList<string[]> Choices { get; init; } = [];

    /// <summary>For <see cref="ValueType.Integer"/>.</summary>
    public (long Least, long Most) Range { get; init; } = (0, int.MaxValue);

    public static SambaParameter Flag(string name, bool @default, string reason) => new(name, ValueType.Bool, @default ? "yes" : "no", reason);

    public static SambaParameter Number(string name, long @default, long least, long most, string reason) =>
        new(name, ValueType.Integer, @default.ToString(CultureInfo.InvariantCulture), reason) { Range = (least, most) };

    public static SambaParameter OneOf(string name, string @default, string reason, params string[] choices) =>
        new(name, ValueType.Choice, @default, reason) { Choices = [.. choices.Select(c => c.Split('|'))] };

    /// <summary>The one spelling of a value; the text itself where it has none.</summary>
    public string Canonical(string value) => Type switch
    {
        ValueType.Bool => AsBool(value) is { } flag ? (flag ? "yes" : "no") : value,
        ValueType.Integer => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number.ToString(CultureInfo.InvariantCulture) : value,
        ValueType.Octal => AsOctal(value) is { } mode ? mode : value,
        ValueType.Set or ValueType.Hosts => string.Join(' ', Words(value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)),
        ValueType.Sequence => string.Join(' ', Words(value)),
        ValueType.Choice => Choices.FirstOrDefault(c => c.Contains(value, StringComparer.OrdinalIgnoreCase))?[0] ?? value,
        _ => string.Join(' ', value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
    };

    public bool IsDefault(string value) => Canonical(value) == Canonical(Default);

    /// <summary>Why a value of a manifest cannot stand; null when it can.</summary>
    public string? Refusal(string value) => SmbConfValue.Refusal(value) ?? Type switch
    {
        ValueType.Bool when AsBool(value) is null => "it takes 'yes' or 'no'",
        ValueType.Integer when !IsInRange(value) => $"it takes a whole number from {Range.Least} to {Range.Most}",
        ValueType.Octal when AsOctal(value) is null => "it takes a file mode such as \"0660\"",
        ValueType.Choice when !Choices.Any(c => c.Contains(value, StringComparer.OrdinalIgnoreCase)) => $"it takes one of {string.Join(", ", Choices.Select(c => c[0]))}",
        ValueType.Patterns when value.Length < 3 || !value.StartsWith('/') || !value.EndsWith('/') => "it takes names between slashes, as \"/.DS_Store/._*/\"",
        ValueType.Hosts when !SmbConfValue.AreHosts(value) => "it takes addresses, networks and host names parted by blanks, as \"10.0.0.0/24 nas2.lan\"",
        ValueType.Set or ValueType.Sequence when !SmbConfValue.AreWords(value) => "it takes words of letters, digits, '-', '_' and '.', parted by blanks",
        _ => null,
    };

    /// <summary>The words of a list as Samba splits it: at blanks and commas, double quotes keep a word together.</summary>
    public static IReadOnlyList<string> Words(string value)
    {
        var words = new List<string>();
        var word = new System.Text.StringBuilder();
        var quoted = false;
        foreach (var c in value)
        {
            if (c == '"') quoted = !quoted;
            else if (!quoted && (char.IsWhiteSpace(c) || c is ',' or ';')) Flush();
            else word.Append(c);
        }

        Flush();
        return words;

        void Flush()
        {
            if (word.Length > 0) words.Add(word.ToString());
            word.Clear();
        }
    }

    private static bool? AsBool(string value) => value.ToLowerInvariant() switch
    {
        "yes" or "true" or "on" or "1" => true,
        "no" or "false" or "off" or "0" => false,
        _ => null,
    };

    private static string? AsOctal(string value)
    {
        if (value.Length is 0 or > 5 || value.Any(c => c is < '0' or > '7')) return null;
        var mode = Convert.ToInt32(value, 8);
        return mode > 0xFFF ? null : "0" + Convert.ToString(mode, 8).PadLeft(3, '0');
    }

    private bool IsInRange(string value) =>
        long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= Range.Least && number <= Range.Most;
}

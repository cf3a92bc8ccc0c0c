using System.Globalization;
using System.Text.RegularExpressions;
using NasGitOps.Core.Manifests;

namespace NasGitOps.Storage;

public enum PropertyType
{
    Choice,
    Size,
    Number,
    Pattern,
}

/// <summary>One property of the catalogue: everything that validation, comparison and the plan's notes must know of it.</summary>
/// <param name="Allowed">For a choice: the values; for a pattern: one regular expression.</param>
public sealed record StorageProperty(string Name, PropertyType Type, params IReadOnlyList<string> Allowed)
{
    /// <summary>Fixed when the dataset or pool is made.</summary>
    public bool CreateOnly { get; init; }

    /// <summary>Acts on data written from now on; what is there stays as it is.</summary>
    public bool NewDataOnly { get; init; }

    /// <summary>Whether children inherit it; what is not inherited is cleared with <c>none</c>.</summary>
    public bool Inheritable { get; init; } = true;

    /// <summary>What one that is not inherited reads when nobody sets it; <c>none</c> for limits.</summary>
    public string? Unset { get; init; }

    /// <summary>Whether clients notice a change.</summary>
    public bool Disruptive { get; init; }

    /// <summary>The manifest's own field for it; <c>properties</c> may not hold it then.</summary>
    public string? OwnField { get; init; }

    /// <summary>Written value to the one read back, as <c>posixacl → posix</c>.</summary>
    public IReadOnlyDictionary<string, string> Aliases { get; init; } = new Dictionary<string, string>();

    /// <summary>The first OpenZFS version that knows it.</summary>
    public Version Since { get; init; } = new(2, 1);

    /// <summary>For a choice: the value that a YAML boolean probably meant.</summary>
    public bool IsSwitch => Allowed.Contains("on") && Allowed.Contains("off");

    /// <summary>Null when the value is legal, else what would be.</summary>
    public string? Complaint(string value) => Type switch
    {
        PropertyType.Choice => Allowed.Contains(value) || Aliases.ContainsKey(value) ? null : $"one of {string.Join(", ", Allowed)}",
        PropertyType.Size => ByteSize.TryParse(value, out _) ? null : "a size such as 128K, 10GiB or none",
        PropertyType.Number => ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _) || value == "none" ? null : "a whole number",
        _ => Regex.IsMatch(value, Allowed[0], RegexOptions.CultureInvariant) ? null : $"text that matches {Allowed[0]}",
    };

    /// <summary>The value as the tools print it with <c>-p</c>.</summary>
    public string Canonical(string value)
    {
        if (Type == PropertyType.Size && ByteSize.TryParse(value, out var size)) return size.Exact;
        if (Type == PropertyType.Number && value == "none") return Name is "filesystem_limit" or "snapshot_limit" ? "none" : "0";
        return Aliases.GetValueOrDefault(value, value);
    }

    public PropertyTraits Traits => new(Name, CreateOnly, NewDataOnly, Inheritable, Disruptive, OwnField, IsSwitch, Complaint, Canonical) { Unset = Unset };
}

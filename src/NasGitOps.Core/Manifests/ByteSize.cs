using System.Globalization;
using System.Numerics;

namespace NasGitOps.Core.Manifests;

/// <summary>A size in bytes, read as ZFS reads it: <c>500GiB</c>, <c>10G</c>, <c>1.5T</c> (all binary), plain bytes, or <c>none</c> (0).</summary>
public readonly record struct ByteSize(ulong Bytes)
{
    private const string Units = "KMGTPE";

    public static bool TryParse(string text, out ByteSize size)
    {
        size = default;
        if (text == "none") return true;
        var digits = text.TrimEnd('i', 'B', 'b');
        var power = 0;
        if (digits.Length > 0 && char.IsAsciiLetter(digits[^1]))
        {
            power = Units.IndexOf(char.ToUpperInvariant(digits[^1]), StringComparison.Ordinal) + 1;
            if (power == 0) return false;
            digits = digits[..^1];
        }

        var suffix = text[digits.Length..];
        if (suffix.Length > 0 && !IsSuffix(suffix)) return false;
        if (digits.Length == 0 || !char.IsAsciiDigit(digits[0]) || digits.Any(c => !char.IsAsciiDigit(c) && c != '.')) return false;
        if (!decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
        if (power == 0 && number != decimal.Truncate(number)) return false;
        var factor = BigInteger.One << (10 * power);
        decimal bytes;
        try
        {
            bytes = decimal.Truncate(number * (decimal)factor);
        }
        catch (OverflowException)
        {
            return false;
        }

        if (bytes > ulong.MaxValue) return false;
        size = new ByteSize((ulong)bytes);
        return true;
    }

    private static bool IsSuffix(string suffix) => suffix switch
    {
        "B" => true,
        [var unit] => Units.Contains(char.ToUpperInvariant(unit), StringComparison.Ordinal),
        [var unit, 'B' or 'b'] => Units.Contains(char.ToUpperInvariant(unit), StringComparison.Ordinal),
        [var unit, 'i', 'B'] => Units.Contains(char.ToUpperInvariant(unit), StringComparison.Ordinal),
        _ => false,
    };

    /// <summary>The exact number of bytes, as <c>zfs get -p</c> prints it.</summary>
    public string Exact => Bytes.ToString(CultureInfo.InvariantCulture);

    /// <summary>For people: the largest binary unit, at most one decimal, as <c>1.5 TiB</c>.</summary>
    public override string ToString()
    {
        if (Bytes < 1024) return $"{Bytes} B";
        var power = Math.Min((BitOperations.Log2(Bytes)) / 10, Units.Length);
        var value = Bytes / Math.Pow(1024, power);
        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {Units[power - 1]}iB");
    }
}

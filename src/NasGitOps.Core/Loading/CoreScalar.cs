using System.Globalization;
using System.Text.RegularExpressions;

namespace NasGitOps.Core.Loading;

/// <summary>What a plain scalar means in the core schema of YAML 1.2: <c>yes</c> and <c>on</c> are text, <c>0770</c> is seven hundred and seventy.</summary>
internal static partial class CoreScalar
{
    private const double LargestFloat = 7e27;

    /// <returns>The type and value; an out of range number has the type <see cref="ScalarType.Number"/> and no value.</returns>
    public static (ScalarType Type, object? Value) Resolve(string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return (ScalarType.Null, null);
            case "true" or "True" or "TRUE":
                return (ScalarType.Boolean, true);
            case "false" or "False" or "FALSE":
                return (ScalarType.Boolean, false);
        }

        if (!char.IsAsciiDigit(text[0]) && text[0] is not ('+' or '-' or '.')) return (ScalarType.Text, text);
        if (Integer().IsMatch(text)) return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? (ScalarType.Integer, whole) : Float(text);
        if (Octal().IsMatch(text) || Hexadecimal().IsMatch(text)) return Based(text);
        return Decimal().IsMatch(text) || Special().IsMatch(text) ? Float(text) : (ScalarType.Text, text);
    }

    private static (ScalarType Type, object? Value) Based(string text)
    {
        try
        {
            return (ScalarType.Integer, Convert.ToInt64(text[2..], text[1] == 'o' ? 8 : 16));
        }
        catch (OverflowException)
        {
            return (ScalarType.Number, null);
        }
    }

    // The validator computes in decimal, which ends a little above.
    private static (ScalarType Type, object? Value) Float(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && Math.Abs(number) < LargestFloat
            ? (ScalarType.Number, number)
            : (ScalarType.Number, null);

    [GeneratedRegex(@"\A[-+]?[0-9]+\z")]
    private static partial Regex Integer();

    [GeneratedRegex(@"\A0o[0-7]+\z")]
    private static partial Regex Octal();

    [GeneratedRegex(@"\A0x[0-9a-fA-F]+\z")]
    private static partial Regex Hexadecimal();

    [GeneratedRegex(@"\A[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z")]
    private static partial Regex Decimal();

    [GeneratedRegex(@"\A([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z")]
    private static partial Regex Special();
}

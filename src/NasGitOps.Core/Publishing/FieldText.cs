using System.Globalization;
using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Publishing;

/// <summary>Field values for people: exact bytes as sizes, long texts cut.</summary>
public static class FieldText
{
    private const int MaxLength = 160;

    private static readonly HashSet<string> Sizes =
    [
        "quota", "refquota", "reservation", "refreservation", "volumeSize",
        "properties.recordsize", "properties.volblocksize", "properties.special_small_blocks",
    ];

    public static string Shown(string field, string value)
    {
        if (IsSize(field) && ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)) return bytes == 0 ? "none" : Size(bytes);
        return value.Length > MaxLength ? value[..(MaxLength - 1)] + "…" : value;
    }

    /// <summary>A rounded size would hide a difference: then the bytes are told too.</summary>
    private static string Size(ulong bytes)
    {
        var text = new ByteSize(bytes).ToString();
        return ByteSize.TryParse(text.Replace(" ", "", StringComparison.Ordinal), out var read) && read.Bytes == bytes ? text : $"{text} ({bytes} bytes)";
    }

    private static bool IsSize(string field) => Sizes.Contains(field) || field.StartsWith("userQuotas.", StringComparison.Ordinal) || field.StartsWith("groupQuotas.", StringComparison.Ordinal);
}

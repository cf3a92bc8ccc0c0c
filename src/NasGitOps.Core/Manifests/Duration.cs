using System.Globalization;

namespace NasGitOps.Core.Manifests;

/// <summary>Durations of manifests and configuration: a whole number and one of <c>s m h d w</c>, as <c>90s</c> or <c>14d</c>.</summary>
public static class Duration
{
    /// <summary>A thousand years. Added to any time of today, it is still within the calendar.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(365_250);

    /// <remarks>What is longer than <see cref="Longest"/> is taken for that: it was written to mean for ever, and must not turn into nothing.</remarks>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        if (text.Length < 2 || !text[..^1].All(char.IsAsciiDigit)) return false;
        long seconds = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, 'w' => 604800, _ => 0 };
        if (seconds == 0) return false;
        var most = (long)Longest.TotalSeconds / seconds;
        duration = long.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most ? TimeSpan.FromSeconds(number * seconds) : Longest;
        return true;
    }

    /// <summary>The shortest exact form, as <c>2h</c> for 7,200 seconds.</summary>
    public static string Format(TimeSpan duration)
    {
        var seconds = (long)duration.TotalSeconds;
        foreach (var (unit, size) in new[] { ('w', 604800L), ('d', 86400L), ('h', 3600L), ('m', 60L) })
        {
            if (seconds > 0 && seconds % size == 0) return string.Create(CultureInfo.InvariantCulture, $"{seconds / size}{unit}");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{seconds}s");
    }
}

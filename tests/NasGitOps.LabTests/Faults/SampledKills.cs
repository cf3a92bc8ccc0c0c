using System.Globalization;
using System.Text.Json;

namespace NasGitOps.LabTests.Faults;

/// <summary>Chooses where to kill: another sample each day. And reads from a journal what there is to be killed in.</summary>
internal sealed class SampledKills(int seed)
{
    private readonly Random random = new(seed);

    public static SampledKills OfToday()
    {
        var given = Environment.GetEnvironmentVariable("NASGITOPS_KILL_SEED");
        return new SampledKills(given is null ? DateTimeOffset.UtcNow.DayOfYear : int.Parse(given, CultureInfo.InvariantCulture));
    }

    public string Told => $"seed {seed}; repeat it with NASGITOPS_KILL_SEED={seed}";

    /// <summary>The program and its verb, or the step's first words: <c>zfs create</c>, <c>install</c>.</summary>
    public static string KindOf(string step)
    {
        var words = step.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is ["zfs" or "zpool" or "btrfs", var verb, ..] ? $"{words[0]} {verb}" : words.FirstOrDefault() ?? "";
    }

    /// <summary>The steps that a journal says were begun, in order.</summary>
    public static IReadOnlyList<string> Begun(IEnumerable<string> journal)
    {
        var steps = new List<string>();
        foreach (var line in journal.Where(l => l.StartsWith('{') && l.EndsWith('}')))
        {
            using var entry = JsonDocument.Parse(line);
            if (entry.RootElement.GetProperty("phase").GetString() == "intent")
                steps.Add(entry.RootElement.GetProperty("step").GetString() ?? "");
        }

        return steps;
    }

    /// <summary>Every second kind, in order; the others with the next seed.</summary>
    public IReadOnlyList<string> Half(IEnumerable<string> kinds) => [.. kinds.Order(StringComparer.Ordinal).Where((_, i) => (i + seed) % 2 == 0)];

    public int Between(int least, int most) => random.Next(least, most + 1);
}

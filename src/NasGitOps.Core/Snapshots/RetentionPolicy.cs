using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Snapshots;

/// <summary>How many snapshots stay, and of which periods. Numbers of 0 keep nothing.</summary>
/// <param name="KeepWithin">All that are younger than this, counted back from the newest one.</param>
public sealed record RetentionPolicy(int KeepLast, int KeepHourly, int KeepDaily, int KeepWeekly, int KeepMonthly, int KeepYearly, TimeSpan? KeepWithin)
{
    public const string NoRule = "every snapshot would be pruned: no rule keeps anything";
    public const string WriteARule = "write at least one above 0, as keepDaily: 7";

    public bool HasRule => KeepLast + (long)KeepHourly + KeepDaily + KeepWeekly + KeepMonthly + KeepYearly > 0 || KeepWithin > TimeSpan.Zero;

    /// <summary>The rules by the manifest's names, those that keep something.</summary>
    public IEnumerable<(string Name, string Value)> Fields
    {
        get
        {
            foreach (var (name, number) in Numbers)
            {
                if (number > 0) yield return (name, number.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }

            if (KeepWithin is { } within) yield return ("keepWithin", Duration.Format(within));
        }
    }

    private (string Name, int Number)[] Numbers =>
        [("keepLast", KeepLast), ("keepHourly", KeepHourly), ("keepDaily", KeepDaily), ("keepWeekly", KeepWeekly), ("keepMonthly", KeepMonthly), ("keepYearly", KeepYearly)];
}

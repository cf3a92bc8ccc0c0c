using NasGitOps.Core.Snapshots;

namespace NasGitOps.Core.Tests.Snapshots;

public sealed class PruneDecisionTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 30, 0, TimeSpan.Zero);
    private static readonly SnapshotNameFormat Format = SnapshotNameFormat.Parse(SnapshotNameFormat.Default("hourly"));
    private static readonly RetentionPolicy KeepTwo = new(2, 0, 0, 0, 0, 0, null);

    [Fact]
    public void Details_are_asked_of_the_doomed_alone()
    {
        var decision = Decide(Hourly("tank/a", 5));

        Assert.Equal([3, 4, 5], decision.Open.Select(s => int.Parse(s.Guid, null)).Order());
    }

    [Fact]
    public void What_carries_no_mark_of_the_schedule_is_not_destroyed_and_takes_no_slot()
    {
        var decision = Decide(Hourly("tank/a", 5));
        // The third is somebody else's: then the rules are about the other four.
        Learn(decision, s => s.Guid == "3" ? "other" : "hourly");

        Assert.Equal(["4", "5"], Destroyed(decision));
        Assert.Equal(4, decision.Count);
    }

    [Fact]
    public void A_name_that_was_given_to_another_snapshot_since_the_listing_is_not_destroyed()
    {
        var decision = Decide(Hourly("tank/a", 3));
        decision.Learn(decision.Open.ToDictionary(s => s.FullName, _ => new SnapshotDetails("another guid", "hourly", 0, [])));

        Assert.Empty(Destroyed(decision));
    }

    [Fact]
    public void Held_ones_and_those_with_clones_stay()
    {
        var decision = Decide(Hourly("tank/a", 6));
        decision.Learn(decision.Open.ToDictionary(s => s.FullName, s => new SnapshotDetails(s.Guid, "hourly", s.Guid == "3" ? 1 : 0, s.Guid == "4" ? ["tank/clone"] : [])));

        Assert.Equal(["5", "6"], Destroyed(decision));
        Assert.Equal(["3", "4"], decision.Needed.Select(s => s.Guid).Order());
    }

    [Fact]
    public void Names_of_another_form_and_datasets_that_the_schedule_left_are_never_candidates()
    {
        var all = Hourly("tank/a", 4).Concat(Hourly("tank/left", 9)).Append(new SnapshotState("tank/a", "before-upgrade", "99", 1)).Append(new SnapshotState("tank/a", "auto-daily_GMT-2020.01.01-00.00.00", "98", 1));
        var decision = Decide(all);
        Learn(decision, _ => "hourly");

        Assert.Equal(["3", "4"], Destroyed(decision));
    }

    [Fact]
    public void Nothing_is_doomed_while_the_clock_stands_before_the_newest_snapshot()
    {
        var decision = new PruneDecision("hourly", Format, KeepTwo, TimeZoneInfo.Utc, Hourly("tank/a", 9), _ => true, Now.AddHours(-2));

        Assert.True(decision.IsClockBehind);
        Assert.Empty(decision.Open);
    }

    [Fact]
    public void Pruning_again_after_a_prune_finds_nothing()
    {
        var all = Hourly("tank/a", 30).ToList();
        var decision = Decide(all);
        Learn(decision, _ => "hourly");
        var gone = decision.Destroy.SelectMany(d => d).ToHashSet();

        Assert.Equal(28, gone.Count);
        Assert.Empty(Decide(all.Where(s => !gone.Contains(s))).Open);
    }

    private static PruneDecision Decide(IEnumerable<SnapshotState> all) => new("hourly", Format, KeepTwo, TimeZoneInfo.Utc, all, d => d != "tank/left", Now);

    private static void Learn(PruneDecision decision, Func<SnapshotState, string> schedule)
    {
        while (decision.Open is { Count: > 0 } open) decision.Learn(open.ToDictionary(s => s.FullName, s => new SnapshotDetails(s.Guid, schedule(s), 0, [])));
    }

    private static IEnumerable<string> Destroyed(PruneDecision decision) => decision.Destroy.SelectMany(d => d).Select(s => s.Guid).Order();

    /// <summary>The newest first, with guids from 1.</summary>
    private static IEnumerable<SnapshotState> Hourly(string dataset, int count) =>
        Enumerable.Range(0, count).Select(i => new SnapshotState(dataset, Format.Name(Now.AddMinutes(-30).AddHours(-i)), $"{i + 1}", (ulong)(1000 - i)));
}

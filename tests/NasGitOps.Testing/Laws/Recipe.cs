using FsCheck;
using FsCheck.Fluent;
using NasGitOps.Core.Planning;
using NasGitOps.Testing.Model;

namespace NasGitOps.Testing.Laws;

/// <summary>One random case: what was on the host, what is committed first and next, what is done by hand between, and when a kill strikes. Plain lists, so that FsCheck can take things away.</summary>
public sealed record Recipe(IReadOnlyList<HandEdit> Before, IReadOnlyList<Draft> First, IReadOnlyList<HandEdit> Between, IReadOnlyList<Draft> Second, int Kill)
{
    private (ModelCommit First, ModelCommit Second)? commits;

    public ModelWorld Start(Policy? policy = null) => new(Before.Aggregate(HandEdit.EmptyHost, (host, edit) => edit.On(host)), Core.Ownership.OwnershipRecords.Empty, policy ?? new Policy(MaxRemovals: 100));

    public ModelCommit FirstCommit => Commits.First;

    public ModelCommit SecondCommit => Commits.Second;

    private (ModelCommit First, ModelCommit Second) Commits => commits ??= (Draft.Commit("c1", First), Draft.Commit("c2", Second));

    /// <param name="btrfsPools">Pools of each case that are btrfs.</param>
    public static Arbitrary<Recipe> Arbitrary(params string[] btrfsPools) => Arb.From(Gen.Choose(0, int.MaxValue - 1).Select(seed => Random(seed, btrfsPools)), Smaller);

    public override string ToString() =>
        $"\n on the host: {string.Join(", ", Before.Select(e => $"{e.Edit} {e.Pick}"))}\n first commit:\n  {string.Join("\n  ", First)}\n by hand: {string.Join(", ", Between.Select(e => $"{e.Edit} {e.Pick}"))}\n second commit:\n  {string.Join("\n  ", Second)}\n kill after step {Kill}\n";

    private static Recipe Random(int seed, string[] btrfsPools)
    {
        var dice = new Dice(seed) { BtrfsPools = btrfsPools };
        var first = new List<Draft> { KindGenerators.PoolOf(dice, "tank") };
        if (dice.Chance(60)) first.Add(KindGenerators.PoolOf(dice, "vault"));
        for (var i = dice.Below(14); i > 0; i--) first.Add(Any(dice));
        var second = first.Where(_ => dice.Chance(75)).ToList();
        for (var i = dice.Below(6); i > 0; i--) second.Add(Any(dice));
        return new Recipe(Edits(dice, 7, HandEdit.BeforeAnything), first, Edits(dice, 5, HandEdit.Drift), second, dice.Below(40));
    }

    private static Draft Any(Dice dice) => (dice.Chance(45) ? KindGenerators.All["Dataset"] : dice.One([.. KindGenerators.All.Values]))(dice);

    private static List<HandEdit> Edits(Dice dice, int most, HostEdit[] choices) => [.. Enumerable.Range(0, dice.Below(most)).Select(_ => new HandEdit(dice.One(choices), dice.Below(1000)))];

    private static IEnumerable<Recipe> Smaller(Recipe recipe) =>
        Fewer(recipe.Second).Select(s => recipe with { Second = s, commits = null })
            .Concat(Fewer(recipe.First).Select(f => recipe with { First = f, commits = null }))
            .Concat(Fewer(recipe.Between).Select(b => recipe with { Between = b }))
            .Concat(Fewer(recipe.Before).Select(b => recipe with { Before = b }))
            .Concat(Each(recipe.First).Select(f => recipe with { First = f, commits = null }))
            .Concat(Each(recipe.Second).Select(s => recipe with { Second = s, commits = null }));

    /// <summary>All gone, the first half, then one less.</summary>
    private static IEnumerable<IReadOnlyList<T>> Fewer<T>(IReadOnlyList<T> items)
    {
        if (items.Count > 2) yield return [];
        if (items.Count > 3) yield return [.. items.Take(items.Count / 2)];
        for (var i = 0; i < items.Count; i++) yield return [.. items.Where((_, j) => j != i)];
    }

    private static IEnumerable<IReadOnlyList<Draft>> Each(IReadOnlyList<Draft> drafts) =>
        drafts.SelectMany((draft, i) => draft.Smaller().Select(smaller => (IReadOnlyList<Draft>)[.. drafts.Select((d, j) => j == i ? smaller : d)]));
}

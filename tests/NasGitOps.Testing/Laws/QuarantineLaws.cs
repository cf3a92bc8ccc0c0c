using NasGitOps.Core.Planning;
using NasGitOps.Testing.Model;

namespace NasGitOps.Testing.Laws;

/// <summary>What the recycle bin of datasets promises.</summary>
internal static class QuarantineLaws
{
    public static string? ComesBack(Recipe recipe) => RoundTrip(recipe, int.MaxValue);

    public static string? KillOnTheWay(Recipe recipe) => RoundTrip(recipe, recipe.Kill);

    public static string? Purge(Recipe recipe)
    {
        recipe = Quarantining(recipe);
        var before = LawSuite.Pass(recipe.Start(), recipe.FirstCommit);
        var inside = LawSuite.Pass(LawSuite.Approved(before, recipe.SecondCommit), recipe.SecondCommit);
        if (before.Faults.Count + inside.Faults.Count > 0) return null;
        var due = inside.Left!.Notices.Where(n => n.Reason == Notice.Quarantined).Select(n => n.Id.Name).ToHashSet();
        var early = LawSuite.Pass(inside with { Later = TimeSpan.FromDays(13) }, recipe.SecondCommit);
        if (Gone(inside, early).FirstOrDefault() is { } rash) return $"{rash} is gone before its time";
        var later = LawSuite.Pass(inside with { Later = TimeSpan.FromDays(15) }, recipe.SecondCommit);
        if (later.Faults.Count > 0) return later.Faults[0];
        if (Gone(inside, later).FirstOrDefault(n => !due.Contains(n)) is { } lost) return $"{lost} was not in quarantine and is gone";
        var left = due.FirstOrDefault(later.Host.Datasets.ContainsKey);
        // A tree is destroyed whole or not at all.
        return left is null || later.Left!.Changes.Any(c => c.Reason == "QuarantineBlocked") ? null : $"{left} is still there";
    }

    private static string? RoundTrip(Recipe recipe, int kill)
    {
        recipe = Quarantining(recipe);
        var before = LawSuite.Pass(recipe.Start(), recipe.FirstCommit);
        if (before.Faults.Count > 0 || before.Left!.Changes.Count > 0) return null;
        var away = LawSuite.Approved(before, recipe.SecondCommit);
        var inside = LawSuite.Pass(LawSuite.Pass(away, recipe.SecondCommit, kill), recipe.SecondCommit);
        if (inside.Faults.Count > 0) return inside.Faults[0];
        if (Gone(before, inside).FirstOrDefault() is { } lost) return $"{lost} is gone";
        if (inside.Left!.Notices.Where(n => n.Reason == Notice.Quarantined).Select(n => inside.Host.Datasets[n.Id.Name]).FirstOrDefault(d => d.MountedAt is not null || d.Local.GetValueOrDefault("readonly") != "on") is { } used) return $"{used.Name} lies in quarantine and can be used";
        var back = LawSuite.Pass(LawSuite.Pass(inside, recipe.FirstCommit, kill), recipe.FirstCommit);
        if (back.Faults.Count > 0) return back.Faults[0];
        return Show.Difference(Plain(before), Plain(back)) ?? Show.Difference("snapshot", before.Host.Snapshots, back.Host.Snapshots, _ => "there");
    }

    /// <summary>Datasets alone go, all of them into quarantine, and with them what cannot stand without them.</summary>
    private static Recipe Quarantining(Recipe recipe)
    {
        var first = recipe.First.GroupBy(d => (d.Kind, d.Name)).Select(g => g.Last()).Select(d => d.Kind == "Dataset" ? d.With("deletionPolicy", "quarantine").With("movedFrom", null) : d).Select(d => d with { Report = false, Suspend = false }).ToList();
        var second = first.Where((d, i) => d.Kind is not ("Dataset" or "Clone") || ((recipe.Kill + i) % 3) != 0).ToList();
        return new Recipe(recipe.Before, first, [], second, recipe.Kill);
    }

    /// <summary>A property that cannot be inherited stays set to what it was by default.</summary>
    private static ModelWorld Plain(ModelWorld world) => world with
    {
        Host = world.Host with { Datasets = Maps.Of(world.Host.Datasets.Select(d => KeyValuePair.Create(d.Key, d.Value with { Local = d.Value.Local.GetValueOrDefault("canmount") == "on" ? d.Value.Local.Remove("canmount") : d.Value.Local }))) },
    };

    private static IEnumerable<string> Gone(ModelWorld before, ModelWorld after) => before.Host.Datasets.Keys.Where(n => !after.Host.Datasets.ContainsKey(n));
}

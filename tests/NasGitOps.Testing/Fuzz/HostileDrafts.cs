using NasGitOps.Testing.Laws;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Testing.Fuzz;

/// <summary>Valid manifests with one text of many made hostile: what an admin pastes, or somebody who may write to the repository tries.</summary>
public static class HostileDrafts
{
    /// <summary>Drafts of every kind; which of them are accepted is the loader's business.</summary>
    public static List<Draft> Of(Random random)
    {
        var dice = new Dice(random.Next());
        var mutator = new Mutator(random, ["x"]);
        var drafts = new List<Draft> { KindGenerators.PoolOf(dice, "tank"), KindGenerators.PoolOf(dice, "vault") };
        foreach (var generate in KindGenerators.All.Where(k => k.Key != "Pool").Select(k => k.Value))
        {
            for (var i = 0; i < 3; i++) drafts.Add((random.Next(2) == 0 ? Hostile(generate(dice), random, mutator) : generate(dice)) with { Suspend = false, Report = false });
        }

        return drafts;
    }

    private static Draft Hostile(Draft draft, Random random, Mutator mutator)
    {
        var spec = (JObject)draft.Spec.DeepClone();
        var texts = spec.Descendants().OfType<JValue>().Where(v => v.Type == JTokenType.String).ToList();
        var bad = random.Next(5) == 0 ? mutator.Noise() : Mutator.Hostile[random.Next(Mutator.Hostile.Length)];
        if (texts.Count == 0 || random.Next(8) == 0) return draft with { Spec = spec, Name = Put(draft.Name, bad, random) };
        var text = texts[random.Next(texts.Count)];
        text.Value = Put((string)text.Value!, bad, random);
        return draft with { Spec = spec };
    }

    private static string Put(string text, string bad, Random random) => random.Next(4) switch
    {
        0 => bad,
        1 => bad + text,
        2 => text + bad,
        _ => text.Insert(random.Next(text.Length + 1), bad),
    };
}

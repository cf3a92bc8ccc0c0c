using NasGitOps.Trust;

namespace NasGitOps.Tests.Trust;

/// <summary>The law behind rules for parts of a repository, on random histories.</summary>
public sealed class ThreeWayLawTests
{
    private static readonly string[] Values = ["", "a", "b", "c"];

    [Fact]
    public void Whoever_may_not_change_a_value_never_gets_another_one_on_top_of_what_is_trusted_however_he_branches_and_merges()
    {
        for (var seed = 0; seed < 30_000; seed++)
        {
            var history = new History(new Random(seed));
            var trusted = history.GrowTrusted();
            foreach (var commit in history.GrowUntouched(trusted))
            {
                if (history.Descends(commit, trusted)) Assert.True(history.ValueOf(commit) == history.ValueOf(trusted), $"seed {seed}: {history}");
            }
        }
    }

    /// <summary>One merge base alone, as most tools take, would not do: with two, a decision that was made can be undone.</summary>
    [Fact]
    public void With_one_of_several_merge_bases_the_law_does_not_hold()
    {
        var broken = Enumerable.Range(0, 30_000).Any(seed =>
        {
            var history = new History(new Random(seed)) { OneBase = true };
            var trusted = history.GrowTrusted();
            return history.GrowUntouched(trusted).Any(c => history.Descends(c, trusted) && history.ValueOf(c) != history.ValueOf(trusted));
        });

        Assert.True(broken);
    }

    /// <summary>Commits by number, each with its parents and the one value that is looked at.</summary>
    private sealed class History(Random random)
    {
        private readonly List<(int[] Parents, string Value, HashSet<int> Past)> commits = [];

        public bool OneBase { get; init; }

        public string ValueOf(int commit) => commits[commit].Value;

        public bool Descends(int commit, int from) => commits[commit].Past.Contains(from);

        /// <summary>Any values: whoever made these had the right to.</summary>
        public int GrowTrusted()
        {
            var count = random.Next(1, 8);
            for (var i = 0; i < count; i++) Add(Pick([.. Enumerable.Range(0, i)], random.Next(3)), Values[random.Next(Values.Length)]);
            return count - 1;
        }

        /// <summary>Commits on top of the history of one, each with a value of its author's choice that counts as untouched.</summary>
        public List<int> GrowUntouched(int trusted)
        {
            List<int> known = [.. commits[trusted].Past];
            var made = new List<int>();
            for (var i = 0; i < 10; i++)
            {
                var parents = Pick(known, random.Next(4) == 0 ? random.Next(2) : 2);
                var allowed = Values.Where(v => !ThreeWay.IsTouched(v, [.. parents.Select(ValueOf)], BasesOf(parents))).ToList();
                if (allowed.Count == 0) continue;
                made.Add(Add(parents, allowed[random.Next(allowed.Count)]));
                known.Add(made[^1]);
            }

            return made;
        }

        public override string ToString() => string.Join(", ", commits.Select((c, i) => $"{i}({string.Join(' ', c.Parents)})={c.Value}"));

        private int[] Pick(List<int> among, int count)
        {
            var shuffled = among.ToArray();
            random.Shuffle(shuffled);
            return shuffled[..Math.Min(count, shuffled.Length)];
        }

        private int Add(int[] parents, string value)
        {
            commits.Add((parents, value, [commits.Count, .. parents.SelectMany(p => commits[p].Past)]));
            return commits.Count - 1;
        }

        private List<string> BasesOf(int[] parents)
        {
            if (parents.Length == 0) return [""];
            if (parents.Length == 1) return [ValueOf(parents[0])];
            var common = commits[parents[0]].Past.Intersect(commits[parents[1]].Past).ToList();
            var best = common.Where(c => !common.Exists(o => o != c && commits[o].Past.Contains(c))).Order().Select(ValueOf).ToList();
            return best.Count == 0 ? [""] : OneBase ? best[..1] : best;
        }
    }
}

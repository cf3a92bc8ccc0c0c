using FsCheck;
using FsCheck.Fluent;
using NasGitOps.Testing.Fuzz;
using NasGitOps.Testing.Laws;

namespace NasGitOps.Kinds.Tests.Laws;

/// <summary>Tools that print damaged text and say that all went well, after everything was applied.</summary>
public class DamagedHostTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("", false)]
    [InlineData("tank vault", true)]
    [InlineData("tank vault", false)]
    public void Nothing_is_made_anew_or_destroyed(string btrfsPools, bool wholeLines)
    {
        var recipes = Recipe.Arbitrary(btrfsPools.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Generator;
        var random = new Random(Fuzzing.Seed);
        var runs = Fuzzing.Runs(600);
        for (var run = 0; run < runs; run += 30)
        {
            var recipe = recipes.Sample(1, new Rnd((ulong)random.NextInt64(), 4713), 1).First();
            var world = LawSuite.Pass(recipe.Start(), recipe.FirstCommit);
            if (world.Faults.Count > 0 || world.Left!.ToApply.Any()) continue;
            for (var i = 0; i < 30; i++)
            {
                var seed = random.Next();
                var wrong = DamagedHost.Wrong(world, recipe.FirstCommit, seed, wholeLines);
                Assert.True(wrong is null, $"{wrong} (damage {seed}){recipe}");
            }
        }
    }
}

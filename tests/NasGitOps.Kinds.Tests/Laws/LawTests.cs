using System.Globalization;
using NasGitOps.Testing.Laws;

namespace NasGitOps.Kinds.Tests.Laws;

/// <summary>The laws on a moderate number of cases, the same each time; <c>NASGITOPS_LAW_RUNS=5000</c> asks for as many random ones.</summary>
public class LawTests
{
    private const int ModerateRuns = 30;

    /// <summary>Of the law that kills at every instant: some thousand kills.</summary>
    private const int FewRuns = 12;

    /// <summary>Every law with pools of ZFS alone, of btrfs alone, and of both.</summary>
    public static TheoryData<string, string> Laws
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var law in LawSuite.All.Keys)
            {
                foreach (var btrfs in new[] { "", "tank vault", "vault" }) data.Add(law, btrfs);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Laws))]
    public void It_holds(string law, string btrfsPools)
    {
        var wanted = Environment.GetEnvironmentVariable("NASGITOPS_LAW_RUNS");
        var runs = int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : law == LawSuite.KillAtEveryInstant ? FewRuns : ModerateRuns;
        LawSuite.Check(law, runs, replay: wanted is null, btrfsPools.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Every_built_in_kind_has_a_generator() =>
        Assert.Equal(BuiltInKinds.All.Select(k => k.Name).Order(), KindGenerators.All.Keys.Order());
}

using NasGitOps.Kinds.SnapshotSchedule;

namespace NasGitOps.Kinds.Tests.SnapshotSchedule;

public sealed class SanoidConfTests
{
    /// <summary>As the documentation's own sample: templates, overrides, recursion, a child of its own.</summary>
    private const string Sample = """
        # name your backup modules with the path to their ZFS dataset - no leading slash.
        [tank/data]
        	use_template = production,demo
        	hourly = 12
        	monthly = 1

        [tank/parent]
        	use_template = production
        	recursive = yes
        	process_children_only = yes

        [tank/parent/child]
        	use_template = demo

        [tank/backup]
        	use_template = backup
        ; another comment
        [tank/skip]
        	use_template = ignore

        [template_demo]
        	daily = 60

        [template_production]
        	hourly = 36
        	daily = 30
        	monthly = 3
        	yearly = 0
        	autosnap = yes
        	autoprune = yes

        [template_backup]
        	autosnap = no
        	autoprune = yes

        [template_ignore]
        	autoprune = no
        	autosnap = no
        """;

    private static readonly string[] Datasets = ["tank", "tank/backup", "tank/data", "tank/data/below", "tank/parent", "tank/parent/child", "tank/parent/other", "tank/parent/other/deep", "tank/skip"];

    [Fact]
    public void Templates_are_taken_in_their_order_and_the_section_itself_has_the_last_word()
    {
        var policy = Resolve(Sample)["tank/data"];

        Assert.Equal((12, 60, 1, 0), (policy.Number("hourly"), policy.Number("daily"), policy.Number("monthly"), policy.Number("yearly")));
        Assert.True(policy.Snapshots);
        Assert.True(policy.Prunes);
    }

    [Fact]
    public void A_section_that_is_not_recursive_says_nothing_of_what_is_below() => Assert.DoesNotContain("tank/data/below", Resolve(Sample).Keys);

    [Fact]
    public void A_child_with_a_section_overrides_only_what_that_names()
    {
        var policies = Resolve(Sample);

        Assert.Equal((36, 60), (policies["tank/parent/child"].Number("hourly"), policies["tank/parent/child"].Number("daily")));
        Assert.Equal((36, 30), (policies["tank/parent/other/deep"].Number("hourly"), policies["tank/parent/other/deep"].Number("daily")));
    }

    [Fact]
    public void A_parent_that_processes_its_children_only_is_left_alone() => Assert.DoesNotContain("tank/parent", Resolve(Sample).Keys);

    [Fact]
    public void What_is_only_pruned_or_ignored_takes_no_snapshots()
    {
        var policies = Resolve(Sample);

        Assert.Equal((false, true), (policies["tank/backup"].Snapshots, policies["tank/backup"].Prunes));
        Assert.Equal((false, false), (policies["tank/skip"].Snapshots, policies["tank/skip"].Prunes));
    }

    [Fact]
    public void Without_any_setting_sanoids_own_defaults_hold()
    {
        var policy = Resolve("[tank/data]\n")["tank/data"];

        Assert.Equal((48, 90, 0, 6, 0, 0), (policy.Number("hourly"), policy.Number("daily"), policy.Number("weekly"), policy.Number("monthly"), policy.Number("yearly"), policy.Number("frequently")));
    }

    [Fact]
    public void A_default_template_of_the_host_replaces_sanoids_own() =>
        Assert.Equal(7, Resolve("[template_default]\ndaily = 7\n[tank/data]\n")["tank/data"].Number("daily"));

    [Theory]
    [InlineData("")]
    [InlineData("[")]
    [InlineData("= 1\n[a\nkey\n]b[\n")]
    [InlineData("key = before any section\n[tank/data]\nuse_template = missing")]
    public void What_is_no_section_or_setting_is_passed_over(string text) => Assert.All(Resolve(text).Keys, d => Assert.Equal("tank/data", d));

    private static IReadOnlyDictionary<string, SanoidPolicy> Resolve(string text) => SanoidConf.Resolve(SanoidConf.Parse(text), Datasets);
}

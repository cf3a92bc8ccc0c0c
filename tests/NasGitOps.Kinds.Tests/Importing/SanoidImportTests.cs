using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Kinds.SnapshotSchedule;

namespace NasGitOps.Kinds.Tests.Importing;

public sealed class SanoidImportTests
{
    private static readonly ResourceId Production = new("SnapshotSchedule", "production");

    [Fact]
    public void A_section_becomes_a_schedule_that_is_adopted_and_tells_to_turn_sanoid_off()
    {
        var scene = WithSanoid("[tank/a]\nuse_template = production\nrecursive = yes\n[template_production]\nhourly = 36\ndaily = 30\nmonthly = 3\n", ("tank/a", "{}"), ("tank/a/b", "{}"), ("tank/c", "{}"));

        var imported = Imports.Of(scene);

        Assert.Equal(
            """
            # What nas had when 'nasgitops import' ran.
            # sanoid.conf, section [tank/a]: hourly=36 daily=30 monthly=3. One schedule at its finest interval, in UTC as Debian runs sanoid; the newest of each period is what stays of it.
            # Datasets that are made below later are taken too.
            # When this is applied: systemctl disable --now sanoid.timer
            # Snapshots named autosnap_… were made by sanoid: nothing here prunes them, and with its timer off nobody does.
            apiVersion: nasgitops.io/v1
            kind: SnapshotSchedule
            metadata:
              name: production
            spec:
              datasets:
                - tank/a
              recursive: true
              includeVolumes: true
              cron: 0 * * * *
              retention:
                keepHourly: 36
                keepDaily: 30
                keepMonthly: 3

            """,
            Imports.Text(imported, "schedules.yaml"));
        var change = Imports.Commit(scene, imported).Change("SnapshotSchedule", "production");
        Assert.Equal((ChangeAction.Adopt, 0), (change.Action, change.Steps.Count));
        Assert.All(change.Fields, f => Assert.True(f.Recorded));
        var plan = scene.Apply().Plan();
        Assert.Empty(plan.Changes);
        Assert.Equal("AlsoSanoid", Assert.Single(plan.Notices).Reason);
    }

    [Fact]
    public void Without_sanoid_a_new_schedule_is_made_and_not_adopted()
    {
        var scene = Scene.With(("tank/a", "{}"));
        scene.Commit("c2", [.. Scene.Datasets(("tank/a", "{}")), ("SnapshotSchedule", "production", """{"datasets":["tank/a"],"cron":"@hourly","retention":{"keepHourly":36}}""")]);

        Assert.Equal(ChangeAction.Create, scene.Change("SnapshotSchedule", "production").Action);
    }

    [Fact]
    public void A_child_that_is_treated_otherwise_is_excluded_and_has_a_schedule_of_its_own()
    {
        var scene = WithSanoid("[tank/a]\nrecursive = yes\n[tank/a/b]\nhourly = 0\ndaily = 5\nmonthly = 0\n", ("tank/a", "{}"), ("tank/a/b", "{}"), ("tank/a/c", "{}"));

        var schedules = Imports.Of(scene).Set.OfSpec<SnapshotScheduleSpec>().ToDictionary(s => s.Manifest.Id.Name, s => s.Spec);

        Assert.Equal(["tank/a/b"], schedules["a"].Exclude);
        Assert.Equal(("59 23 * * *", 5, false), (schedules["b"].Cron, schedules["b"].Retention.KeepDaily, schedules["b"].Recursive));
    }

    [Fact]
    public void What_is_only_pruned_or_not_described_is_left_out_with_the_reason()
    {
        var scene = WithSanoid("[tank/a]\nautosnap = no\n[tank/c]\nautoprune = no\n[other/x]\n", ("tank/a", "{}"), ("tank/c", "{}"));

        var imported = Imports.Of(scene);

        Assert.DoesNotContain(imported.Manifests, m => m.Id.Kind == "SnapshotSchedule");
        Assert.Equal(["section [other/x] of /etc/sanoid/sanoid.conf", "section [tank/a] of /etc/sanoid/sanoid.conf", "section [tank/c] of /etc/sanoid/sanoid.conf"], imported.LeftOut.Select(l => l.What).Order());
    }

    [Fact]
    public void Datasets_that_are_treated_alike_share_one_schedule()
    {
        var scene = WithSanoid("[tank/a]\nuse_template = production\n[tank/c]\nuse_template = production\n[template_production]\nhourly = 24\n", ("tank/a", "{}"), ("tank/c", "{}"));

        Assert.Equal(["tank/a", "tank/c"], ((SnapshotScheduleSpec)Imports.Of(scene).Set.Find(Production)!.Spec).Datasets);
    }

    private static Scene WithSanoid(string text, params (string Name, string Spec)[] datasets) =>
        Imports.ByHand(datasets).Edit(host => host with { Files = host.Files.SetItem(SanoidConf.Path, text) });
}

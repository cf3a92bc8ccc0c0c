using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Status;

namespace NasGitOps.Core.Tests.Status;

public class ProgressTests
{
    private static readonly ResourceId Tank = new("Pool", "tank");

    [Fact]
    public void What_is_under_way_is_a_condition_of_its_own_and_leaves_the_resource_ready()
    {
        var tank = Assert.Single(At("43.10% done").Resources);
        Assert.Equal(("True", "Resilvering", "pool tank is resilvering: 43.10% done"), (tank.Find(Condition.Reconciling)!.Status, tank.Find(Condition.Reconciling)!.Reason, tank.Find(Condition.Reconciling)!.Message));
        Assert.Equal("True", tank.Find(Condition.Ready)!.Status);
        Assert.Null(tank.Find(Condition.Degraded));
    }

    [Fact]
    public void How_far_it_is_makes_no_second_status_commit_and_its_end_does()
    {
        Assert.Equal(Told(At("43.10% done").Still), Told(At("44.20% done").Still));
        Assert.NotEqual(Told(At("43.10% done").Still), Told(At(null).Still));
    }

    private static string Told(HostStatus status) => string.Join("; ", status.Resources.SelectMany(r => r.Conditions).Select(c => $"{c.Type} {c.Status} {c.Reason} {c.Message}"));

    private static HostStatus At(string? progress) => StatusBuilder.Build(
        null, "nas", "1", default, new SourceStatus("c1", "c1", "c1", [], null, ""),
        new Plan("c1", "", "", [], progress is null ? [] : [new Notice(Tank, "Resilvering", $"pool tank is resilvering: {progress}", Degraded: false) { IsProgress = true }], [Tank]),
        new Dictionary<ResourceId, Outcome>(), _ => "c1");
}

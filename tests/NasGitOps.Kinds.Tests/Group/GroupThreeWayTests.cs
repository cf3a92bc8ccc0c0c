using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Kinds.Tests.AccountKinds;

namespace NasGitOps.Kinds.Tests.Group;

public class GroupThreeWayTests
{
    private readonly AccountHost host = new();

    [Fact]
    public void A_group_is_made_once()
    {
        host.Apply(AccountHost.GroupOf("family", 3000));
        Assert.Equal(["groupadd -g 3000 family"], host.Commands);
        Assert.True(host.Plan(AccountHost.GroupOf("family", 3000)).IsEmpty);
    }

    [Fact]
    public void A_group_that_is_there_is_adopted_without_a_step()
    {
        host.AddGroup("family", 3000, "alice");
        var change = Assert.Single(host.Apply(AccountHost.GroupOf("family", 3000)).Changes);
        Assert.Equal(ChangeAction.Adopt, change.Action);
        Assert.Empty(change.Steps);
        Assert.True(host.Plan(AccountHost.GroupOf("family", 3000)).IsEmpty);
    }

    [Theory]
    [InlineData("family", 3001u)]
    [InlineData("others", 3000u)]
    public void A_gid_that_differs_or_is_taken_blocks(string existing, uint gid)
    {
        host.AddGroup(existing, gid);
        Assert.Equal("GidConflict", Assert.Single(host.Plan(AccountHost.GroupOf("family", 3000)).Changes).Reason);
    }

    [Fact]
    public void A_system_gid_is_for_groups_that_have_it_only()
    {
        Assert.Equal("SystemAccount", Assert.Single(host.Plan(AccountHost.GroupOf("www-data", 33)).Changes).Reason);
        host.AddGroup("www-data", 33);
        Assert.Equal(Disposition.Apply, Assert.Single(host.Plan(AccountHost.GroupOf("www-data", 33)).Changes).Disposition);
    }

    [Fact]
    public void Without_its_manifest_a_group_is_an_orphan_and_stays()
    {
        host.Apply(AccountHost.GroupOf("family", 3000));
        var plan = host.Plan();
        Assert.Empty(plan.Changes);
        Assert.Equal("Orphaned", Assert.Single(plan.Notices).Reason);
    }

    [Fact]
    public void Groups_that_cannot_be_read_are_unknown_and_never_made()
    {
        host.Failing["accounts:group"] = new RunAnswer(1, "", "nss is broken");
        var plan = host.Plan(AccountHost.GroupOf("family", 3000));
        Assert.Empty(plan.Changes);
        Assert.Equal("Unknown", Assert.Single(plan.Notices).Reason);
    }

    [Theory]
    [InlineData("root", 3000u)]
    [InlineData("sudo", 3000u)]
    [InlineData("a b", 3000u)]
    [InlineData("a:b", 3000u)]
    [InlineData("-g", 3000u)]
    [InlineData("family\n", 3000u)]
    [InlineData("Family", 3000u)]
    [InlineData("family", 0u)]
    [InlineData("family", 65534u)]
    public void Accounts_of_the_system_and_names_that_are_none_are_refused(string name, uint gid)
    {
        var group = AccountHost.GroupOf(name, gid);
        Assert.Contains(AccountHost.Groups.Check(group, new ManifestSet([group])), p => p.Severity == Severity.Error);
    }
}

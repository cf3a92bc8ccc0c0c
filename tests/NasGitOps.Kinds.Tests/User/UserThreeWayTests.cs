using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Kinds.Tests.AccountKinds;
using NasGitOps.Kinds.User;

namespace NasGitOps.Kinds.Tests.User;

public class UserThreeWayTests
{
    private const string Spec = "{uid: 2001, primaryGroup: 'family', groups: ['media'], smb: {password: {secretRef: 'smb-alice'}}}";
    private readonly AccountHost host = new();

    public UserThreeWayTests()
    {
        host.AddGroup("family", 3000);
        host.AddGroup("media", 3001);
        host.Fingerprints["smb-alice"] = Reading<string>.Known("fp1");
    }

    [Fact]
    public void A_user_is_made_without_shell_and_home_and_with_the_password_of_its_secret()
    {
        var change = Assert.Single(host.Apply(AccountHost.User("alice", Spec)).Changes);
        Assert.Equal(["useradd -u 2001 -g family -G media -M -d /nonexistent -s /usr/sbin/nologin alice", "smbpasswd -s -a alice"], host.Commands);
        Assert.Equal(new SecretInput("smb-alice", 2), Assert.IsType<Run>(change.Steps[^1]).Stdin);
        Assert.True(host.Plan(AccountHost.User("alice", Spec)).IsEmpty);
    }

    [Fact]
    public void Without_a_primary_group_the_user_has_one_of_its_own_that_is_made_first()
    {
        host.Apply(AccountHost.User("bob", "{uid: 2002}"));
        Assert.Equal(["groupadd -g 2002 bob", "useradd -u 2002 -g bob -M -d /nonexistent -s /usr/sbin/nologin bob"], host.Commands);
        host.Apply(AccountHost.User("bob", "{uid: 2002}"), AccountHost.User("erin", "{uid: 3000}"));
        Assert.Equal("groupadd erin", host.Commands[^2]); // the number is another group's
        host.AddGroup("carol", 3005);
        host.Apply(AccountHost.User("bob", "{uid: 2002}"), AccountHost.User("carol", "{uid: 2003}"));
        Assert.Contains("-g carol", host.Commands[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void An_existing_account_is_adopted_and_only_the_named_membership_added()
    {
        host.Passwd["alice"] = (2001, 3000);
        host.AddGroup("video", 44, "alice");
        var change = Assert.Single(host.Apply(AccountHost.User("alice", "{uid: 2001, groups: ['media']}")).Changes);
        Assert.Equal(ChangeAction.Adopt, change.Action);
        Assert.Equal(["usermod -aG media alice"], host.Commands);
        Assert.True(host.Plan(AccountHost.User("alice", "{uid: 2001, groups: ['media']}")).IsEmpty);
    }

    [Fact]
    public void Exclusive_groups_take_the_others_away_one_command_each()
    {
        host.Passwd["alice"] = (2001, 3000);
        host.AddGroup("video", 44, "alice");
        host.AddGroup("audio", 29, "alice", "bob");
        host.Apply(AccountHost.User("alice", "{uid: 2001, groups: ['media'], groupsExclusive: true}"));
        Assert.Equal(["usermod -aG media alice", "gpasswd -d alice audio", "gpasswd -d alice video"], host.Commands);
        Assert.True(host.Plan(AccountHost.User("alice", "{uid: 2001, groups: ['media'], groupsExclusive: true}")).IsEmpty);
    }

    [Fact]
    public void A_membership_that_a_commit_takes_out_ends_and_one_made_by_hand_stays()
    {
        host.Apply(AccountHost.User("alice", Spec));
        host.AddGroup("video", 44, "alice");
        var change = Assert.Single(host.Apply(AccountHost.User("alice", Spec.Replace("'media'", "", StringComparison.Ordinal))).Changes);
        Assert.Equal((Cause.Commit, Risk.Disruptive), (change.Cause, change.Risk));
        Assert.Equal("gpasswd -d alice media", host.Commands[^1]);
        Assert.True(host.Plan(AccountHost.User("alice", Spec.Replace("'media'", "", StringComparison.Ordinal))).IsEmpty);
    }

    [Theory]
    [InlineData("alice", 2005u)]
    [InlineData("mallory", 2001u)]
    public void A_uid_that_differs_or_is_taken_blocks(string existing, uint uid)
    {
        host.Passwd[existing] = (uid, 3000);
        Assert.Equal("UidConflict", Assert.Single(host.Plan(AccountHost.User("alice", Spec)).Changes).Reason);
    }

    [Fact]
    public void A_group_that_is_nowhere_blocks() =>
        Assert.Equal("UnknownAccount", Assert.Single(host.Plan(AccountHost.User("alice", "{uid: 2001, groups: ['nosuch']}")).Changes).Reason);

    [Fact]
    public void A_declared_group_need_not_exist_yet()
    {
        host.Apply(AccountHost.User("alice", "{uid: 2001, primaryGroup: 'new'}"), AccountHost.GroupOf("new", 3010));
        Assert.Equal("groupadd -g 3010 new", host.Commands[0]);
        Assert.Equal(2, host.Commands.Count);
    }

    [Fact]
    public void A_password_is_set_again_when_its_secret_changed_and_no_field_holds_a_value()
    {
        host.Apply(AccountHost.User("alice", Spec));
        host.Fingerprints["smb-alice"] = Reading<string>.Known("fp2");
        var change = Assert.Single(host.Apply(AccountHost.User("alice", Spec)).Changes);
        var field = Assert.Single(change.Fields);
        Assert.Equal(("smb.password", "changed", "set"), (field.Name, field.Before, field.After));
        Assert.Equal("smbpasswd -s -a alice", host.Commands[^1]);
        Assert.True(host.Plan(AccountHost.User("alice", Spec)).IsEmpty);
    }

    [Fact]
    public void Where_secrets_cannot_be_known_an_existing_password_is_no_difference()
    {
        host.Apply(AccountHost.User("alice", Spec));
        host.Fingerprints.Clear();
        Assert.True(host.Plan(AccountHost.User("alice", Spec)).IsEmpty);
    }

    [Fact]
    public void A_missing_secret_blocks_and_says_where_it_is_looked_up()
    {
        host.Fingerprints["smb-alice"] = Reading<string>.Absent;
        var change = Assert.Single(host.Plan(AccountHost.User("alice", Spec)).Changes);
        Assert.Equal("SecretMissing", change.Reason);
        Assert.Contains("/etc/nasgitops/secrets/smb-alice", change.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_secret_that_cannot_be_read_blocks_with_its_reason_and_is_not_taken_for_a_missing_one(bool exists)
    {
        if (exists) host.Apply(AccountHost.User("alice", Spec));
        host.Fingerprints["smb-alice"] = Reading<string>.Unknown("secrets/smb-alice.age cannot be decrypted: no identity matched");
        var change = Assert.Single(host.Plan(AccountHost.User("alice", Spec)).Changes);
        Assert.Equal((Disposition.Blocked, "SecretUnreadable"), (change.Disposition, change.Reason));
        Assert.Contains("no identity matched", change.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disabled_account_is_drift_and_enabled_without_touching_the_password()
    {
        host.Apply(AccountHost.User("alice", Spec));
        host.Smb["alice"] = false;
        Assert.Equal(Cause.Drift, Assert.Single(host.Apply(AccountHost.User("alice", Spec)).Changes).Cause);
        Assert.Equal("smbpasswd -e alice", host.Commands[^1]);
    }

    [Fact]
    public void Taking_smb_out_of_the_manifest_disables_access_and_bringing_it_back_enables_it()
    {
        host.Apply(AccountHost.User("alice", Spec));
        const string without = "{uid: 2001, primaryGroup: 'family', groups: ['media']}";
        host.Apply(AccountHost.User("alice", without));
        Assert.Equal("smbpasswd -d alice", host.Commands[^1]);
        Assert.True(host.Plan(AccountHost.User("alice", without)).IsEmpty);
        host.Apply(AccountHost.User("alice", Spec));
        Assert.True(host.Smb["alice"]);
    }

    [Fact]
    public void Without_its_manifest_a_user_loses_smb_access_and_keeps_the_account()
    {
        host.Apply(AccountHost.User("alice", Spec), AccountHost.GroupOf("family", 3000));
        var plan = host.Apply(AccountHost.GroupOf("family", 3000));
        Assert.Equal(ChangeAction.Remove, Assert.Single(plan.Changes).Action);
        Assert.Equal("smbpasswd -d alice", host.Commands[^1]);
        Assert.True(host.Passwd.ContainsKey("alice"));
        Assert.True(host.Plan(AccountHost.GroupOf("family", 3000)).IsEmpty);
    }

    [Fact]
    public void An_smb_account_that_was_never_ours_is_not_disabled()
    {
        host.Passwd["alice"] = (2001, 3000);
        host.Smb["alice"] = true;
        host.Apply(AccountHost.User("alice", "{uid: 2001}"));
        var plan = host.Plan();
        Assert.Empty(plan.Changes);
        Assert.Equal("Orphaned", Assert.Single(plan.Notices).Reason);
    }

    [Fact]
    public void Smb_accounts_that_cannot_be_read_are_unknown()
    {
        host.Failing["user:pdbedit"] = new RunAnswer(1, "", "no tdb");
        Assert.Empty(host.Plan(AccountHost.User("alice", Spec)).Changes);
        Assert.NotEmpty(host.Plan(AccountHost.User("bob", "{uid: 2002}")).Changes);
    }

    [Theory]
    [InlineData("{uid: 2001, primaryGroup: 'root'}", "spec.primaryGroup")]
    [InlineData("{uid: 2001, groups: ['media', 'docker']}", "spec.groups[1]")]
    [InlineData("{uid: 0}", "spec.uid")]
    public void Power_over_the_host_is_never_given(string spec, string field)
    {
        var user = AccountHost.User("alice", spec);
        Assert.Contains(AccountHost.Users.Check(user, new ManifestSet([user])), p => p.FieldPath == field && p.Severity == Severity.Error);
    }

    [Fact]
    public void The_flags_of_pdbedit_tell_disabled_accounts() =>
        Assert.Equal(
            new Dictionary<string, bool> { ["alice"] = true, ["bob"] = false },
            PdbeditOutput.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "User/Recorded/pdbedit-4.22.txt"))));
}

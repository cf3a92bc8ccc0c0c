using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Kinds.Tests.Samba;

namespace NasGitOps.Kinds.Tests.SmbShare;

public class ShareThreeWayTests
{
    private const string Photos = """{"dataset": "tank/photos", "comment": "Family photos", "access": {"readWrite": ["alice", "@family"], "readOnly": ["bob"], "deny": ["mallory"]}}""";
    private const string PhotosFile = "/etc/samba/nasgitops.d/photos.conf";

    [Fact]
    public void A_share_is_in_place_after_one_pass_and_the_next_finds_nothing_to_do()
    {
        var (host, set) = Applied(Photos);

        Assert.All(Assess(host, set).Fields, f => Assert.True(f.Equal, f.ToString()));
        Assert.True(SambaHost.Servers.Assess(set.Find(new ResourceId("SambaServer", "default"))!, host.Input(set)).Fields.All(f => f.Equal));
    }

    [Theory]
    [InlineData("""{"dataset": "tank/p", "access": {"guest": "readOnly", "readWrite": ["alice"]}}""")]
    [InlineData("""{"dataset": "tank/p", "access": {"guest": "readWrite", "readOnly": ["bob"]}}""")]
    [InlineData("""{"dataset": "tank/p", "access": {"readOnly": ["bob"]}, "hidden": true, "files": {"inherit": true, "forceGroup": "family", "fileMode": "0660", "directoryMode": "2770"}}""")]
    [InlineData("""{"dataset": "tank/p", "access": {"readOnly": ["bob"]}, "options": {"smb encrypt": "required", "oplocks": false, "veto files": "/._*/", "max connections": 3, "Strict Sync": "No"}}""")]
    [InlineData("""{"dataset": "tank/p", "subpath": "scans/in", "access": {"readOnly": ["@family"]}}""")]
    public void Every_kind_of_share_settles_in_one_pass(string spec)
    {
        var (host, set) = Applied(spec);

        Assert.Empty(SambaHost.Differences(Assess(host, set)));
    }

    [Fact]
    public void An_absent_share_is_created_with_its_file_and_one_reload()
    {
        var host = WithAccounts();
        var set = SambaHost.Set(SambaHost.Share("photos", Photos));

        var assessment = Assess(host, set);
        var work = SambaHost.Shares.Build(set.All.First(m => m.Id.Kind == "SmbShare"), ChangeAction.Create, SambaHost.Differences(assessment), host.Input(set));

        Assert.Equal(Existence.Absent, assessment.Existence);
        var install = Assert.IsType<InstallFile>(work.Steps[0]);
        Assert.Equal(PhotosFile, install.Path);
        var reload = Assert.IsType<Reload>(work.Steps[1]);
        Assert.Equal("smbcontrol all reload-config", reload.Command.ToString());
        Assert.Empty(reload.Then);
    }

    [Fact]
    public void A_user_who_was_taken_out_shows_as_one_difference_and_is_cut_off()
    {
        var (host, _) = Applied(Photos);
        var set = SambaHost.Set(SambaHost.Share("photos", Photos.Replace("\"alice\", ", "", StringComparison.Ordinal)));

        var assessment = Assess(host, set);
        var access = Assert.Single(assessment.Fields, f => !f.Equal && f.Name.StartsWith("access.", StringComparison.Ordinal));
        Assert.Equal(("access.readWrite", "@family, alice", "@family"), (access.Name, access.Actual, access.Desired));
        Assert.Equal(Risk.Disruptive, access.Risk);
        Assert.DoesNotContain(assessment.Fields, f => !f.Equal && f.Name == "valid users");

        host.Apply(set);
        Assert.Equal("smbcontrol smbd close-denied-share photos", Assert.Single(((Reload)host.Taken[^1]).Then).ToString());
    }

    [Fact]
    public void A_user_who_was_added_is_safe_and_nobody_is_cut_off()
    {
        var (host, _) = Applied(Photos);
        var set = SambaHost.Set(SambaHost.Share("photos", Photos.Replace("\"bob\"", "\"bob\", \"erin\"", StringComparison.Ordinal)));

        Assert.All(Assess(host, set).Fields, f => Assert.Equal(Risk.Safe, f.Risk));
    }

    [Fact]
    public void A_file_edited_by_hand_is_seen_in_the_field_and_in_the_file()
    {
        var (host, set) = Applied(Photos);
        host.Files[PhotosFile] = host.Files[PhotosFile].Replace("guest ok = no", "guest ok = yes", StringComparison.Ordinal) + "   root preexec = /bin/evil\n";

        var different = Assess(host, set).Fields.Where(f => !f.Equal).ToDictionary(f => f.Name);

        Assert.Equal(["access.guest", "file", "root preexec"], different.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("none", "readOnly"), (different["access.guest"].Desired, different["access.guest"].Actual));
        Assert.Null(different["root preexec"].Desired);
        host.Apply(set);
        Assert.Empty(SambaHost.Differences(Assess(host, set)));
    }

    [Fact]
    public void A_deleted_file_comes_back()
    {
        var (host, set) = Applied(Photos);
        host.Files.Remove(PhotosFile);

        Assert.Equal(Existence.Absent, Assess(host, set).Existence);
        host.Apply(set);
        Assert.Empty(SambaHost.Differences(Assess(host, set)));
    }

    [Fact]
    public void Foreign_values_in_global_do_not_widen_a_share()
    {
        var (host, set) = Applied(Photos);
        host.SmbConf = host.SmbConf.Replace(
            "[global]\n", "[global]\nadmin users = dave\nforce user = root\nguest ok = yes\nvalid users = dave\nread only = no\nwrite list = dave\nwide links = yes\ncreate mask = 0600\n", StringComparison.Ordinal);

        Assert.Empty(SambaHost.Differences(Assess(host, set)));
    }

    [Fact]
    public void A_manifest_that_went_takes_the_share_away_and_closes_its_sessions()
    {
        var (host, _) = Applied(Photos);
        var before = SambaHost.StockGlobals;

        host.Apply(SambaHost.Set());

        Assert.Equal(before, host.SmbConf);
        Assert.Equal(["/etc/samba/smb.conf"], host.Files.Keys);
        Assert.Contains(host.Taken.OfType<Reload>().SelectMany(r => r.Then), c => c.ToString() == "smbcontrol smbd close-share photos");
        Assert.Equal(Absence.Nothing, SambaHost.Shares.Absent(new ResourceId("SmbShare", "photos"), host.Input(SambaHost.Set())));
    }

    [Fact]
    public void A_share_is_removed_also_while_smbd_is_stopped_and_has_no_sessions_to_close()
    {
        var (host, _) = Applied(Photos);
        host.ServiceState = "inactive";

        var absence = SambaHost.Shares.Absent(new ResourceId("SmbShare", "photos"), host.Input(SambaHost.Set(), new ResourceId("SmbShare", "photos")));

        Assert.Empty(Assert.IsType<Reload>(absence.Steps[^1]).Then);
    }

    [Fact]
    public void The_server_keeps_serving_a_share_whose_removal_waits_and_finds_nothing_to_do_once_it_went()
    {
        var (host, _) = Applied(Photos);
        var other = SambaHost.Share("other", Photos);
        host.Apply(SambaHost.Set(SambaHost.Share("photos", Photos), other));
        var left = SambaHost.Set(other);
        var server = left.Find(new ResourceId("SambaServer", "default"))!;

        Assert.Empty(SambaHost.Differences(SambaHost.Servers.Assess(server, host.Input(left))));
        host.Apply(left);
        Assert.False(host.Files.ContainsKey(PhotosFile));
        Assert.Empty(SambaHost.Differences(SambaHost.Servers.Assess(server, host.Input(left))));
    }

    [Fact]
    public void A_failing_testparm_makes_shares_unknown_and_never_absent()
    {
        var (host, set) = Applied(Photos);
        host.TestparmFails = new RunAnswer(1, "", "Error loading services.");

        var assessment = Assess(host, set);

        Assert.Equal(Existence.Unknown, assessment.Existence);
        Assert.Contains("Error loading services", assessment.UnknownReason, StringComparison.Ordinal);
        Assert.Null(SambaHost.Shares.Absent(new ResourceId("SmbShare", "photos"), host.Input(SambaHost.Set())).Action);
    }

    [Fact]
    public void A_foreign_section_of_the_same_name_blocks_the_share_whatever_its_case()
    {
        var host = WithAccounts();
        host.SmbConf += "[PHOTOS]\n   path = /srv/old\n";

        var assessment = Assess(host, SambaHost.Set(SambaHost.Share("photos", Photos)));

        Assert.Equal("ForeignShare", assessment.Blocker?.Reason);
    }

    [Fact]
    public void An_account_that_nobody_knows_blocks_the_share()
    {
        var host = new SambaHost();

        var assessment = Assess(host, SambaHost.Set(SambaHost.Share("photos", Photos)));

        Assert.Equal("UnknownAccount", assessment.Blocker?.Reason);
        Assert.Contains("@family", assessment.Blocker!.Message, StringComparison.Ordinal);
    }

    private static (SambaHost Host, ManifestSet Set) Applied(string spec)
    {
        var host = WithAccounts();
        var set = SambaHost.Set(SambaHost.Share("photos", spec));
        host.Apply(set);
        return (host, set);
    }

    private static SambaHost WithAccounts() => new()
    {
        Accounts = new Accounts(
            new[] { "alice", "bob", "mallory", "erin" }.ToDictionary(n => n, n => new UserAccount(n, 2000, 2000, "", "")),
            new Dictionary<string, GroupAccount> { ["family"] = new("family", 3000, []) }),
    };

    private static Assessment Assess(SambaHost host, ManifestSet set) => SambaHost.Shares.Assess(set.Find(new ResourceId("SmbShare", "photos"))!, host.Input(set));
}

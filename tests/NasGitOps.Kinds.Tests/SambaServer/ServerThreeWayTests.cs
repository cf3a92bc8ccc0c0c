using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Kinds.Tests.Samba;

namespace NasGitOps.Kinds.Tests.SambaServer;

public class ServerThreeWayTests
{
    private const string Include = "/etc/samba/nasgitops.conf";
    private const string Foreign = "[scratch]\n   path = /srv/scratch\n";

    private static readonly ResourceId Id = new("SambaServer", "default");
    private static readonly Manifest Share = SambaHost.Share("drop", """{"dataset": "tank/drop", "access": {"guest": "readWrite"}}""");

    [Fact]
    public void Shares_imply_a_server_and_a_server_is_not_implied_twice()
    {
        Assert.True(SambaHost.Set(Share).Contains(Id));
        Assert.Empty(SambaHost.Servers.Implied(SambaHost.Set(SambaHost.Server("{}"), Share)));
        Assert.Empty(SambaHost.Servers.Implied(SambaHost.Set()));
    }

    [Fact]
    public void Where_only_we_share_the_hardened_defaults_apply()
    {
        var host = Applied(Share);

        Assert.Contains("   server min protocol = SMB2_10\n   server signing = mandatory\n", host.Files[Include], StringComparison.Ordinal);
        Assert.Contains("   map to guest = Bad User\n", host.Files[Include], StringComparison.Ordinal);
        Assert.Empty(Assess(host, Share).Notices);
        Assert.Empty(SambaHost.Differences(Assess(host, Share)));
    }

    [Theory]
    [InlineData(Foreign)]
    [InlineData("[homes]\n   browseable = no\n")]
    public void Where_others_share_the_globals_are_left_alone_and_it_is_said(string foreign)
    {
        var host = Applied(foreign, Share);

        Assert.DoesNotContain("server min protocol", host.Files[Include], StringComparison.Ordinal);
        Assert.Contains("[global]\ninclude = /etc/samba/nasgitops.d/drop.conf\n", host.Files[Include], StringComparison.Ordinal);
        Assert.Equal("GlobalsLeftAlone", Assert.Single(Assess(host, Share).Notices).Reason);
    }

    [Fact]
    public void Stock_printer_shares_count_for_nobody()
    {
        var host = Applied("[printers]\n   path = /var/tmp\n[print$]\n   path = /var/lib/samba/printers\n", Share);

        Assert.Contains("server min protocol", host.Files[Include], StringComparison.Ordinal);
    }

    [Fact]
    public void An_explicit_server_beside_foreign_shares_is_disruptive_and_names_them()
    {
        var host = new SambaHost();
        host.SmbConf += Foreign;

        var assessment = Assess(host, SambaHost.Server("""{"profile": "high"}"""));

        Assert.Equal(Risk.Disruptive, assessment.Risk);
        Assert.Equal(["scratch"], assessment.AtStake.Clients);
        var protocol = assessment.Fields.Single(f => f.Name == "server min protocol");
        Assert.Equal(("SMB3_00", "SMB2_02", Risk.Disruptive), (protocol.Desired, protocol.Actual, protocol.Risk));
        Assert.Contains("scratch", protocol.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void Foreign_shares_that_turn_up_later_do_not_take_the_hardening_away()
    {
        var host = Applied(Share);
        host.SmbConf = Foreign + host.SmbConf;

        Assert.DoesNotContain(Assess(host, Share).Fields, f => !f.Equal && f.Risk == Risk.Disruptive);
        host.Apply(SambaHost.Set(Share));
        Assert.Contains("server signing", host.Files[Include], StringComparison.Ordinal);
    }

    [Fact]
    public void Taking_the_explicit_server_away_falls_back_and_says_which_globals_go()
    {
        var host = Applied(Foreign, SambaHost.Server("""{"workgroup": "OFFICE"}"""), Share);

        var gone = Assess(host, Share).Fields.Where(f => f.Desired is null).Select(f => f.Name);
        Assert.Contains("workgroup", gone);
        host.Apply(SambaHost.Set(Share));
        Assert.DoesNotContain("OFFICE", host.Files[Include], StringComparison.Ordinal);
        Assert.Empty(SambaHost.Differences(Assess(host, Share)));
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"profile": "high", "workgroup": "OFFICE", "interfaces": ["lo", "eth0"]}""")]
    [InlineData("""{"options": {"server multi channel support": false, "server string": "the NAS", "deadtime": 15, "fruit:model": "MacSamba"}}""")]
    public void Every_server_settles_in_one_pass(string spec)
    {
        var server = SambaHost.Server(spec);
        var host = Applied(server, Share);

        Assert.Empty(SambaHost.Differences(Assess(host, server, Share)));
    }

    [Fact]
    public void A_global_changed_behind_our_block_is_a_difference_and_the_block_returns_to_the_end()
    {
        var host = Applied(Share);
        host.SmbConf += "[global]\n   ntlm auth = yes\n";

        var different = Assess(host, Share).Fields.Where(f => !f.Equal).Select(f => f.Name);
        Assert.Equal(["ntlm auth", "smb.conf"], different.Order(StringComparer.Ordinal));

        host.Apply(SambaHost.Set(Share));
        Assert.Empty(SambaHost.Differences(Assess(host, Share)));
        Assert.StartsWith(SambaHost.StockGlobals + "[global]\n   ntlm auth = yes\n", host.SmbConf, StringComparison.Ordinal);
    }

    [Fact]
    public void An_include_edited_into_our_file_by_hand_is_taken_out_again()
    {
        var host = Applied(Share);
        host.Files["/etc/samba/nasgitops.d/other.conf"] = "[other]\npath = /\n";
        host.Files[Include] += "include = /etc/samba/nasgitops.d/other.conf\n";

        Assert.Contains(Assess(host, Share).Fields, f => f is { Name: "includes", Equal: false });
    }

    [Fact]
    public void A_stopped_smbd_is_started_and_never_restarted()
    {
        var host = Applied(Share);
        host.ServiceState = "inactive";
        host.Taken.Clear();

        host.Apply(SambaHost.Set(Share));

        Assert.Equal("systemctl enable --now smbd.service", Assert.IsType<Run>(Assert.Single(host.Taken)).Command.ToString());
    }

    [Fact]
    public void A_fault_in_what_others_wrote_does_not_keep_our_block_out_of_smb_conf()
    {
        var host = Applied("[scratch]\n   path = /srv/scratch\n   foo bar = 1\n", Share);

        var installs = host.Taken.OfType<InstallFile>().ToDictionary(i => i.Path);
        Assert.DoesNotContain("Unknown parameter encountered", installs["/etc/samba/smb.conf"].Check!.Complaints);
        Assert.Contains("Unknown parameter encountered", installs[Include].Check!.Complaints);
    }

    [Fact]
    public void Bytes_that_are_no_text_keep_smb_conf_from_being_written()
    {
        var host = new SambaHost();
        host.SmbConf += "# Gr\uFFFDn\n";

        Assert.Equal("NotUtf8", Assess(host, Share).Fields.Single(f => f.Name == "smb.conf").Blocker?.Reason);
    }

    private static SambaHost Applied(params Manifest[] manifests) => Applied("", manifests);

    private static SambaHost Applied(string foreign, params Manifest[] manifests)
    {
        var host = new SambaHost();
        host.SmbConf += foreign;
        host.Apply(SambaHost.Set(manifests));
        return host;
    }

    private static Assessment Assess(SambaHost host, params Manifest[] manifests)
    {
        var set = SambaHost.Set(manifests);
        return SambaHost.Servers.Assess(set.Find(Id)!, host.Input(set));
    }
}

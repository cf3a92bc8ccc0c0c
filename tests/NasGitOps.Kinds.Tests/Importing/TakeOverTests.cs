using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Kinds.NfsExport;
using NasGitOps.Testing.Model;

namespace NasGitOps.Kinds.Tests.Importing;

public sealed class TakeOverTests
{
    private const string Exports = "/etc/exports";
    private const string SmbConf = "/etc/samba/smb.conf";

    [Fact]
    public void Without_being_told_foreign_shares_are_only_listed()
    {
        var imported = Imports.Of(Nas());

        Assert.DoesNotContain(imported.Manifests, m => m.Id.Kind is "NfsExport" or "SmbShare");
        Assert.Contains("# - NfsExport/a: it is served by a file that is not ours; 'nasgitops import --take-over' writes a manifest that takes it over\n", Imports.Text(imported, "left-out.yaml"), StringComparison.Ordinal);
        Assert.Contains("# - SmbShare/docs: ", Imports.Text(imported, "left-out.yaml"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_export_is_taken_over_line_by_line_and_the_file_kept()
    {
        var scene = Nas();

        var imported = Imports.Of(scene, takeOver: true);

        Assert.Equal(
            """
            # What nas had when 'nasgitops import' ran.
            # Exported by /etc/exports until now. New are two guards: it is never exported while its dataset is not mounted, and its fsid is fixed.
            apiVersion: nasgitops.io/v1
            kind: NfsExport
            metadata:
              name: a
            spec:
              dataset: tank/a
              clients:
                - host: 10.0.0.0/24
                  access: rw
                  squash: none
                - host: backup.lan
                  access: ro
              nestedDatasets: false
              takeOver: true

            """,
            Imports.Text(imported, "nfs.yaml"));
        var change = Imports.Commit(scene, imported).Change("NfsExport", "a");
        Assert.Equal((ChangeAction.Adopt, Risk.Safe), (change.Action, change.Risk));
        Assert.Equal(["10.0.0.0/24", "backup.lan"], change.Fields.Where(f => f.Before?.Contains("unguarded", StringComparison.Ordinal) == true).Select(f => f.Name[8..^1]));
        Assert.Empty(scene.Apply().World.Faults);
        Assert.Empty(scene.Plan().Changes);
        Assert.Equal("# by hand\n/home 10.0.0.9(ro,sync)\n", scene.World.Host.Files[Exports]);
        Assert.Equal("# by hand\n/tank/a 10.0.0.0/24(rw,sync,no_root_squash) backup.lan(ro,sync)\n/home 10.0.0.9(ro,sync)\n", scene.World.Host.Files[Exports + TakeOut.Suffix]);
    }

    [Fact]
    public void The_number_that_a_foreign_line_fixed_is_kept_because_clients_hold_it_in_their_handles()
    {
        var scene = Nas("/tank/a 10.0.0.0/24(rw,sync,fsid=77)\n");

        Imports.Commit(scene, Imports.Of(scene, takeOver: true)).Apply();

        Assert.Contains(",fsid=77,", scene.World.Host.Files["/etc/exports.d/nasgitops-a.exports"], StringComparison.Ordinal);
        Assert.Empty(scene.Plan().Changes);
    }

    [Theory]
    [InlineData("/tank/a 10.0.0.0/24(rw,async)\n", "10.0.0.0/24 has rw")]
    [InlineData("/tank/a 10.0.0.0/24(rw,sync,fsid=0)\n", "0 is the root of NFSv4")]
    [InlineData("/tank/a 10.0.0.0/24(rw,crossmnt) backup.lan(ro)\n", "its clients differ in crossmnt")]
    [InlineData("/home 10.0.0.0/24(rw)\n", "it lies on no mounted dataset that is described")]
    [InlineData("/tank/a ghost.lan(rw)\n", "'exportfs -v' does not show it for ghost.lan")]
    public void An_export_that_no_manifest_can_serve_alike_is_left_out_with_the_reason(string line, string reason)
    {
        var imported = Imports.Of(Nas(line), takeOver: true);

        Assert.DoesNotContain(imported.Manifests, m => m.Id.Kind == "NfsExport");
        Assert.Contains(imported.LeftOut, l => l.Why.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public void A_line_that_exports_to_somebody_else_too_is_blocked()
    {
        var scene = Nas();
        scene.Commit("c1", [.. Scene.Datasets(("tank/a", "{}")), ("NfsExport", "a", """{"dataset":"tank/a","clients":[{"host":"10.0.0.0/24","access":"rw"}],"takeOver":true}""")]);

        var change = scene.Change("NfsExport", "a");

        Assert.Equal((Disposition.Blocked, "TakeOverImpossible"), (change.Disposition, change.Reason));
        Assert.Contains("exports it to backup.lan too", change.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_takeOver_a_foreign_line_blocks_as_ever()
    {
        var scene = Nas();
        scene.Commit("c1", [.. Scene.Datasets(("tank/a", "{}")), ("NfsExport", "a", """{"dataset":"tank/a","clients":[{"host":"backup.lan"}]}""")]);

        Assert.Equal("ForeignExport", scene.Change("NfsExport", "a").Reason);
    }

    [Fact]
    public void A_share_is_taken_over_by_its_section_with_the_accounts_that_it_names()
    {
        var scene = Nas();

        var imported = Imports.Of(scene, takeOver: true);

        Assert.Equal(
            """
            # What nas had when 'nasgitops import' ran.
            # Served by a section of smb.conf until now. New are the modules catia, fruit and streams_xattr, for clients that connect from then on.
            apiVersion: nasgitops.io/v1
            kind: SmbShare
            metadata:
              name: docs
            spec:
              dataset: tank/a
              comment: Papers
              access:
                readWrite:
                  - '@media'
                  - alice
              takeOver: true
              options:
                hide dot files: "no"

            """,
            Imports.Text(imported, "smb.yaml"));
        Assert.Contains("name: alice\nspec:\n  uid: 1101\n", Imports.Text(imported, "users.yaml"), StringComparison.Ordinal);
        var changes = Imports.Commit(scene, imported).Plan().Changes;
        Assert.All(changes, c => Assert.Equal((ChangeAction.Adopt, Risk.Safe), (c.Action, c.Risk)));
        Assert.Empty(scene.Apply().World.Faults);
        Assert.Empty(scene.Plan().Changes);
        var text = scene.World.Host.Files[SmbConf];
        Assert.StartsWith("[global]\n   workgroup = WORKGROUP\n; papers\n; and more\n[homevideo]\n   path = /home/video\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[docs]", text, StringComparison.Ordinal);
        Assert.Contains("[docs]\n   comment = Papers\n", scene.World.Host.Files[SmbConf + TakeOut.Suffix], StringComparison.Ordinal);
        Assert.DoesNotContain("server min protocol", scene.World.Host.Files["/etc/samba/nasgitops.conf"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "everybody with an account may enter")]
    [InlineData("valid users = alice\nvfs objects = recycle", "module recycle")]
    [InlineData("valid users = alice\nforce user = alice", "'force user' is 'alice'")]
    [InlineData("valid users = alice\ncreate mask = 0664", "'create mask = 0664'")]
    [InlineData("valid users = alice\npreexec = /bin/true", "a manifest cannot say 'preexec = /bin/true'")]
    [InlineData("valid users = @media\nread list = alice\nread only = no", "takes writing away from members of groups")]
    [InlineData("valid users = alice\nwrite list = bob", "'write list' names others")]
    [InlineData("valid users = alice\ninclude = /etc/samba/more.conf", "or brings in other files")]
    [InlineData("valid users = alice\npath = /home", "it lies on no mounted dataset")]
    public void A_share_that_no_manifest_can_serve_alike_is_left_out_with_the_reason(string parameters, string reason)
    {
        var scene = Nas().Edit(host => host with { Files = host.Files.SetItem(SmbConf, $"[global]\n[other]\npath = /tank/a\n{parameters}\n") });

        var imported = Imports.Of(scene, takeOver: true);

        Assert.DoesNotContain(imported.Manifests, m => m.Id.Kind == "SmbShare");
        Assert.Contains(reason, Assert.Single(imported.LeftOut, l => l.What == "share [other]").Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Killed_with_both_in_place_the_next_pass_takes_the_foreign_one_out()
    {
        var scene = Nas();
        var imported = Imports.Of(scene, takeOver: true);
        var whole = Imports.Commit(scene, imported).Apply().World.Host.Files;
        var again = Imports.Commit(Nas(), imported);
        again.Edit(host => host with { Files = host.Files.SetItem("/etc/exports.d/nasgitops-a.exports", whole["/etc/exports.d/nasgitops-a.exports"]).SetItem("/etc/samba/nasgitops.d/docs.conf", whole["/etc/samba/nasgitops.d/docs.conf"]) }).Apply();

        Assert.Empty(again.World.Faults);
        Assert.Equal(whole, again.World.Host.Files);
    }

    /// <summary>A pool, a dataset, accounts, and shares as people write them.</summary>
    private static Scene Nas(string line = "/tank/a 10.0.0.0/24(rw,sync,no_root_squash) backup.lan(ro,sync)\n") => Imports.ByHand(("tank/a", "{}")).Edit(host => NfsModel.Reload(
        host with
        {
            Users = host.Users.Add("alice", new ModelUser(1101, 1101)),
            Groups = host.Groups.Add("media", new ModelGroup(2001, [])).Add("alice", new ModelGroup(1101, [])),
            Files = host.Files
                .SetItem(Exports, $"# by hand\n{line}/home 10.0.0.9(ro,sync)\n")
                .SetItem(SmbConf, "[global]\n   workgroup = WORKGROUP\n; papers\n[docs]\n   comment = Papers\n   path = /tank/a\n   valid users = alice @media\n   read only = no\n   hide dot files = no\n; and more\n[homevideo]\n   path = /home/video\n"),
        },
        ModelHost.Paths.ExportsDirectory));
}

using System.Xml.Linq;
using NasGitOps.Kinds.NfsExport;
using NasGitOps.Kinds.Samba;
using NasGitOps.Kinds.User;
using NasGitOps.Testing.Fuzz;

namespace NasGitOps.Kinds.Tests.Fuzz;

/// <summary>What the tools of the shares print, and files that anybody may have written.</summary>
public class ParserFuzzTests
{
    private const string Include = "/etc/samba/nasgitops.conf";
    private const string Exports = "# ours\n/tank/a 10.0.0.0/24(rw,sync,no_subtree_check,fsid=7) *.lan(ro)\n\"/srv/a b\" -sync host # a comment\n/x\\040y \\\n  nas2(rw)\n";
    private const string OurExport = "# nasgitops: NfsExport/media dataset=tank/a subpath=in (generated whole; what is changed here by hand is put back)\n/tank/a/in 10.0.0.0/24(rw,sync,fsid=77)\n";
    private const string SmbConf = "[global]\n   workgroup = WORKGROUP\n; a comment\n[homes]\n   path = /home/%U \\\n  more\n\n\n# BEGIN nasgitops (generated)\ninclude = /etc/samba/nasgitops.conf\n# END nasgitops\n";

    [Fact]
    public void Any_exports_file() => Fuzzing.Parser([Exports], text => ExportsFile.Parse(text).ToList());

    [Fact]
    public void Etab_as_exportfs_writes_it() => Fuzzing.Parser([Recorded("NfsExport", "etab-2.8.3.txt")], Etab.Parse);

    [Fact]
    public void Our_own_export_files_after_somebody_edited_them() => Fuzzing.Text([OurExport], text =>
    {
        _ = OurExportFile.Entries(text).ToList();
        return OurExportFile.Parse(text) is { } file && !text.StartsWith("# nasgitops: NfsExport/", StringComparison.Ordinal) ? $"taken for {file}" : null;
    });

    [Fact]
    public void A_text_in_an_exports_file_reads_back_as_it_was_and_is_one_word() => Fuzzing.Text(["/srv/a b#\"\\040"], text =>
    {
        var encoded = ExportText.Encode(text);
        if (encoded.Any(c => c is < '!' or > '~' or '#' or '"' or '(' or ')' or ',')) return $"written as {encoded}";
        // Halves of surrogate pairs have no bytes of their own; no manifest can hold one.
        return text.Any(char.IsSurrogate) || ExportText.Decode(encoded) == text ? null : $"read back as {ExportText.Decode(encoded)}";
    });

    [Fact]
    public void A_client_has_one_form_whatever_it_is() => Fuzzing.Text(
        ["10.0.0.0/24", "fd00::/8", "*.example.org", "@trusted", "nas2.lan"],
        host => ClientHost.Canonical(host) is not { } canonical ? null
            : canonical.Any(c => c is <= ' ' or > '~' or '(' or ')' or ',' or '#' or '"' or '\\') || canonical.StartsWith('-') ? $"accepted as {canonical}"
            : ClientHost.Canonical(canonical) == canonical ? null : $"{canonical} is not its own form");

    [Fact]
    public void What_testparm_prints() => Fuzzing.Parser([Recorded("Samba", "effective-4.22.txt"), Recorded("Samba", "defaults-4.17.txt")], text => TestparmOutput.Parse(text).Sections.Count);

    [Fact]
    public void What_pdbedit_prints() => Fuzzing.Parser([Recorded("User", "pdbedit-4.22.txt")], PdbeditOutput.Parse);

    [Fact]
    public void The_rest_of_smb_conf_survives_our_block_whatever_it_is() => Fuzzing.Text([SmbConf, "# BEGIN nasgitops\n# BEGIN nasgitops\n# END nasgitops\n# END nasgitops"], text =>
    {
        _ = SmbConfText.Sections(text).ToList();
        _ = SmbConfText.ResourceOf(text);
        var rest = SmbConfText.WithoutBlock(text);
        var with = SmbConfText.WithBlock(text, Include);
        if (SmbConfText.WithoutBlock(with) != rest) return $"the rest was {Fuzzing.Literal(rest)} and is {Fuzzing.Literal(SmbConfText.WithoutBlock(with))}";
        return SmbConfText.HasBlock(with, Include) && SmbConfText.WithBlock(with, Include) == with ? null : "the block is not the last, once";
    });

    [Fact]
    public void A_block_whose_end_somebody_deleted_does_not_take_what_follows_with_it()
    {
        const string Cut = "[global]\n\n\n# BEGIN nasgitops (generated)\ninclude = /etc/samba/nasgitops.conf\n[theirs]\n   path = /theirs\n";
        Assert.Contains("[theirs]\n   path = /theirs\n", SmbConfText.WithoutBlock(SmbConfText.WithBlock(Cut, Include)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_announcement_is_well_formed_whatever_the_share_is_called() => Fuzzing.Text(["photos", "My Files", "---"], share =>
    {
        // Names that no XML can hold are refused before; see the law of hostile manifests.
        if (share.Any(c => char.IsControl(c) || char.IsSurrogate(c) || c >= '\ufffe')) return null;
        var text = Announcement.Render(SmbConfText.Header($"SmbShare/{share}"), "nas1", [share]);
        var records = XDocument.Parse(text.Replace("<!DOCTYPE service-group SYSTEM \"avahi-service.dtd\">", "", StringComparison.Ordinal)).Descendants("txt-record").ToList();
        return records.Count == 3 && records[^1].Value.Contains($"adVN={share},", StringComparison.Ordinal) ? null : text;
    });

    private static string Recorded(string kind, string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, kind, "Recorded", name));
}

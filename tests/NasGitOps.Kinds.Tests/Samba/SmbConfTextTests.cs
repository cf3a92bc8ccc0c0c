using FsCheck;
using FsCheck.Fluent;
using NasGitOps.Kinds.Samba;

namespace NasGitOps.Kinds.Tests.Samba;

public class SmbConfTextTests
{
    private const string Include = "/etc/samba/nasgitops.conf";

    [Theory]
    [InlineData("")]
    [InlineData("[global]\n")]
    [InlineData("[global]\n\n\n")]
    [InlineData("no line end at last")]
    [InlineData("a joined line \\")]
    [InlineData("a joined line \\\n")]
    [InlineData("[global]\r\nworkgroup = X\r\n")]
    public void Taking_our_block_out_gives_back_what_was_there(string text)
    {
        var with = SmbConfText.WithBlock(text, Include);

        Assert.Equal(text, SmbConfText.WithoutBlock(with));
        Assert.True(SmbConfText.HasBlock(with, Include));
        Assert.EndsWith("\ninclude = /etc/samba/nasgitops.conf\n# END nasgitops\n", with, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_foreign_text_survives_the_block()
    {
        var piece = Gen.Elements("\n", "\r\n", "\\", " ", "[share]", "# BEGIN", "# END nasgitops", "path = /x", "\t", "#", "ü");
        Prop.ForAll(piece.ListOf().Select(string.Concat).ToArbitrary(), text => SmbConfText.WithoutBlock(SmbConfText.WithBlock(text, Include)) == text)
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Writing_the_block_twice_is_writing_it_once()
    {
        var once = SmbConfText.WithBlock("[global]\n", Include);

        Assert.Equal(once, SmbConfText.WithBlock(once, Include));
    }

    [Fact]
    public void What_somebody_wrote_after_the_block_stays_on_a_line_of_its_own_and_comes_before_it()
    {
        var text = SmbConfText.WithBlock("[a]\npath = /a", Include) + "[b]\npath = /b\n";

        Assert.False(SmbConfText.HasBlock(text, Include));
        Assert.Equal("[a]\npath = /a\n[b]\npath = /b\n", SmbConfText.WithoutBlock(text));
    }

    [Fact]
    public void Sections_of_the_text_are_found_and_global_is_none_of_them()
    {
        Assert.Equal(["a", "My Files"], SmbConfText.Sections("[global]\n [a]\n#[no]\n;[no]\n[ My   Files ]\n[Glo Bal]\n"));
    }

    [Theory]
    [InlineData("photos", "photos.conf")]
    [InlineData("My Files", "My~20Files.conf")]
    [InlineData(".hidden", "~2ehidden.conf")]
    [InlineData("../x", "~2e.~2fx.conf")]
    [InlineData("grün", "gr~c3~bcn.conf")]
    public void A_share_has_a_file_name_without_macros_and_paths(string share, string file) => Assert.Equal(file, SambaPaths.FileName(share));

    [Fact]
    public void Long_names_of_escaped_characters_have_short_and_different_files()
    {
        var one = SambaPaths.FileName(new string('ü', 79) + "a");
        var two = SambaPaths.FileName(new string('ü', 79) + "b");

        Assert.True(one.Length < 255);
        Assert.NotEqual(one, two);
    }
}

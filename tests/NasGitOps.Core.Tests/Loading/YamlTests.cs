using System.Diagnostics;
using System.Text;
using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Tests.Loading;

public class YamlTests
{
    [Fact]
    public void Malformed_YAML_is_told_with_its_place()
    {
        var problem = Assert.Single(Loaded.From("apiVersion: nasgitops.io/v1\nkind: [Dataset\nmetadata: {}\n").Problems);
        Assert.Equal((2, 7), (problem.Line, problem.Column));
        Assert.StartsWith("malformed YAML: ", problem.Message, StringComparison.Ordinal);
        Assert.NotEmpty(problem.WayOut);
    }

    [Theory]
    [InlineData("a: b: c\n")]
    [InlineData("a: 'open\n")]
    [InlineData("a: &\n")]
    [InlineData("a: %\n- b\n")]
    [InlineData("%YAML 9.9\n---\na: 1\n")]
    [InlineData("]\n")]
    [InlineData("a: !<\n")]
    [InlineData("--- >\n a\n--- |x\n")]
    public void Any_malformed_file_is_one_error_with_a_place(string text)
    {
        var result = Loaded.From(text);
        Assert.True(result.HasErrors);
        Assert.Contains(result.Problems, p => p.Message.StartsWith("malformed YAML", StringComparison.Ordinal) && p.Line > 0 && p.Column > 0);
    }

    [Fact]
    public void A_duplicate_key_names_both_places() => Assert.Equal(
        "a.yaml:6:3: error: duplicate key 'quota', first given at a.yaml:5:3 (keep one of the two)", Loaded.Spec("quota: 1G\nquota: 2G").Only());

    [Theory]
    [InlineData("? [a, b]\n: c")]
    [InlineData("{a: b}: c")]
    public void A_key_that_is_no_text_is_refused(string spec)
    {
        var problem = Assert.Single(Loaded.Spec(spec).Problems);
        Assert.Equal((5, "a key must be plain text, not a mapping or list"), (problem.Line, problem.Message));
    }

    [Theory]
    [InlineData("comment: !!binary aGk=", 12, "!!binary")]
    [InlineData("comment: !Secret x", 12, "!Secret")]
    [InlineData("properties: !!set {a, b}", 15, "!!set")]
    [InlineData("comment: !<tag:example.com,2000:x> y", 12, "tag:example.com,2000:x")]
    [InlineData("comment: !!timestamp 2001-01-01", 12, "!!timestamp")]
    public void Tags_that_construct_types_are_refused(string spec, int column, string tag)
    {
        Assert.StartsWith($"a.yaml:5:{column}: error: the tag '{tag}' is refused: tags that construct types are not read", Loaded.Spec(spec).Only(), StringComparison.Ordinal);
    }

    [Fact]
    public void Core_tags_are_obeyed() => Assert.Empty(Loaded.Spec("comment: !!str true\ncopies: !!int \"2\"\nsparse: !!bool false\nproperties: !!map {a: !!str 1}").Problems);

    [Fact]
    public void A_core_tag_that_does_not_fit_is_refused() => Assert.Equal(
        "a.yaml:5:11: error: 'two' is not what its tag '!!int' says (take the tag out)", Loaded.Spec("copies: !!int two").Only());

    [Fact]
    public void An_alias_bomb_is_refused_quickly()
    {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 30; i++) text.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        var watch = Stopwatch.StartNew();
        Assert.Equal("a.yaml:6:10: error: more than 200,000 values when aliases are expanded (split the file, or use fewer aliases)", Loaded.From(text.ToString()).Only());
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void An_alias_to_what_contains_it_is_refused() => Assert.Equal(
        "a.yaml:5:23: error: alias '*a' refers to what contains it (write the value out)", Loaded.Spec("properties: &a {x: [*a]}").Only());

    [Fact]
    public void An_alias_without_anchor_is_refused() => Assert.Equal(
        "a.yaml:5:12: error: alias '*b' has no anchor '&b' before it (name an anchor of the same document)", Loaded.Spec("comment: *b").Only());

    [Fact]
    public void An_anchor_ends_with_its_document() => Assert.Contains("has no anchor '&a'", Loaded.From("a: &a x\n---\nb: *a\n").Problems[^1].Message, StringComparison.Ordinal);

    [Fact]
    public void Anchors_and_aliases_are_fine()
    {
        var result = Loaded.From(Loaded.Dataset("properties: &p {compression: zstd}", "tank") + "---\n" + Loaded.Dataset("comment: &c hello\nproperties: {a: *c, b: *c}", "tank/a"));
        Assert.Empty(result.Problems);
    }

    [Fact]
    public void A_merge_key_is_explained() => Assert.Equal(
        "a.yaml:6:3: error: spec[\"<<\"]: merge keys ('<<') are not part of YAML 1.2 (repeat the fields, or give a whole value by an alias)",
        Loaded.Spec("properties: &p {a: b}\n<<: *p").Only());

    [Fact]
    public void Deep_nesting_is_refused()
    {
        var problem = Assert.Single(Loaded.From(new string('[', 100_000)).Problems);
        Assert.Equal("nested deeper than 64 levels", problem.Message);
    }

    [Fact]
    public void Fifty_megabytes_are_refused_at_once()
    {
        var watch = Stopwatch.StartNew();
        Assert.Equal("a.yaml:0:0: error: the file has 50 MiB; manifests may have 1 MiB at most (split it)", Loaded.FromBytes(new byte[50 * 1024 * 1024]).Only());
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_are_refused_with_their_place()
    {
        byte[] content = [.. "a: 1\nb: "u8, 0xC3, 0x28, .. "\n"u8];
        Assert.Equal("a.yaml:2:4: error: not UTF-8 text (save the file as UTF-8)", Loaded.FromBytes(content).Only());
    }

    [Fact]
    public void A_NUL_is_refused_with_its_place() => Assert.Equal(
        "a.yaml:2:2: error: control character U+0000 (this is no text file, or it was damaged; remove the character)", Loaded.From("a: 1\nb\0: 2\n").Only());

    [Fact]
    public void A_byte_order_mark_is_fine() => Assert.Empty(Loaded.From("\uFEFF" + Loaded.Dataset("quota: 1G")).Problems);

    [Theory]
    [InlineData("")]
    [InlineData("---\n---\n...\n")]
    [InlineData("# nothing\n")]
    [InlineData("---\nnull\n")]
    public void Empty_documents_are_fine(string text) => Assert.Empty(Loaded.From(text).Problems);

    [Fact]
    public void A_file_holds_several_documents_and_all_problems_are_told_at_once()
    {
        var result = Loaded.From(Loaded.Dataset("quto: 1G", "tank") + "---\n" + Loaded.Dataset("copies: 7", "tank/b") + "---\n" + Loaded.Dataset("copies: 1", "tank/c") + "---\na: [\n");
        Assert.Equal([5, 11, 20], result.Problems.Select(p => p.Line));
        Assert.Single(result.Manifests.All);
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("no")]
    [InlineData("on")]
    [InlineData("off")]
    [InlineData("1e")]
    [InlineData("0b1")]
    [InlineData("1_000")]
    [InlineData("2001-01-01")]
    [InlineData("12:30")]
    public void What_only_YAML_1_1_converts_is_text(string plain) => Assert.Empty(Loaded.Spec($"comment: {plain}").Problems);

    [Theory]
    [InlineData("0o17", "the number 0o17")]
    [InlineData("0x1F", "the number 0x1F")]
    [InlineData("-1.5e3", "the number -1.5e3")]
    [InlineData("0770", "the number 0770")]
    [InlineData("True", "the boolean True")]
    [InlineData("~", "nothing")]
    public void What_YAML_1_2_converts_is_no_text(string plain, string found) =>
        Assert.Equal($"found {found} where text is wanted", Assert.Single(Loaded.Spec($"comment: {plain}").Problems).Message);

    [Theory]
    [InlineData(".inf")]
    [InlineData("1e999")]
    [InlineData("0xFFFFFFFFFFFFFFFFFF")]
    public void Numbers_out_of_range_are_refused(string plain) =>
        Assert.Equal($"a.yaml:5:11: error: the number {plain} is out of range (quote it if it is meant as text)", Loaded.Spec($"copies: {plain}").Only());

    [Fact]
    public void Line_breaks_cannot_get_into_a_value()
    {
        Assert.Equal("comment 'a\\nb' holds a line break or control character", Assert.Single(Loaded.Spec("comment: \"a\\nb\"").Problems).Message);
        Assert.Contains("holds a line break", Loaded.Spec("comment: |\n  a").Only(), StringComparison.Ordinal);
        Assert.Contains("holds a line break", Loaded.Spec("properties: {\"a\\tb\": c}").Only(), StringComparison.Ordinal);
        Assert.Contains(Loaded.Spec("mode: \"0770\\n\"").Problems, p => p.Message.StartsWith("mode '0770\\n' is no file mode", StringComparison.Ordinal));
    }

    [Fact]
    public void An_annotation_may_have_several_lines()
    {
        var result = Loaded.From("apiVersion: nasgitops.io/v1\nkind: User\nmetadata:\n  name: a\n  annotations:\n    note: |\n      one\n      two\n");
        Assert.Empty(result.Problems);
        Assert.Equal("one\ntwo\n", result.Find("User", "a").Annotations["note"]);
    }

    [Fact]
    public void Problems_are_sorted_and_severity_is_an_error() => Assert.All(Loaded.From("a: 1\n").Problems, p => Assert.Equal(Severity.Error, p.Severity));
}

using NasGitOps.Core.Loading;

namespace NasGitOps.Core.Tests.Loading;

public class ExplainTests
{
    private static string Text(string query, bool found = true)
    {
        Assert.Equal(found, Explain.TryRender(FakeKinds.Schemas, query, out var text));
        return text;
    }

    [Fact]
    public void A_kind_is_explained_with_its_fields_and_an_example() => Assert.Equal(
        """
        Share

          Something that is offered to clients.

        metadata.name
          The share's name.

        spec
          dataset  text
              What is shared.
          path  text
              Or a directory.
          users  list of text
              Who may use it.
          clients  list of a mapping, required
              Who may mount it.
          suspend  true or false (default false)
              Observe only and touch nothing; not inherited by children.
          drift  text: enforce | report (default "enforce")
              What to do about a change that no commit made: correct it, or only name it in the status.

        """.ReplaceLineEndings("\n"),
        Text("share"));

    [Fact]
    public void The_example_is_shown() => Assert.EndsWith("\nexample\n  apiVersion: nasgitops.io/v1\n  kind: Dataset\n  metadata: {name: tank/media}\n  spec: {quota: 1TiB}\n", Text("Dataset"), StringComparison.Ordinal);

    [Theory]
    [InlineData("Share.clients.access")]
    [InlineData("share.spec.Clients.access")]
    public void A_field_is_explained(string query) => Assert.Equal(
        "Share.spec.clients.access  text\n\n  Reading, or also writing.\n  allowed: ro, rw\n  default: \"ro\"\n", Text(query));

    [Fact]
    public void A_field_of_fields_lists_them() => Assert.Equal(
        "Share.spec.clients  list of a mapping, required\n\n  Who may mount it.\n\nfields\n  host  text, required\n      A host or network.\n  access  text: ro | rw (default \"ro\")\n      Reading, or also writing.\n",
        Text("Share.clients"));

    [Fact]
    public void A_pattern_is_explained_in_words() => Assert.EndsWith(
        "\n  a wrong one is refused: host '…' may hold neither blanks nor parentheses\n", Text("Share.clients.host"), StringComparison.Ordinal);

    [Fact]
    public void Alternatives_are_joined() => Assert.Contains("  host  text\n      From where.\n  size  text or a whole number\n", Text("Dataset.source"), StringComparison.Ordinal);

    [Fact]
    public void Metadata_is_explained_too() => Assert.Contains("hosts  list of text\n", Text("Share.metadata"), StringComparison.Ordinal);

    [Fact]
    public void Without_a_query_the_kinds_are_listed() => Assert.Equal(
        "Dataset  Something that holds data.\nPool     Something that holds data.\nShare    Something that is offered to clients.\nUser     An account.\n", Text(""));

    [Theory]
    [InlineData("Datset", "unknown kind 'Datset'; did you mean 'Dataset'?\nknown kinds: Dataset, Pool, Share and User\n")]
    [InlineData("Share.clients.hst", "Share.spec.clients has no field 'hst'; did you mean 'host'?\nits fields: host and access\n")]
    [InlineData("Share.path.x", "Share.spec.path has no field 'x'\nit has no fields\n")]
    public void A_wrong_query_is_explained(string query, string expected) => Assert.Equal(expected, Text(query, found: false));
}

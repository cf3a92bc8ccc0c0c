using NasGitOps.Cli;

namespace NasGitOps.Tests.Cli;

public sealed class RestoreManifestTests
{
    [Fact]
    public void The_manifest_of_an_ordinary_snapshot_can_be_committed() =>
        Assert.Empty(Problems("tank/media-20261123-0300", "tank/media", "auto-daily_GMT-2026.11.23-03.00.00"));

    [Fact]
    public void Names_with_spaces_and_colons_are_quoted() => Assert.Empty(Problems("tank/old media", "tank/media: films", "before: the move"));

    [Theory]
    [InlineData("tank/x\"}\n---\napiVersion: nasgitops.io/v1\nkind: Pool\nmetadata: {name: evil")]
    [InlineData("tank/x\nspec: {}")]
    [InlineData("media")]
    [InlineData("other/media")]
    [InlineData("tank//x")]
    [InlineData("")]
    public void A_name_that_no_clone_can_have_is_refused_before_it_is_printed(string clone) => Assert.NotEmpty(Problems(clone, "tank/media", "daily"));

    private static IReadOnlyList<string> Problems(string clone, string dataset, string snapshot) =>
        RestoreManifest.Problems(clone, dataset, RestoreManifest.Render(clone, dataset, snapshot, "7d"));
}

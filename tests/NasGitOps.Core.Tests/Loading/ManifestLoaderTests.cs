using NasGitOps.Core.Loading;
using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Tests.Loading;

public class ManifestLoaderTests
{
    private const string Head = "apiVersion: nasgitops.io/v1\n";

    private static string Share(string name, string dataset, string more = "") => $"{Head}kind: Share\nmetadata: {{name: {name}}}\nspec:\n  dataset: {dataset}\n  clients: []\n{more}";

    [Fact]
    public void A_manifest_is_loaded_with_everything_in_it()
    {
        var text = Head + "kind: Dataset\nmetadata:\n  name: tank/media\n  labels: {team: video}\n  hosts: [\"nas*\"]\nspec:\n  suspend: true\n  drift: report\n  properties:\n    veto.files: a\n";
        var result = FakeKinds.Loader.Load([Loaded.File("x/a.yml", text)], "nas1", "c0ffee");
        Assert.Empty(result.Problems);
        var manifest = Assert.Single(result.Manifests.All);
        Assert.Equal(new Provenance("x/a.yml", 1, 1, "c0ffee"), manifest.Provenance);
        Assert.Equal("video", manifest.Labels["team"]);
        Assert.Equal(["nas*"], manifest.Hosts);
        Assert.True(manifest.Suspend);
        Assert.Equal(DriftMode.Report, manifest.Drift);
        Assert.Equal(new FakeKinds.HolderSpec("tank/media"), manifest.Spec);
    }

    [Fact]
    public void A_field_is_located_by_its_path()
    {
        var text = Head + "kind: Share\nmetadata: {name: a}\nspec:\n  path: /a\n  clients:\n    - host: x\n      access: rw\n    - {host: y}\n";
        var manifest = Assert.Single(Loaded.From(text).Manifests.All);
        Assert.Equal((7, 13), manifest.Locate("spec.clients[0].host"));
        Assert.Equal((9, 14), manifest.Locate("spec.clients[1].host"));
        Assert.Equal((9, 7), manifest.Locate("spec.clients[1].access"));
        Assert.Equal((6, 3), manifest.Locate("spec.clients"));
        Assert.Equal((6, 3), manifest.Locate("spec.clients[7].host"));
        Assert.Equal((4, 1), manifest.Locate("spec.users"));
        Assert.Equal((1, 1), manifest.Locate(""));
        Assert.Equal((1, 1), manifest.Locate("[["));
    }

    [Fact]
    public void Keys_with_dots_and_blanks_are_located_plain_and_quoted()
    {
        var manifest = Assert.Single(Loaded.Spec("properties:\n  a.b: x\n  a: y\n  veto files: z").Manifests.All);
        Assert.Equal((6, 10), manifest.Locate("spec.properties.a.b"));
        Assert.Equal((7, 8), manifest.Locate("spec.properties.a"));
        Assert.Equal((8, 17), manifest.Locate("spec.properties.veto files"));
        Assert.Equal((8, 17), manifest.Locate("spec.properties[\"veto files\"]"));
    }

    [Theory]
    [InlineData("apiVersion: nasgitops.io/v2\nkind: User\nmetadata: {name: a}\n", "a.yaml:1:13: error: apiVersion: apiVersion 'nasgitops.io/v2' must be 'nasgitops.io/v1' (did you mean 'nasgitops.io/v1'?)")]
    [InlineData("kind: User\nmetadata: {name: a}\n", "a.yaml:1:1: error: 'apiVersion' is missing (add apiVersion: The version of the manifest format.)")]
    [InlineData(Head + "metadata: {name: a}\n", "a.yaml:1:1: error: 'kind' is missing (add kind: What the document describes.)")]
    [InlineData(Head + "kind: Datset\nmetadata: {name: a}\nspec: {anything: goes}\n", "a.yaml:2:7: error: kind: unknown kind 'Datset'; did you mean 'Dataset'? (known kinds: Dataset, Pool, Share and User)")]
    [InlineData(Head + "kind: 7\nmetadata: {name: a}\n", "a.yaml:2:7: error: kind: found the number 7 where text is wanted (quote it: \"7\")")]
    [InlineData(Head + "kind: User\nmetadata: {}\n", "a.yaml:3:1: error: metadata: 'name' is missing in metadata (add name: The name of the resource, unique among those of its kind on one host.)")]
    [InlineData(Head + "kind: User\nmetadata: {name: a, hosts: [\"a b\"]}\n", "a.yaml:3:29: error: metadata.hosts[0]: hosts 'a b' is no host pattern")]
    [InlineData(Head + "kind: User\nmetadata: {name: a}\nspce: {}\n", "a.yaml:4:1: error: spce: unknown field 'spce'; did you mean 'spec'?")]
    [InlineData("- a\n- b\n", "a.yaml:1:1: error: not a manifest: a mapping with apiVersion, kind, metadata and spec is wanted")]
    [InlineData("just text\n", "a.yaml:1:1: error: not a manifest")]
    public void A_wrong_envelope_is_explained(string text, string expected) => Assert.StartsWith(expected, Loaded.From(text).Only(), StringComparison.Ordinal);

    [Theory]
    [InlineData("tank/../etc")]
    [InlineData("/tank")]
    [InlineData("tank/")]
    [InlineData("tank//a")]
    [InlineData("\"tank/a \"")]
    [InlineData("\"tank/a;reboot\"")]
    [InlineData("tank/$(reboot)")]
    [InlineData("tank@snap")]
    [InlineData("\"-o\"")]
    [InlineData("\"tank/a%u\"")]
    [InlineData("\"tank/a\\n\"")]
    public void An_illegal_name_is_refused(string name)
    {
        var problems = Loaded.From(Loaded.Dataset("quota: 1G", name)).Problems;
        Assert.All(problems, p => Assert.Equal((3, 18), (p.Line, p.Column)));
        Assert.Contains(problems, p => p.Message.Contains("is no legal name", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("tank/a b.c_d:e-f")]
    [InlineData("T1")]
    public void A_legal_name_is_fine(string name) => Assert.Empty(Loaded.From(Loaded.Dataset("quota: 1G", name)).Problems);

    [Fact]
    public void The_same_name_twice_names_both_places()
    {
        var result = FakeKinds.Loader.Load([Loaded.File("b.yaml", Loaded.Dataset("quota: 2G")), Loaded.File("a.yaml", Loaded.Dataset("quota: 1G"))], null);
        Assert.Equal(
            "b.yaml:3:18: error: metadata.name: Dataset/tank is declared twice, first at a.yaml:3:18 (keep one of the two, or give them different metadata.hosts)", result.Only());
    }

    [Fact]
    public void The_same_name_for_different_hosts_is_fine()
    {
        var text = $"{Head}kind: User\nmetadata: {{name: a, hosts: [nas1]}}\n---\n{Head}kind: User\nmetadata: {{name: a, hosts: [\"*\", \"!nas1\"]}}\n";
        Assert.Empty(Loaded.From(text, "nas1").Problems);
        Assert.Equal(["nas1"], Assert.Single(Loaded.From(text, "nas1").Manifests.All).Hosts);
        Assert.Equal(5, Assert.Single(Loaded.From(text, "nas2").Manifests.All).Provenance.Line);
    }

    [Fact]
    public void A_manifest_of_another_host_must_still_be_valid()
    {
        var result = Loaded.From($"{Head}kind: User\nmetadata: {{name: a, hosts: [nas1]}}\nspec: {{x: 1}}\n", "nas2");
        Assert.Equal("a.yaml:4:8: error: spec.x: unknown field 'x' (known here: suspend and drift)", result.Only());
        Assert.Empty(result.Manifests.All);
    }

    [Fact]
    public void A_reference_to_nothing_suggests_what_was_meant() => Assert.Equal(
        "a.yaml:11:12: error: spec.dataset: Dataset 'tank/medai' is not declared; did you mean 'tank/media'? (declare it for the same hosts, or correct the name)",
        Loaded.From(Loaded.Dataset("quota: 1G", "tank/media") + "---\n" + Share("media", "tank/medai")).Only());

    [Fact]
    public void A_reference_that_the_host_may_satisfy_is_a_warning()
    {
        var result = Loaded.From(Loaded.Dataset("quota: 1G") + "---\n" + Share("media", "tank", "  users: [alice]\n"));
        Assert.False(result.HasErrors);
        Assert.Equal("a.yaml:13:11: warning: spec.users[0]: User 'alice' is not declared (declare it, unless the host already has it)", result.Only());
    }

    [Fact]
    public void A_pool_is_its_own_root_dataset() => Assert.Empty(Loaded.From($"{Head}kind: Pool\nmetadata: {{name: tank}}\n---\n{Share("media", "tank")}").Problems);

    [Fact]
    public void What_an_invalid_document_declares_is_not_called_missing()
    {
        var result = Loaded.From(Loaded.Dataset("quto: 1G") + "---\n" + Share("media", "tank"));
        Assert.StartsWith("a.yaml:5:3: error: spec.quto: unknown field", result.Only(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_unreadable_file_might_declare_is_not_called_missing()
    {
        var result = FakeKinds.Loader.Load([Loaded.File("a.yaml", Share("media", "tank")), Loaded.File("b.yaml", "a: [\n")], null);
        Assert.StartsWith("b.yaml:", result.Only(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_kinds_own_checks_are_asked() => Assert.Equal(
        "a.yaml:5:1: error: spec.clients[0].host: checked (nothing to do)",
        Loaded.From($"{Head}kind: Dataset\nmetadata:\n  {{name: a, annotations: {{check: now}}}}\nspec: {{}}\n").Only());

    [Fact]
    public void Implied_manifests_join_the_set_and_satisfy_references()
    {
        var text = $"{Head}kind: Share\nmetadata: {{name: a, annotations: {{implies: alice}}}}\nspec: {{path: /a, clients: [], users: [alice]}}\n";
        var result = Loaded.From(text);
        Assert.Empty(result.Problems);
        Assert.NotNull(result.Find("User", "alice"));
    }

    [Fact]
    public void A_kind_that_throws_is_a_problem_and_no_exception() => Assert.Equal(
        "a.yaml:1:1: error: Dataset/tank cannot be checked: InvalidOperationException: boom (this is a fault of nasgitops; please report it with the manifest)", Loaded.Spec("comment: throw").Only());

    [Theory]
    [InlineData("a.yaml", true)]
    [InlineData("x/b.yml", true)]
    [InlineData("README.md", false)]
    [InlineData(".github/workflows/ci.yaml", false)]
    [InlineData("x/.hidden.yaml", false)]
    [InlineData("secrets/a.yaml", false)]
    [InlineData("common/secrets/a.yaml", true)]
    public void Only_YAML_files_in_plain_sight_are_read(string path, bool read)
    {
        Assert.Equal(read, SourceFile.IsManifest(path));
        Assert.Equal(read, FakeKinds.Loader.Load([Loaded.File(path, "x: 1\n")], null).HasErrors);
    }
}

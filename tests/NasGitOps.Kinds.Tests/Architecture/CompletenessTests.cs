using System.Text;
using NasGitOps.Core.Loading;
using NasGitOps.Core.Manifests;
using NasGitOps.Testing;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.Tests.Architecture;

/// <summary>Names what a kind lacks: a schema that explains itself, examples that load, a page, a place in the example repository.</summary>
public class CompletenessTests
{
    public static TheoryData<string> Kinds => [.. BuiltInKinds.All.Select(k => k.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Its_schema_is_sound_and_every_field_is_explained(string kind) => Assert.Empty(SchemaRules.Check(Schema(kind)));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_example_of_its_schema_loads_but_for_what_it_refers_to(string kind)
    {
        var examples = (JObject.Parse(Schema(kind))["examples"] as JArray ?? []).Select(e => (string)e!).ToList();
        Assert.NotEmpty(examples);
        foreach (var example in examples)
        {
            var loaded = new ManifestLoader(BuiltInKinds.All, BuiltInKinds.Schemas).Load([new SourceFile("example.yaml", Encoding.UTF8.GetBytes(example))], host: null);
            Assert.DoesNotContain(loaded.Problems, p => p.Severity == Severity.Error && !p.Message.Contains("is not declared", StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void It_has_a_page(string kind) => Assert.True(File.Exists(Path.Combine(Repository.Folder, "docs", "kinds", $"{kind.ToLowerInvariant()}.md")));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_example_repository_uses_it(string kind) => Assert.Contains(
        Directory.EnumerateFiles(Path.Combine(Repository.Folder, "examples-repo"), "*.yaml", SearchOption.AllDirectories),
        f => File.ReadLines(f).Contains($"kind: {kind}"));

    private static string Schema(string kind)
    {
        using var reader = new StreamReader(typeof(BuiltInKinds).Assembly.GetManifestResourceStream($"{kind.ToLowerInvariant()}.schema.json")!);
        return reader.ReadToEnd();
    }
}

using NasGitOps.Core.Loading;
using NasGitOps.Testing;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Core.Tests.Loading;

public class KindSchemasTests
{
    [Theory]
    [InlineData("Dataset")]
    [InlineData("Share")]
    [InlineData("User")]
    public void A_composed_schema_keeps_the_rules(string kind) => Assert.Empty(SchemaRules.Check(FakeKinds.Schemas.Full(kind)!));

    [Fact]
    public void The_definitions_that_kinds_may_use_are_those_of_Core() =>
        Assert.Equal(SchemaRules.CoreDefinitions.Order(StringComparer.Ordinal), ((JObject)SchemaComposer.Common["definitions"]!).Properties().Select(p => p.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void The_composed_schema_describes_the_whole_document()
    {
        var full = JObject.Parse(FakeKinds.Schemas.Full("Share")!);
        Assert.Equal("http://json-schema.org/draft-07/schema#", (string?)full["$schema"]);
        Assert.Equal("Share", (string?)full["title"]);
        Assert.Equal(["apiVersion", "kind", "metadata", "spec"], ((JArray)full["required"]!).Select(r => (string)r!));
        Assert.Equal("Share", (string?)full.SelectToken("properties.kind.enum[0]"));
        Assert.Equal("The share's name.", (string?)full.SelectToken("properties.metadata.properties.name.description"));
        Assert.NotNull(full.SelectToken("properties.spec.properties.drift"));
        Assert.NotNull(full.SelectToken("definitions.client"));
        Assert.NotNull(full.SelectToken("definitions.duration"));
        Assert.Null(FakeKinds.Schemas.Full("Nothing"));
    }

    [Fact]
    public async Task The_combined_schema_accepts_what_each_kind_accepts()
    {
        var combined = await NJsonSchema.JsonSchema.FromJsonAsync(FakeKinds.Schemas.Combined());
        var good = JObject.Parse("""{ "apiVersion": "nasgitops.io/v1", "kind": "Share", "metadata": { "name": "a" }, "spec": { "path": "/a", "clients": [{ "host": "x" }] } }""");
        Assert.Empty(combined.Validate(good));
        good["kind"] = "Dataset";
        Assert.NotEmpty(combined.Validate(good));
    }

    [Fact]
    public void A_schema_is_read_only_when_its_kind_is_used()
    {
        List<string> read = [];
        var schemas = new KindSchemas(["User", "Dataset"], kind =>
        {
            read.Add(kind);
            return FakeKinds.DatasetSchema;
        });
        new ManifestLoader(FakeKinds.All, schemas).Load([Loaded.File("a.yaml", Loaded.Dataset("quota: 1G") + "---\n" + Loaded.Dataset("quota: 1G", "b"))], null);
        Assert.Equal(["Dataset"], read);
    }

    [Theory]
    [InlineData("""{"description":"x","type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}""", "#/properties/a: has no description")]
    [InlineData("""{"type":"string","const":"a"}""", "#: the keyword 'const' is ignored by the validator or unknown")]
    [InlineData("""{"type":"array","items":true}""", "#/items: a schema must be an object; the validator throws on true and false")]
    [InlineData("""{"type":"array"}""", "#: an array without items lets anything pass")]
    [InlineData("""{"type":"object"}""", "#: an object without additionalProperties lets misspelt fields pass")]
    [InlineData("""{"type":"array","items":{"$ref":"#/definitions/size","minimum":1}}""", "#/items: 'minimum' beside a $ref is ignored by the validator")]
    [InlineData("""{"type":"array","items":{"$ref":"#/definitions/siez"}}""", "#/items: '#/definitions/siez' refers to nothing")]
    [InlineData("""{"type":"string","pattern":"a"}""", "#: a pattern is matched anywhere in the text; anchor it with ^ and $")]
    [InlineData("""{"type":"text"}""", "#: the type 'text' does not exist")]
    [InlineData("""{"oneOf":[{"not":{}}]}""", "#/oneOf/0: the keyword 'not' is ignored by the validator or unknown")]
    public void A_schema_that_breaks_a_rule_is_named(string json, string expected) => Assert.Equal(expected.Replace("#: a pattern", "#/pattern: a pattern", StringComparison.Ordinal), Assert.Single(SchemaRules.Check(json)));
}

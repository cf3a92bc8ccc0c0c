using Newtonsoft.Json.Linq;

namespace NasGitOps.Core.Loading;

/// <summary>Reads a schema's keywords, references followed.</summary>
/// <param name="Root">The whole schema, where definitions are looked up.</param>
/// <param name="Schema">The part meant, never a reference itself.</param>
/// <param name="Site">Where it is used: a reference's own description and default win.</param>
internal sealed record SchemaView(JObject Root, JObject Schema, JObject Site)
{
    private const string Definitions = "#/definitions/";

    public static SchemaView Of(JObject root) => new(root, root, root);

    public string Description => (string?)Site["description"] ?? (string?)Schema["description"] ?? "";

    public JToken? Default => Site["default"] ?? Schema["default"];

    /// <summary>Allowed JSON types; empty for any.</summary>
    public IReadOnlyList<string> Types => Schema["type"] switch
    {
        JArray many => many.Select(t => (string)t!).ToList(),
        JValue one => [(string)one!],
        _ => [],
    };

    public IReadOnlyList<JToken> Enum => (Schema["enum"] as JArray)?.ToList() ?? [];

    public IReadOnlyList<string> Required => (Schema["required"] as JArray)?.Select(t => (string)t!).ToList() ?? [];

    public IReadOnlyList<string> PropertyNames => (Schema["properties"] as JObject)?.Properties().Select(p => p.Name).ToList() ?? [];

    /// <summary>The schema of a map's values, where keys are free.</summary>
    public SchemaView? MapValue => Child(Schema["additionalProperties"]);

    public bool IsClosed => Schema["additionalProperties"] is JValue { Value: false };

    public IEnumerable<(string Pattern, SchemaView Value)> PatternProperties =>
        (Schema["patternProperties"] as JObject)?.Properties().Select(p => (p.Name, Child(p.Value)!)) ?? [];

    public SchemaView? Items => Child(Schema["items"]);

    public string? Text(string keyword) => (string?)Schema[keyword];

    public decimal? Number(string keyword) => Schema[keyword] is JValue { Type: JTokenType.Integer or JTokenType.Float } number ? (decimal)number : null;

    public SchemaView? Property(string name) => Child(Schema["properties"]?[name]);

    public IReadOnlyList<SchemaView> Branches(string keyword) => (Schema[keyword] as JArray)?.Select(t => Child(t)!).ToList() ?? [];

    private SchemaView? Child(JToken? token)
    {
        if (token is not JObject site) return null;
        var schema = site;
        while ((string?)schema["$ref"] is { } reference) schema = (JObject)Root["definitions"]![reference[Definitions.Length..]]!;
        return new SchemaView(Root, schema, site);
    }
}

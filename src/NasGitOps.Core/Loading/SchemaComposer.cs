using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Core.Loading;

/// <summary>Joins a kind's schema of <c>spec</c> with what all kinds share, to the schema of the whole document.</summary>
internal static partial class SchemaComposer
{
    private const string DefinitionsPointer = "#/definitions/";

    private static readonly Lazy<JObject> Shared = new(ReadShared);

    /// <summary>Keys of a kind's file that are about the kind, not about <c>spec</c>.</summary>
    private static readonly string[] KindKeys = ["title", "definitions", "nameDescription", "namePattern", "namePatternMessage", "examples", "$schema"];

    public static JObject Common => Shared.Value;

    /// <summary>The schema of a document whose kind is unknown: all that can be said of it.</summary>
    public static JObject WithoutKind()
    {
        var document = Document();
        document["properties"]!["spec"] = new JObject { ["type"] = "object" };
        return document;
    }

    public static JObject Compose(string kind, JObject own)
    {
        var document = Document();
        var properties = (JObject)document["properties"]!;
        ((JObject)properties["kind"]!)["enum"] = new JArray(kind);
        Name((JObject)properties["metadata"]!["properties"]!["name"]!, own);
        properties["spec"] = Spec(own);
        if (own["required"] is JArray { Count: > 0 }) ((JArray)document["required"]!).Add("spec");

        var result = new JObject { ["$schema"] = "http://json-schema.org/draft-07/schema#", ["title"] = kind, ["description"] = own["description"] };
        result.Merge(document);
        var definitions = (JObject)Common["definitions"]!.DeepClone();
        foreach (var definition in (own["definitions"] as JObject)?.Properties() ?? []) definitions[definition.Name] = definition.Value.DeepClone();
        result["definitions"] = definitions;
        if (own["examples"] is { } examples) result["examples"] = examples.DeepClone();
        return result;
    }

    /// <summary>One schema for any document of any kind.</summary>
    public static JObject Combine(IEnumerable<(string Kind, JObject Full)> kinds)
    {
        var definitions = new JObject();
        var branches = new JArray();
        foreach (var (kind, full) in kinds)
        {
            var nested = (JObject)full.DeepClone();
            nested.Remove("$schema");
            foreach (var reference in nested.Descendants().OfType<JProperty>().Where(p => p.Name == "$ref" && p.Value.Type == JTokenType.String))
            {
                reference.Value = $"{DefinitionsPointer}{kind}/definitions/{((string)reference.Value!)[DefinitionsPointer.Length..]}";
            }

            definitions[kind] = nested;
            branches.Add(new JObject { ["$ref"] = DefinitionsPointer + kind });
        }

        return new JObject
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = "NasGitOps manifest",
            ["oneOf"] = branches,
            ["definitions"] = definitions,
        };
    }

    /// <summary>The form for .NET's regular expressions, where <c>$</c> would also match before a line break at the end.</summary>
    public static JObject ForValidator(JObject schema)
    {
        var result = (JObject)schema.DeepClone();
        foreach (var property in result.Descendants().OfType<JProperty>().ToList())
        {
            if (property is { Name: "pattern", Value.Type: JTokenType.String }) property.Value = Strict((string)property.Value!);
            if (property is { Name: "patternProperties", Value: JObject patterns }) property.Value = new JObject(patterns.Properties().Select(p => new JProperty(Strict(p.Name), p.Value)));
        }

        return result;
    }

    private static string Strict(string pattern) => EndAnchor().Replace(pattern, match => match.Value == "$" ? @"\z" : match.Value);

    private static JObject Document() => new()
    {
        ["type"] = "object",
        ["properties"] = Common["properties"]!.DeepClone(),
        ["required"] = new JArray("apiVersion", "kind", "metadata"),
        ["additionalProperties"] = false,
    };

    private static JObject Spec(JObject own)
    {
        var spec = new JObject { ["type"] = "object" };
        foreach (var property in own.Properties().Where(p => !KindKeys.Contains(p.Name))) spec[property.Name] = property.Value.DeepClone();
        var fields = (JObject?)spec["properties"] ?? [];
        foreach (var shared in ((JObject)Common["spec"]!).Properties()) fields[shared.Name] = shared.Value.DeepClone();
        spec["properties"] = fields;
        spec["additionalProperties"] ??= false;
        return spec;
    }

    private static void Name(JObject name, JObject own)
    {
        if (own["nameDescription"] is { } description) name["description"] = description;
        if (own["namePattern"] is not { } pattern) return;
        var branch = new JObject { ["type"] = "string", ["description"] = name["description"], ["pattern"] = pattern };
        if (own["namePatternMessage"] is { } message) branch["patternMessage"] = message;
        name["allOf"] = new JArray(branch);
    }

    private static JObject ReadShared()
    {
        using var stream = typeof(SchemaComposer).Assembly.GetManifestResourceStream("common.schema.json")!;
        using var reader = new StreamReader(stream);
        return JObject.Parse(reader.ReadToEnd());
    }

    // Escaped characters and classes are skipped whole.
    [GeneratedRegex(@"\\.|\[(?:\\.|[^\]\\])*\]|\$", RegexOptions.Singleline)]
    private static partial Regex EndAnchor();
}

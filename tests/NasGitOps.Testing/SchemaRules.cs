using System.Text.RegularExpressions;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Testing;

/// <summary>The rules of docs/contributing.md for a kind's schema: only keywords that the validator obeys, and everything explained.</summary>
public static class SchemaRules
{
    private static readonly string[] Keywords =
    [
        "type", "enum", "properties", "required", "additionalProperties", "patternProperties", "items", "minItems", "maxItems", "uniqueItems", "minLength", "maxLength",
        "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minProperties", "maxProperties", "oneOf", "anyOf", "allOf", "format", "$ref", "definitions",
        "title", "description", "default", "examples", "patternMessage", "$schema",
    ];

    private static readonly string[] KindKeys = ["nameDescription", "namePattern", "namePatternMessage"];

    private static readonly string[] BesideReference = ["$ref", "description", "default"];

    private static readonly string[] Types = ["object", "array", "string", "integer", "number", "boolean", "null"];

    /// <param name="json">A kind's own schema, a composed one, or any schema.</param>
    /// <param name="sharedDefinitions">Names that <c>$ref</c> may use besides the schema's own definitions.</param>
    /// <returns>One line for each offence, with its place; empty for a good schema.</returns>
    public static IReadOnlyList<string> Check(string json, IReadOnlyCollection<string>? sharedDefinitions = null)
    {
        JObject schema;
        try
        {
            schema = JObject.Parse(json);
        }
        catch (JsonException e)
        {
            return [$"no JSON object: {e.Message}"];
        }

        List<string> problems = [];
        var shared = sharedDefinitions ?? CoreDefinitions;
        var definitions = (schema["definitions"] as JObject)?.Properties().Select(p => p.Name).ToList() ?? [];
        if (schema["description"] is null && schema["properties"] is not null) problems.Add("#: has no description");
        if (schema["$schema"] is null)
        {
            problems.AddRange(definitions.Intersect(CoreDefinitions).Select(d => $"#/definitions/{d}: Core has a definition of this name"));
            foreach (var own in new[] { "suspend", "drift" }.Where(f => schema["properties"]?[f] is not null)) problems.Add($"#/properties/{own}: Core adds this field to every kind");
        }

        Walk(schema, "#", [.. definitions, .. shared], problems);
        return problems;
    }

    /// <summary>The definitions of Core's common.schema.json.</summary>
    public static IReadOnlyList<string> CoreDefinitions { get; } =
        ["size", "sizeOrNone", "duration", "cron", "timeZone", "schedule", "secret", "mode", "absolutePath", "subpath"];

    private static void Walk(JToken token, string place, IReadOnlyCollection<string> definitions, List<string> problems)
    {
        if (token is not JObject schema)
        {
            problems.Add($"{place}: a schema must be an object; the validator throws on true and false");
            return;
        }

        if (schema["$ref"] is not null)
        {
            CheckReference(schema, place, definitions, problems);
            return;
        }

        var allowed = place == "#" ? Keywords.Concat(KindKeys) : Keywords;
        problems.AddRange(schema.Properties().Select(p => p.Name).Except(allowed).Select(k => $"{place}: the keyword '{k}' is ignored by the validator or unknown"));
        CheckTypes(schema, place, problems);
        foreach (var pattern in new[] { "pattern", "namePattern" }.Where(k => schema[k] is not null)) CheckPattern((string)schema[pattern]!, $"{place}/{pattern}", problems);
        foreach (var (container, explained) in new[] { ("properties", true), ("definitions", true), ("patternProperties", false) })
        {
            foreach (var child in (schema[container] as JObject)?.Properties() ?? [])
            {
                var at = $"{place}/{container}/{child.Name}";
                if (container == "patternProperties") CheckPattern(child.Name, at, problems);
                if (explained && child.Value is JObject { } value && value["$ref"] is null && string.IsNullOrWhiteSpace((string?)value["description"])) problems.Add($"{at}: has no description");
                Walk(child.Value, at, definitions, problems);
            }
        }

        foreach (var container in new[] { "oneOf", "anyOf", "allOf" })
        {
            if (schema[container] is not JArray branches) continue;
            for (var i = 0; i < branches.Count; i++) Walk(branches[i], $"{place}/{container}/{i}", definitions, problems);
        }

        if (schema["items"] is { } items) Walk(items, $"{place}/items", definitions, problems);
        if (schema["additionalProperties"] is { } additional and not JValue { Type: JTokenType.Boolean, Value: false }) Walk(additional, $"{place}/additionalProperties", definitions, problems);
    }

    private static void CheckReference(JObject schema, string place, IReadOnlyCollection<string> definitions, List<string> problems)
    {
        var target = (string?)schema["$ref"] ?? "";
        if (!target.StartsWith("#/definitions/", StringComparison.Ordinal) || !definitions.Contains(target["#/definitions/".Length..])) problems.Add($"{place}: '{target}' refers to nothing");
        problems.AddRange(schema.Properties().Select(p => p.Name).Except(BesideReference).Select(k => $"{place}: '{k}' beside a $ref is ignored by the validator"));
    }

    private static void CheckTypes(JObject schema, string place, List<string> problems)
    {
        var types = schema["type"] is JArray many ? many.Select(t => (string?)t ?? "").ToList() : schema["type"] is { } one ? [(string?)one ?? ""] : new List<string>();
        problems.AddRange(types.Except(Types).Select(t => $"{place}: the type '{t}' does not exist"));
        if ((types.Contains("object") || schema["properties"] is not null) && schema["additionalProperties"] is null && schema["oneOf"] is null)
        {
            problems.Add($"{place}: an object without additionalProperties lets misspelt fields pass");
        }

        if (types.Contains("array") && schema["items"] is null) problems.Add($"{place}: an array without items lets anything pass");
        if (schema["enum"] is { } allowed && (allowed is not JArray list || list.Count == 0)) problems.Add($"{place}: an enum is a list of at least one value");
        if (schema["pattern"] is not null && types.Count > 0 && !types.Contains("string")) problems.Add($"{place}: a pattern is obeyed for strings only");
    }

    private static void CheckPattern(string pattern, string place, List<string> problems)
    {
        try
        {
            _ = new Regex(pattern);
        }
        catch (ArgumentException e)
        {
            problems.Add($"{place}: {e.Message}");
        }

        if (pattern.Contains("\\d", StringComparison.Ordinal) || pattern.Contains("\\w", StringComparison.Ordinal)) problems.Add($"{place}: \\d and \\w match the digits and letters of every script here; write [0-9] or [A-Za-z0-9_]");
        if (!pattern.StartsWith('^') || !pattern.EndsWith('$')) problems.Add($"{place}: a pattern is matched anywhere in the text; anchor it with ^ and $");
    }
}

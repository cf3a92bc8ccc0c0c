using System.Globalization;

namespace NasGitOps.Core.Loading;

/// <summary>JSON types in words, and what to write instead of a value of the wrong one.</summary>
internal static class TypeWords
{
    public static bool Fits(IReadOnlyList<string> types, Node node)
    {
        if (types.Count == 0) return true;
        foreach (var type in types)
        {
            var fits = type switch
            {
                "object" => node is MapNode,
                "array" => node is ListNode,
                "string" => node is ScalarNode { Type: ScalarType.Text },
                "integer" => node is ScalarNode { Type: ScalarType.Integer },
                "number" => node is ScalarNode { Type: ScalarType.Integer or ScalarType.Number },
                "boolean" => node is ScalarNode { Type: ScalarType.Boolean },
                _ => node is ScalarNode { Type: ScalarType.Null },
            };
            if (fits) return true;
        }

        return false;
    }

    public static (string Message, string WayOut) Mismatch(SchemaView schema, Node node) => Mismatch(schema.Types, schema, node);

    public static (string Message, string WayOut) Mismatch(IReadOnlyList<string> types, SchemaView schema, Node node) =>
        ($"found {(types is ["object"] ? Unseen(node) : Found(node))} where {Wanted(types)} is wanted", WayOut(types, schema, node));

    public static string Wanted(IReadOnlyList<string> types) => string.Join(" or ", types.Select(type => type switch
    {
        "object" => "a mapping",
        "array" => "a list",
        "string" => "text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        _ => "nothing",
    }));

    /// <summary>Without the value: what stands where a mapping belongs may be a password in place of a reference to one.</summary>
    private static string Unseen(Node node) => node is ScalarNode { Type: not ScalarType.Null } ? "a single value" : Found(node);

    private static string Found(Node node) => node switch
    {
        MapNode => "a mapping",
        ListNode => "a list",
        ScalarNode { Type: ScalarType.Null } => "nothing",
        ScalarNode { Type: ScalarType.Boolean } scalar => $"the boolean {Show.Text(scalar.Text)}",
        ScalarNode { Type: ScalarType.Text } scalar => $"the text '{Show.Text(scalar.Text)}'",
        _ => $"the number {Show.Text(((ScalarNode)node).Text)}",
    };

    private static string WayOut(IReadOnlyList<string> types, SchemaView schema, Node node)
    {
        if (node is not ScalarNode scalar) return types.Contains("array") ? "write each value after a '- '" : schema.Description;
        if (scalar.Type == ScalarType.Null) return "give a value, or take the field out";
        if (scalar.Type == ScalarType.Boolean && types.Contains("string")) return $"write \"{SwitchWord(schema, (bool)scalar.Value!)}\"";
        if (types.Contains("string")) return $"quote it: \"{Show.Text(scalar.Text)}\"";
        if (types.Contains("array")) return $"write [{Show.Text(scalar.Text)}]";
        if (scalar.Type != ScalarType.Text) return schema.Description;
        if (types.Contains("boolean") && scalar.Text is "yes" or "on" or "true") return "write true";
        if (types.Contains("boolean") && scalar.Text is "no" or "off" or "false") return "write false";
        var isNumber = scalar.Quoted && CoreScalar.Resolve(scalar.Text).Type is ScalarType.Integer or ScalarType.Number;
        return isNumber && (types.Contains("integer") || types.Contains("number")) ? $"write {Show.Text(scalar.Text)} without quotes" : schema.Description;
    }

    /// <summary>How the field itself says yes or no: storage and shares know <c>on</c>/<c>off</c> or <c>yes</c>/<c>no</c>, never <c>true</c>.</summary>
    private static string SwitchWord(SchemaView schema, bool value)
    {
        var allowed = schema.Enum.Select(e => e.ToString()).ToHashSet(StringComparer.Ordinal);
        (string Yes, string No)[] pairs = [("on", "off"), ("yes", "no"), ("true", "false"), ("enabled", "disabled")];
        foreach (var (yes, no) in pairs)
        {
            if (allowed.Contains(value ? yes : no)) return value ? yes : no;
        }

        // A free text of a named field (a comment) may well be "true"; a value in a map of properties is a switch.
        var isNamed = schema.Site.Parent is Newtonsoft.Json.Linq.JProperty { Name: not "additionalProperties" };
        return isNamed ? value.ToString(CultureInfo.InvariantCulture).ToLowerInvariant() : value ? "on" : "off";
    }
}

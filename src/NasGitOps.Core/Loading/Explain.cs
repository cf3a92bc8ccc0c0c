using System.Text;

namespace NasGitOps.Core.Loading;

/// <summary>Documentation from the schemas, as plain text.</summary>
public static class Explain
{
    private const int Width = 100;

    /// <param name="query"><c>KIND</c> or <c>KIND.FIELD.FIELD…</c>, with or without <c>spec</c>; empty for the list of kinds. Case does not matter.</param>
    /// <param name="text">The documentation; else what is wrong with the query.</param>
    public static bool TryRender(KindSchemas schemas, string query, out string text)
    {
        var parts = query.Split('.', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length == 0)
        {
            text = ListKinds(schemas);
            return true;
        }

        var name = schemas.Kinds.FirstOrDefault(k => k.Equals(parts[0], StringComparison.OrdinalIgnoreCase));
        if (name is null || schemas.Find(name) is not { } schema)
        {
            text = $"unknown kind '{Show.Text(parts[0])}'{Nearest.Hint(parts[0], schemas.Kinds)}\nknown kinds: {Show.List(schemas.Kinds)}\n";
            return false;
        }

        var root = SchemaView.Of(schema.Full);
        if (parts.Length == 1)
        {
            text = RenderKind(schema, root);
            return true;
        }

        return TryRenderField(name, root, parts[1..], out text);
    }

    private static string ListKinds(KindSchemas schemas)
    {
        var output = new StringBuilder();
        var width = schemas.Kinds.Max(k => k.Length) + 2;
        foreach (var kind in schemas.Kinds) Wrap(output, SchemaView.Of(schemas.Find(kind)!.Full).Description, kind.PadRight(width), width);
        return output.ToString();
    }

    private static string RenderKind(KindSchema schema, SchemaView root)
    {
        var output = new StringBuilder();
        output.Append(schema.Kind).Append("\n\n");
        Wrap(output, root.Description, "  ", 2);
        output.Append("\nmetadata.name\n");
        Wrap(output, root.Property("metadata")!.Property("name")!.Description, "  ", 2);
        output.Append("\nspec\n");
        AppendFields(output, root.Property("spec")!);
        if (schema.Example.Length > 0) output.Append("\nexample\n").Append(Indent(schema.Example));
        return output.ToString();
    }

    private static bool TryRenderField(string kind, SchemaView root, IReadOnlyList<string> parts, out string text)
    {
        var first = root.PropertyNames.Contains(parts[0], StringComparer.OrdinalIgnoreCase);
        var view = first ? root : root.Property("spec")!;
        var path = first ? kind : $"{kind}.spec";
        var required = false;
        foreach (var part in parts)
        {
            var fields = Fields(view);
            var match = fields.FirstOrDefault(f => f.Name.Equals(part, StringComparison.OrdinalIgnoreCase));
            if (match.View is null)
            {
                text = $"{path} has no field '{Show.Text(part)}'{Nearest.Hint(part, fields.Select(f => f.Name))}\n"
                    + (fields.Count == 0 ? "it has no fields\n" : $"its fields: {Show.List(fields.Select(f => f.Name))}\n");
                return false;
            }

            (view, required) = (match.View, match.Required);
            path += $".{match.Name}";
        }

        text = RenderField(path, view, required);
        return true;
    }

    private static string RenderField(string path, SchemaView view, bool required)
    {
        var output = new StringBuilder();
        output.Append(path).Append("  ").Append(Kind(view)).Append(required ? ", required" : "").Append("\n\n");
        Wrap(output, view.Description, "  ", 2);
        if (view.Enum.Count > 0) Wrap(output, $"allowed: {string.Join(", ", view.Enum)}", "  ", 2);
        if (view.Default is { } value) Wrap(output, $"default: {value.ToString(Newtonsoft.Json.Formatting.None)}", "  ", 2);
        var limits = new[] { "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems" }.Where(k => view.Number(k) is not null).Select(k => $"{k} {view.Number(k)}");
        if (string.Join(", ", limits) is { Length: > 0 } shown) Wrap(output, shown, "  ", 2);
        if (view.Text("patternMessage") is { } message) Wrap(output, $"a wrong one is refused: {path[(path.LastIndexOf('.') + 1)..]} '…' {message}", "  ", 2);
        if (Fields(view).Count == 0) return output.ToString();
        output.Append("\nfields\n");
        AppendFields(output, view);
        return output.ToString();
    }

    private static void AppendFields(StringBuilder output, SchemaView view)
    {
        foreach (var (name, field, required) in Fields(view))
        {
            output.Append("  ").Append(name).Append("  ").Append(Kind(field));
            if (required) output.Append(", required");
            if (field.Enum.Count > 0) output.Append(": ").AppendJoin(" | ", field.Enum);
            if (field.Default is { } value) output.Append(" (default ").Append(value.ToString(Newtonsoft.Json.Formatting.None)).Append(')');
            output.Append('\n');
            Wrap(output, field.Description, "      ", 6);
        }
    }

    /// <summary>The fields below: a list's are those of its entries, a free map's is <c>*</c>, and alternatives are joined.</summary>
    private static IReadOnlyList<(string Name, SchemaView View, bool Required)> Fields(SchemaView view)
    {
        if (view.Items is { } items) return Fields(items);
        var own = view.PropertyNames.Select(name => (Name: name, View: view.Property(name)!, Required: view.Required.Contains(name)));
        if (view.MapValue is { } value) own = own.Append(("*", value, false));
        var alternatives = view.Branches("oneOf").Concat(view.Branches("anyOf")).SelectMany(Fields).Select(f => f with { Required = false });
        return own.Concat(alternatives).DistinctBy(f => f.Name).ToList();
    }

    private static string Kind(SchemaView view)
    {
        if (view.Items is { } items) return $"list of {Kind(items)}";
        if (view.Types.Count > 0) return TypeWords.Wanted(view.Types);
        var branches = view.Branches("oneOf").Concat(view.Branches("anyOf")).Select(Kind).Where(k => k.Length > 0).Distinct().ToList();
        return branches.Count > 0 ? string.Join(" or ", branches) : "any value";
    }

    private static string Indent(string text) => string.Concat(text.TrimEnd().Split('\n').Select(line => $"  {line}\n"));

    private static void Wrap(StringBuilder output, string text, string start, int indent)
    {
        var line = new StringBuilder(start);
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > indent && line.Length + word.Length + 1 > Width)
            {
                output.Append(line.ToString().TrimEnd()).Append('\n');
                line.Clear().Append(' ', indent);
            }

            if (line.Length > indent) line.Append(' ');
            line.Append(word);
        }

        output.Append(line.ToString().TrimEnd()).Append('\n');
    }
}

using System.Reflection;
using System.Text.RegularExpressions;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using NJsonSchema;
using NJsonSchema.Validation;

namespace NasGitOps.Core.Loading;

/// <summary>The JSON Schemas of the kinds; each is read and composed when it is first used.</summary>
public sealed class KindSchemas
{
    private readonly SortedDictionary<string, Lazy<KindSchema>> byKind = new(StringComparer.Ordinal);

    /// <param name="kinds">The names of the kinds.</param>
    /// <param name="read">Gives the text of a kind's schema of <c>spec</c>; the convention is in docs/contributing.md.</param>
    public KindSchemas(IEnumerable<string> kinds, Func<string, string> read)
    {
        foreach (var kind in kinds) byKind[kind] = new Lazy<KindSchema>(() => new KindSchema(kind, JObject.Parse(read(kind))));
    }

    public IReadOnlyCollection<string> Kinds => byKind.Keys;

    /// <summary>Schemas embedded in an assembly as <c>&lt;kind-lowercase&gt;.schema.json</c>.</summary>
    public static KindSchemas Embedded(Assembly assembly, IEnumerable<string> kinds) => new(kinds, kind =>
    {
        var resource = $"{kind.ToLowerInvariant()}.schema.json";
        using var stream = assembly.GetManifestResourceStream(resource) ?? throw new InvalidOperationException($"{assembly.GetName().Name} embeds no {resource}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });

    /// <summary>The schema of a whole document of this kind, for editors; null for a kind that there is not.</summary>
    public string? Full(string kind) => Find(kind)?.Full.ToString(Formatting.Indented);

    /// <summary>One schema for documents of all kinds, for editors.</summary>
    public string Combined() => SchemaComposer.Combine(byKind.Select(k => (k.Key, k.Value.Value.Full))).ToString(Formatting.Indented);

    internal KindSchema? Find(string kind) => byKind.TryGetValue(kind, out var schema) ? schema.Value : null;
}

/// <summary>One kind's schema in the forms that are needed.</summary>
internal sealed class KindSchema
{
    private static readonly JsonSchemaValidator Validator = MakeValidator();

    private readonly Lazy<JsonSchema> compiled;

    static KindSchema()
    {
        // The validator matches through the static cache, whose 15 entries would be thrown out again and again.
        Regex.CacheSize = Math.Max(Regex.CacheSize, 512);
    }

    public KindSchema(string kind, JObject own)
    {
        Kind = kind;
        Full = SchemaComposer.Compose(kind, own);
        Strict = SchemaComposer.ForValidator(Full);
        compiled = new Lazy<JsonSchema>(() => JsonSchema.FromJsonAsync(Strict.ToString(Formatting.None)).GetAwaiter().GetResult());
    }

    public string Kind { get; }

    /// <summary>As published.</summary>
    public JObject Full { get; }

    /// <summary>As validated.</summary>
    public JObject Strict { get; }

    /// <summary>The first example document; empty where there is none.</summary>
    public string Example => (string?)(Full["examples"] as JArray)?.FirstOrDefault() ?? "";

    /// <summary>What the validator finds; empty for a valid document. Messages for people come from <see cref="SchemaFaults"/>.</summary>
    public ICollection<ValidationError> Validate(JToken document)
        => Validator.Validate(document, compiled.Value, SchemaType.JsonSchema);

    private static JsonSchemaValidator MakeValidator()
    {
        var settings = new JsonSchemaValidatorSettings();
        foreach (var format in Formats.Validators) settings.AddCustomFormatValidator(format);
        return new JsonSchemaValidator(settings);
    }
}

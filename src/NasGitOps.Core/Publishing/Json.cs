using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Publishing;

/// <summary>How values are written for programs: camel case names, absent nulls, resources as <c>Kind/name</c> where they are keys.</summary>
public static class Json
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        Converters = { new ResourceIdConverter(), new JsonStringEnumConverter() },
    };

    public static JsonNode ToNode<T>(T value) => JsonSerializer.SerializeToNode(value, Options)!;

    /// <exception cref="FormatException">The document has another shape.</exception>
    public static T FromNode<T>(JsonNode? node)
    {
        try
        {
            return node.Deserialize<T>(Options) ?? throw new FormatException("the document is empty");
        }
        catch (JsonException e)
        {
            throw new FormatException($"{e.Path}: {e.Message}", e);
        }
    }

    private sealed class ResourceIdConverter : JsonConverter<ResourceId>
    {
        public override ResourceId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Parse(reader.GetString());

        public override void Write(Utf8JsonWriter writer, ResourceId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());

        public override ResourceId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Parse(reader.GetString());

        public override void WriteAsPropertyName(Utf8JsonWriter writer, ResourceId value, JsonSerializerOptions options) => writer.WritePropertyName(value.ToString());

        private static ResourceId Parse(string? text) => ResourceId.TryParse(text ?? "") ?? throw new JsonException($"'{text}' is no KIND/NAME");
    }
}

using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace NasGitOps.State;

/// <summary>Reads what the agent keeps for itself. The serializer refuses null for what may not be null, but not within lists and maps: a file that was damaged so is damaged too.</summary>
internal static class WholeJson
{
    /// <summary>Of objects that are maps: theirs alone may not hold null either.</summary>
    private static readonly HashSet<string> Maps = ["fields", "secretFingerprints", "resourceConditions"];

    /// <exception cref="JsonException">It is no JSON, not of this shape, or has null where an element should be.</exception>
    public static T Read<T>(byte[] json, JsonTypeInfo<T> type)
    {
        using var document = JsonDocument.Parse(json);
        if (HasHole(document.RootElement, isMap: false)) throw new JsonException("a list or map in it holds null");
        return document.Deserialize(type) ?? throw new JsonException("it is null");
    }

    private static bool HasHole(JsonElement element, bool isMap) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().Any(e => e.ValueKind == JsonValueKind.Null || HasHole(e, isMap: false)),
        JsonValueKind.Object => element.EnumerateObject().Any(p => (isMap && p.Value.ValueKind == JsonValueKind.Null) || HasHole(p.Value, Maps.Contains(p.Name))),
        _ => false,
    };
}

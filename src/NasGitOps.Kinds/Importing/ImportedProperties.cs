using System.Text.Json.Nodes;
using NasGitOps.Core.Importing;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Importing;

/// <summary>Properties that were set on the host, as manifests write them.</summary>
internal static class ImportedProperties
{
    // Fixed at creation and told without a source: only what nobody gets by himself is worth a line.
    private static readonly Dictionary<string, string> Usual = new() { ["casesensitivity"] = "sensitive", ["normalization"] = "none", ["utf8only"] = "off", ["volblocksize"] = "16384", ["nocow"] = "off" };

    /// <summary>Properties without a field of their own that are set here, in the order of their names; null where there are none.</summary>
    public static JsonObject? Of(IStorageBackend backend, IReadOnlyDictionary<string, PropertyValue> properties, Func<string, PropertyTraits?> find)
    {
        var set = properties
            .Where(p => find(p.Key) is { OwnField: null } traits && traits.Complaint(p.Value.Value) is null && IsSet(p.Key, p.Value, traits))
            .OrderBy(p => p.Key, StringComparer.Ordinal)
            .ToList();
        return set.Count == 0 ? null : new JsonObject(set.Select(p => KeyValuePair.Create<string, JsonNode?>(p.Key, Value(p.Value.Value, backend.DatasetProperty(p.Key)))));
    }

    /// <summary>Bytes as people write them, where that is exact.</summary>
    public static string Size(string bytes)
    {
        if (!ulong.TryParse(bytes, out var number) || number < 1024) return bytes;
        var text = new ByteSize(number).ToString().Replace(" ", "", StringComparison.Ordinal);
        return ByteSize.TryParse(text, out var size) && size.Bytes == number ? text : bytes;
    }

    public static bool IsSetHere(PropertyValue? value) => value?.Source is PropertyValue.Local or PropertyValue.Received;

    private static bool IsSet(string name, PropertyValue value, PropertyTraits traits) =>
        traits.CreateOnly ? Usual.TryGetValue(name, out var usual) && usual != value.Value : IsSetHere(value) && (traits.Inheritable || value.Value != (traits.Unset ?? "0"));

    /// <summary>recordsize and its like are told in bytes.</summary>
    private static JsonValue Value(string value, PropertyTraits? traits) =>
        JsonValue.Create(traits is not null && traits.Canonical("1K") == "1024" ? Size(value) : value)!;
}

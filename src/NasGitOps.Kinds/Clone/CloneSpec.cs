using System.Globalization;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Storage;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.Clone;

/// <summary>A clone as its manifest wants it: one of <paramref name="Snapshot"/>, <paramref name="Latest"/> and <paramref name="Before"/> says of which snapshot.</summary>
/// <param name="Source">The dataset whose snapshot is cloned.</param>
/// <param name="Snapshot">Its name behind the <c>@</c>.</param>
/// <param name="Before">The newest snapshot that was made at or before this time.</param>
/// <param name="Properties">Canonical; atime among them.</param>
/// <param name="ExpiresAfter">Counted from its creation; null for never.</param>
public sealed record CloneSpec(
    string Name, string Source, string? Snapshot, bool Latest, DateTimeOffset? Before, IReadOnlyDictionary<string, string> Properties, TimeSpan? ExpiresAfter)
    : ResourceSpec, IDatasetDeclaration, IPropertyHolder, ITemporary, IExpiring
{
    internal StorageSystem? Storage { get; private init; }

    public string DatasetName => Name;

    public string? Mountpoint => null;

    /// <summary>Volumes are refused.</summary>
    public bool IsFilesystem => true;

    public IReadOnlyDictionary<string, string> DatasetProperties => Properties;

    public IReadOnlyList<string> WatchedPaths => [];

    public IReadOnlyList<string> ExtraProperties => [.. Properties.Keys.Where(p => p.Contains(':', StringComparison.Ordinal))];

    /// <summary>What the manifest says of its source, as one text.</summary>
    public string From => Snapshot is not null ? $"{Source}@{Snapshot}" : Before is { } time ? $"{Source} before {Time(time)}" : $"{Source} latest";

    public static CloneSpec Parse(string name, JObject spec, StorageSystem storage)
    {
        var from = spec["from"] as JObject ?? [];
        var properties = (spec["properties"] as JObject)?.Properties().ToDictionary(p => p.Name, p => storage.Canonical(p.Name, p.Value.ToString())) ?? [];
        // Reading the clone alone would write access times, and then it would not look as it was made.
        properties.TryAdd("atime", "off");
        return new CloneSpec(
            name,
            from.Value<string>("dataset") ?? "",
            from.Value<string>("snapshot"),
            from.Value<bool?>("latest") ?? false,
            TryTime(from.Value<string>("before"), out var before) ? before : null,
            properties,
            Duration.TryParse(spec.Value<string>("expiresAfter") ?? "", out var expires) ? expires : null)
        { Storage = storage };
    }

    public bool IsOver(ResourceId id, PlanInput input) => CloneLives.Of(id, this, input) is CloneLife.Ending or CloneLife.Over;

    internal static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>RFC 3339, with its offset: a time without one would mean something else on another host.</summary>
    internal static bool TryTime(string? text, out DateTimeOffset time)
    {
        time = default;
        return text is not null && (text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-'))
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }
}

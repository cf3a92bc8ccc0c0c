using NasGitOps.Core.Manifests;
using NasGitOps.Core.Snapshots;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.SnapshotSchedule;

/// <summary>A schedule as its manifest wants it; the applied record keeps all of it, so that jobs follow what was applied.</summary>
/// <param name="Exclude">Datasets that are left out with all below them.</param>
/// <param name="IncludeVolumes">Whether volumes below are taken too; one that is named always is.</param>
/// <param name="NameFormat">As written, or the default.</param>
/// <param name="PreHook">A hook of the host's own configuration, by name; null for none.</param>
public sealed record SnapshotScheduleSpec(
    string Name,
    IReadOnlyList<string> Datasets,
    bool Recursive,
    bool IncludeVolumes,
    IReadOnlyList<string> Exclude,
    string Cron,
    string TimeZone,
    string NameFormat,
    RetentionPolicy Retention,
    string? PreHook,
    string? PostHook) : ResourceSpec, ISnapshotSource
{
    private const string Separator = ", ";

    public IEnumerable<string> Hooks => new[] { PreHook, PostHook }.OfType<string>();

    public IReadOnlyList<string> Pools => [.. Datasets.Select(d => d.Split('/')[0]).Distinct().Order(StringComparer.Ordinal)];

    /// <exception cref="FormatException">It was not checked.</exception>
    public Schedule Schedule => Core.Manifests.Schedule.TryParse(Cron, TimeZone, out var schedule, out var error) ? schedule : throw new FormatException(error);

    public static SnapshotScheduleSpec Parse(string name, JObject spec)
    {
        var retention = spec["retention"] as JObject ?? [];
        return new SnapshotScheduleSpec(
            name,
            Texts(spec["datasets"]),
            spec.Value<bool?>("recursive") ?? false,
            spec.Value<bool?>("includeVolumes") ?? false,
            Texts(spec["exclude"]),
            spec.Value<string>("cron") ?? "",
            spec.Value<string>("timeZone") ?? Core.Manifests.Schedule.Utc,
            spec.Value<string>("nameFormat") ?? SnapshotNameFormat.Default(name),
            new RetentionPolicy(
                Number(retention, "keepLast"), Number(retention, "keepHourly"), Number(retention, "keepDaily"), Number(retention, "keepWeekly"), Number(retention, "keepMonthly"),
                Number(retention, "keepYearly"), Duration.TryParse(retention.Value<string>("keepWithin") ?? "", out var within) ? within : null),
            (string?)spec.SelectToken("hooks.pre"),
            (string?)spec.SelectToken("hooks.post"));
    }

    /// <summary>Whether the schedule takes snapshots of a dataset that lies on the host.</summary>
    public bool Covers(string dataset) =>
        Datasets.Any(root => root == dataset || (Recursive && Core.Planning.DatasetPaths.IsBelow(dataset, root)))
        && !Exclude.Any(e => e == dataset || Core.Planning.DatasetPaths.IsBelow(dataset, e));

    /// <summary>The datasets to snapshot, of those that there are.</summary>
    public IReadOnlyList<string> Targets(IEnumerable<SnapshotTarget> there) =>
        [.. there.Where(t => Covers(t.Dataset) && (Datasets.Contains(t.Dataset) || (!t.IsClone && (IncludeVolumes || !t.IsVolume)))).Select(t => t.Dataset).Order(StringComparer.Ordinal)];

    /// <summary>Everything of it as the fields of an applied record.</summary>
    public IReadOnlyDictionary<string, string> ToFields()
    {
        var fields = new Dictionary<string, string>
        {
            ["datasets"] = string.Join(Separator, Datasets.Order(StringComparer.Ordinal)),
            ["cron"] = Cron,
            ["timeZone"] = TimeZone,
            ["nameFormat"] = NameFormat,
        };
        if (Recursive) fields["recursive"] = "yes";
        if (IncludeVolumes) fields["includeVolumes"] = "yes";
        if (Exclude.Count > 0) fields["exclude"] = string.Join(Separator, Exclude.Order(StringComparer.Ordinal));
        if (PreHook is not null) fields["hooks.pre"] = PreHook;
        if (PostHook is not null) fields["hooks.post"] = PostHook;
        foreach (var (name, value) in Retention.Fields) fields[$"retention.{name}"] = value;
        return fields;
    }

    /// <summary>The schedule behind a record; null where the record holds none that can be run.</summary>
    public static SnapshotScheduleSpec? FromFields(string name, IReadOnlyDictionary<string, string> fields)
    {
        var policy = new RetentionPolicy(
            Number(fields, "keepLast"), Number(fields, "keepHourly"), Number(fields, "keepDaily"), Number(fields, "keepWeekly"), Number(fields, "keepMonthly"), Number(fields, "keepYearly"),
            Duration.TryParse(fields.GetValueOrDefault("retention.keepWithin", ""), out var within) ? within : null);
        var spec = new SnapshotScheduleSpec(
            name, List("datasets"), fields.ContainsKey("recursive"), fields.ContainsKey("includeVolumes"), List("exclude"),
            fields.GetValueOrDefault("cron", ""), fields.GetValueOrDefault("timeZone", ""), fields.GetValueOrDefault("nameFormat", ""), policy,
            fields.GetValueOrDefault("hooks.pre"), fields.GetValueOrDefault("hooks.post"));
        var canRun = Core.Manifests.Schedule.TryParse(spec.Cron, spec.TimeZone, out _, out _) && SnapshotNameFormat.TryParse(spec.NameFormat, out _, out _) && policy.HasRule;
        return canRun ? spec : null;

        IReadOnlyList<string> List(string field) => fields.GetValueOrDefault(field, "").Split(Separator, StringSplitOptions.RemoveEmptyEntries);
    }

    private static int Number(JObject map, string name) => map.Value<int?>(name) ?? 0;

    private static int Number(IReadOnlyDictionary<string, string> fields, string name) =>
        int.TryParse(fields.GetValueOrDefault($"retention.{name}"), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static List<string> Texts(JToken? list) => [.. (list as JArray ?? []).Select(t => t.Value<string>() ?? "").Distinct()];
}

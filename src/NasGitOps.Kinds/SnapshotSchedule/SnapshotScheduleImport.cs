using System.Text.Json.Nodes;
using NasGitOps.Core.Importing;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using Row = System.Collections.Generic.IReadOnlyDictionary<string, string>;

namespace NasGitOps.Kinds.SnapshotSchedule;

/// <summary>sanoid.conf as schedules: one for all datasets that sanoid treats alike.</summary>
/// <remarks>
/// sanoid takes a snapshot for each interval and keeps each by its age. Here one schedule fires at the finest interval, and retention keeps the newest of each hour, day, week and
/// month: as many restore points, from a third of the snapshots.
/// </remarks>
internal static class SnapshotScheduleImport
{
    public const string Table = "sanoid";

    private static readonly Dictionary<string, string> Rules = new() { ["frequently"] = "keepLast", ["hourly"] = "keepHourly", ["daily"] = "keepDaily", ["weekly"] = "keepWeekly", ["monthly"] = "keepMonthly", ["yearly"] = "keepYearly" };
    private static readonly string[] Scripts = ["pre_snapshot_script", "post_snapshot_script", "pruning_script"];

    public static ImportOffer Of(ImportContext context)
    {
        var sections = Sections(context.Observed);
        var datasets = context.Earlier.Where(e => e.Id.Kind is "Dataset" or "Pool").Select(e => e.Id.Name).ToList();
        var policies = SanoidConf.Resolve(sections, datasets);
        var leftOut = policies.Where(p => Refusal(p.Value) is not null).GroupBy(p => p.Value.Section).Select(g => new LeftOut($"section [{g.Key}] of {SanoidConf.Path}", Refusal(g.First().Value)!))
            .Concat(sections.Keys.Where(s => !s.StartsWith("template_", StringComparison.Ordinal) && policies.Values.All(p => p.Section != s)).Select(s => new LeftOut($"section [{s}] of {SanoidConf.Path}", "its dataset is not among those that are described")));
        var manifests = new List<Imported>();
        foreach (var group in policies.Where(p => Refusal(p.Value) is null).GroupBy(p => Key(p.Value)).OrderBy(g => g.Min(p => p.Key), StringComparer.Ordinal))
        {
            var policy = group.OrderBy(p => p.Key, StringComparer.Ordinal).First().Value;
            manifests.Add(Manifest(Unique(NameOf(policy, sections), manifests), policy, [.. group.Select(p => p.Key).Order(StringComparer.Ordinal)], datasets, isFirst: manifests.Count == 0));
        }

        return new ImportOffer(manifests, [.. leftOut]);
    }

    /// <summary>The sections of sanoid.conf; empty where there is none.</summary>
    public static IReadOnlyDictionary<string, Row> Sections(Observed observed) => observed.Facts(SnapshotScheduleKind.KindName).Value?.Table(Table) ?? new Dictionary<string, Row>();

    private static string? Refusal(SanoidPolicy policy)
    {
        if (!policy.Snapshots) return "it takes no snapshots (autosnap, or every count, is off), and a schedule prunes only what it took itself";
        return policy.Prunes ? null : "it never prunes (autoprune is off), and a schedule must say what it keeps";
    }

    private static Imported Manifest(string name, SanoidPolicy policy, IReadOnlyList<string> covered, IReadOnlyList<string> datasets, bool isFirst)
    {
        var (roots, exclude, recursive) = Trees(covered, datasets);
        var spec = new JsonObject { ["datasets"] = Texts(roots) };
        if (recursive)
        {
            spec["recursive"] = true;
            spec["includeVolumes"] = true;
        }

        if (exclude.Count > 0) spec["exclude"] = Texts(exclude);
        spec["cron"] = Cron(policy);
        spec["retention"] = new JsonObject(SanoidPolicy.Intervals.Where(i => policy.Number(i) > 0).Select(i => KeyValuePair.Create<string, JsonNode?>(Rules[i], policy.Number(i))));
        var said = string.Join(' ', SanoidPolicy.Intervals.Where(i => policy.Number(i) > 0).Select(i => $"{i}={policy.Number(i)}"));
        var comments = new List<string>
        {
            $"sanoid.conf, section [{policy.Section}]: {said}. One schedule at its finest interval, in UTC as Debian runs sanoid; the newest of each period is what stays of it.",
        };
        if (recursive) comments.Add("Datasets that are made below later are taken too.");
        comments.AddRange(Scripts.Where(s => policy.Values.GetValueOrDefault(s) is { Length: > 0 }).Select(s => $"{s} = {policy.Values[s]} left out: name the program under hooks in agent.yaml, and that name here."));
        if (isFirst) comments.AddRange(["When this is applied: systemctl disable --now sanoid.timer", "Snapshots named autosnap_… were made by sanoid: nothing here prunes them, and with its timer off nobody does."]);
        return new Imported(new ResourceId(SnapshotScheduleKind.KindName, name), spec, comments);
    }

    /// <summary>As whole trees where these hold nothing else, or only whole trees of others; else each dataset by itself.</summary>
    private static (IReadOnlyList<string> Roots, IReadOnlyList<string> Exclude, bool Recursive) Trees(IReadOnlyList<string> covered, IReadOnlyList<string> datasets)
    {
        var all = covered.ToHashSet(StringComparer.Ordinal);
        var roots = covered.Where(d => !covered.Any(c => DatasetPaths.IsBelow(d, c))).ToList();
        var others = datasets.Where(d => !all.Contains(d) && roots.Any(r => DatasetPaths.IsBelow(d, r))).ToList();
        var exclude = others.Where(d => !others.Any(o => DatasetPaths.IsBelow(d, o))).Order(StringComparer.Ordinal).ToList();
        var hidesOwn = exclude.Any(e => covered.Any(c => DatasetPaths.IsBelow(c, e)));
        var isFlat = covered.Count == roots.Count;
        return hidesOwn || isFlat ? (covered, [], false) : (roots, exclude, true);
    }

    private static string Cron(SanoidPolicy policy)
    {
        int N(string name) => policy.Number(name);
        if (N("frequently") > 0) return $"*/{Math.Clamp(N("frequent_period"), 1, 59)} * * * *";
        if (N("hourly") > 0) return $"{N("hourly_min")} * * * *";
        if (N("daily") > 0) return $"{N("daily_min")} {N("daily_hour")} * * *";
        if (N("weekly") > 0) return $"{N("weekly_min")} {N("weekly_hour")} * * {N("weekly_wday") % 7}";
        if (N("monthly") > 0) return $"{N("monthly_min")} {N("monthly_hour")} {Math.Max(1, N("monthly_mday"))} * *";
        return $"{N("yearly_min")} {N("yearly_hour")} {Math.Max(1, N("yearly_mday"))} {Math.Max(1, N("yearly_mon"))} *";
    }

    /// <summary>Whatever makes a difference to a schedule.</summary>
    private static string Key(SanoidPolicy policy) => $"{Cron(policy)} {string.Join(' ', SanoidPolicy.Intervals.Select(policy.Number))} {string.Join(' ', Scripts.Select(s => policy.Values.GetValueOrDefault(s)))}";

    private static string NameOf(SanoidPolicy policy, IReadOnlyDictionary<string, Row> sections)
    {
        var name = SanoidConf.TemplatesOf(sections[policy.Section]).LastOrDefault() ?? policy.Section[(policy.Section.LastIndexOf('/') + 1)..];
        var plain = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' ? c : '-')).TrimStart('_', '.', '-');
        return plain.Length == 0 ? "snapshots" : plain;
    }

    private static string Unique(string name, List<Imported> taken)
    {
        var unique = name;
        for (var i = 2; taken.Exists(t => t.Id.Name == unique); i++) unique = $"{name}-{i}";
        return unique;
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode?)t)]);
}

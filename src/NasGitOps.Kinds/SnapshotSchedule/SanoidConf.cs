using System.Globalization;
using NasGitOps.Core.Planning;
using Sections = System.Collections.Generic.IReadOnlyDictionary<string, System.Collections.Generic.IReadOnlyDictionary<string, string>>;

namespace NasGitOps.Kinds.SnapshotSchedule;

/// <summary>What sanoid does with one dataset.</summary>
/// <param name="Section">The section of sanoid.conf that says so.</param>
/// <param name="Values">Its settings: from sanoid's own defaults, the section above, templates and the section itself.</param>
internal sealed record SanoidPolicy(string Section, IReadOnlyDictionary<string, string> Values)
{
    public bool Snapshots => SanoidConf.IsTrue(Values.GetValueOrDefault("autosnap")) && Intervals.Any(i => Number(i) > 0);

    public bool Prunes => SanoidConf.IsTrue(Values.GetValueOrDefault("autoprune"));

    public static IReadOnlyList<string> Intervals { get; } = ["frequently", "hourly", "daily", "weekly", "monthly", "yearly"];

    public int Number(string name) => int.TryParse(Values.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}

/// <summary>Reads <c>/etc/sanoid/sanoid.conf</c> and works out what sanoid does with each dataset. Source: sanoid's wiki, its sample file and its defaults, version 2.2.</summary>
internal static class SanoidConf
{
    public const string Path = "/etc/sanoid/sanoid.conf";

    private const string Template = "template_";

    /// <summary>As sanoid.defaults.conf has them, those that matter here.</summary>
    private static readonly Dictionary<string, string> Defaults = (
        "autosnap=yes autoprune=yes frequently=0 frequent_period=15 hourly=48 daily=90 weekly=0 monthly=6 yearly=0 "
        + "hourly_min=0 daily_hour=23 daily_min=59 weekly_wday=1 weekly_hour=23 weekly_min=30 monthly_mday=1 monthly_hour=0 monthly_min=0 "
        + "yearly_mon=1 yearly_mday=1 yearly_hour=0 yearly_min=0")
        .Split(' ').Select(p => p.Split('=')).ToDictionary(p => p[0], p => p[1]);

    // They say how a section is read and are handed to no dataset.
    private static readonly HashSet<string> OfSection = ["use_template", "recursive", "process_children_only", "skip_children", "path"];

    /// <summary>Sections with their settings, as written.</summary>
    public static Sections Parse(string text)
    {
        var sections = new Dictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.Ordinal);
        Dictionary<string, string>? current = null;
        foreach (var line in text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] is not ('#' or ';')))
        {
            if (line.StartsWith('[') && line.EndsWith(']'))
            {
                var name = line[1..^1].Trim();
                current = sections.GetValueOrDefault(name) as Dictionary<string, string> ?? new(StringComparer.Ordinal);
                sections[name] = current;
            }
            else if (current is not null && line.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
            {
                current[line[..equals].Trim()] = line[(equals + 1)..].Trim();
            }
        }

        return sections;
    }

    /// <summary>What sanoid does with each dataset; those that it leaves alone are missing.</summary>
    /// <param name="datasets">All that there are.</param>
    public static IReadOnlyDictionary<string, SanoidPolicy> Resolve(Sections sections, IReadOnlyCollection<string> datasets)
    {
        var policies = new Dictionary<string, SanoidPolicy>(StringComparer.Ordinal);
        var alone = new HashSet<string>(StringComparer.Ordinal);
        // Parents first: a section below a recursive one only overrides what it names.
        foreach (var name in sections.Keys.Where(s => !s.StartsWith(Template, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var section = sections[name];
            var values = new Dictionary<string, string>(policies.GetValueOrDefault(name)?.Values ?? Merged(Defaults, sections.GetValueOrDefault(Template + "default")), StringComparer.Ordinal);
            foreach (var template in TemplatesOf(section)) values = Merged(values, sections.GetValueOrDefault(Template + template));
            var policy = new SanoidPolicy(name, Merged(values, section));
            var path = section.GetValueOrDefault("path") is { Length: > 0 } other ? other : name;
            if (IsRecursive(section))
            {
                foreach (var below in datasets.Where(d => DatasetPaths.IsBelow(d, path))) policies[below] = policy;
            }

            if (datasets.Contains(path)) policies[path] = policy;
            if (IsTrue(section.GetValueOrDefault("process_children_only"))) alone.Add(path);
        }

        return policies.Where(p => !alone.Contains(p.Key)).ToDictionary(p => p.Key, p => p.Value);
    }

    public static IEnumerable<string> TemplatesOf(IReadOnlyDictionary<string, string> section) => section.GetValueOrDefault("use_template", "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    public static bool IsTrue(string? value) => value?.ToLowerInvariant() is "1" or "true" or "yes" or "on";

    private static bool IsRecursive(IReadOnlyDictionary<string, string> section) => section.GetValueOrDefault("recursive") is { } value && (IsTrue(value) || value.Equals("zfs", StringComparison.OrdinalIgnoreCase));

    private static Dictionary<string, string> Merged(Dictionary<string, string> values, IReadOnlyDictionary<string, string>? more)
    {
        var merged = new Dictionary<string, string>(values, StringComparer.Ordinal);
        foreach (var (name, value) in more?.Where(m => !OfSection.Contains(m.Key)) ?? []) merged[name] = value;
        return merged;
    }
}

using System.Globalization;
using System.Text;

namespace NasGitOps.Web;

internal enum MetricType
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>All series of one name.</summary>
internal sealed record MetricFamily(string Name, string Help, MetricType Type, IReadOnlyList<MetricSeries> Series);

/// <summary>One combination of labels.</summary>
/// <param name="Value">The value; for a histogram the sum of all observations.</param>
/// <param name="Buckets">For a histogram: observations by bucket, not cumulated.</param>
internal sealed record MetricSeries(IReadOnlyList<KeyValuePair<string, string>> Labels, double Value, BucketCounts? Buckets = null);

/// <param name="Bounds">Upper bounds, inclusive and ascending.</param>
/// <param name="Counts">One more than bounds: the last is for everything above.</param>
internal sealed record BucketCounts(IReadOnlyList<double> Bounds, IReadOnlyList<long> Counts);

/// <summary>The text that Prometheus reads, version 0.0.4. Source: prometheus.io/docs/instrumenting/exposition_formats.</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Families by name and series by labels, so that two scrapes of the same state are the same text.</summary>
    public static string Write(IEnumerable<MetricFamily> families)
    {
        var text = new StringBuilder();
        foreach (var family in families.Where(f => f.Series.Count > 0).OrderBy(f => f.Name, StringComparer.Ordinal)) Write(text, family);
        return text.ToString();
    }

    /// <summary><c>{tool="zfs",result="ok"}</c>, or nothing without labels. Also what tells two series apart.</summary>
    public static string Labels(IReadOnlyList<KeyValuePair<string, string>> labels) =>
        labels.Count == 0 ? "" : $"{{{string.Join(',', labels.Select(l => $"{l.Key}=\"{Escaped(l.Value)}\""))}}}";

    private static void Write(StringBuilder text, MetricFamily family)
    {
        text.Append("# HELP ").Append(family.Name).Append(' ').Append(family.Help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n');
        text.Append("# TYPE ").Append(family.Name).Append(' ').Append(family.Type.ToString().ToLowerInvariant()).Append('\n');
        foreach (var series in family.Series.OrderBy(s => Labels(s.Labels), StringComparer.Ordinal))
        {
            if (series.Buckets is { } buckets) Write(text, family.Name, series, buckets);
            else Line(text, family.Name, series.Labels, Number(series.Value));
        }
    }

    private static void Write(StringBuilder text, string name, MetricSeries series, BucketCounts buckets)
    {
        var count = 0L;
        for (var i = 0; i < buckets.Counts.Count; i++)
        {
            count += buckets.Counts[i];
            var bound = i < buckets.Bounds.Count ? buckets.Bounds[i] : double.PositiveInfinity;
            Line(text, name + "_bucket", [.. series.Labels, new("le", Number(bound))], Number(count));
        }

        Line(text, name + "_sum", series.Labels, Number(series.Value));
        Line(text, name + "_count", series.Labels, Number(count));
    }

    private static void Line(StringBuilder text, string name, IReadOnlyList<KeyValuePair<string, string>> labels, string value) =>
        text.Append(name).Append(Labels(labels)).Append(' ').Append(value).Append('\n');

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : double.IsNaN(value) ? "NaN" : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Escaped(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}

using NasGitOps.Web;

namespace NasGitOps.Tests.Web;

public class PrometheusTextTests
{
    [Fact]
    public void A_counter_has_help_type_and_its_labels() =>
        Assert.Equal(
            "# HELP a_total Things.\n# TYPE a_total counter\na_total{kind=\"Pool\",result=\"ok\"} 3\n",
            Write(new MetricFamily("a_total", "Things.", MetricType.Counter, [Series(3, ("kind", "Pool"), ("result", "ok"))])));

    [Fact]
    public void Quotes_backslashes_and_line_breaks_of_labels_and_help_are_escaped() =>
        Assert.Equal(
            "# HELP a One\\nline with \\\\ and \".\n# TYPE a gauge\na{name=\"x\\\"y\\\\z\\nw\"} 1\n",
            Write(new MetricFamily("a", "One\nline with \\ and \".", MetricType.Gauge, [Series(1, ("name", "x\"y\\z\nw"))])));

    [Fact]
    public void A_histogram_is_cumulative_and_ends_with_infinity_sum_and_count() =>
        Assert.Equal(
            """
            # HELP a_seconds How long.
            # TYPE a_seconds histogram
            a_seconds_bucket{tool="zfs",le="0.1"} 2
            a_seconds_bucket{tool="zfs",le="1"} 2
            a_seconds_bucket{tool="zfs",le="+Inf"} 3
            a_seconds_sum{tool="zfs"} 7.25
            a_seconds_count{tool="zfs"} 3

            """,
            Write(new MetricFamily("a_seconds", "How long.", MetricType.Histogram, [Series(7.25, ("tool", "zfs")) with { Buckets = new BucketCounts([0.1, 1], [2, 0, 1]) }])));

    [Fact]
    public void Families_come_by_name_and_series_by_label_whatever_the_order_they_were_made_in()
    {
        var b = new MetricFamily("b", "B.", MetricType.Gauge, [Series(2, ("k", "y")), Series(1, ("k", "x"))]);
        var a = new MetricFamily("a", "A.", MetricType.Gauge, [Series(0)]);

        Assert.Equal("# HELP a A.\n# TYPE a gauge\na 0\n# HELP b B.\n# TYPE b gauge\nb{k=\"x\"} 1\nb{k=\"y\"} 2\n", Write(b, a));
    }

    [Fact]
    public void A_name_without_any_series_is_not_written() => Assert.Equal("", Write(new MetricFamily("a", "A.", MetricType.Gauge, [])));

    [Theory]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(0.1, "0.1")]
    [InlineData(1099511627776, "1099511627776")]
    public void Numbers_are_written_as_Go_reads_them(double value, string text) =>
        Assert.EndsWith($"\na {text}\n", Write(new MetricFamily("a", "A.", MetricType.Gauge, [Series(value)])), StringComparison.Ordinal);

    private static string Write(params MetricFamily[] families) => PrometheusText.Write(families);

    private static MetricSeries Series(double value, params (string Name, string Value)[] labels) => new([.. labels.Select(l => new KeyValuePair<string, string>(l.Name, l.Value))], value);
}

using System.Diagnostics.Metrics;
using System.Globalization;

namespace NasGitOps.Web;

/// <summary>Listens to instruments and sums up what they tell, for <see cref="PrometheusText"/> to write.</summary>
internal sealed class MetricsCollector : IDisposable
{
    private readonly Lock gate = new();
    private readonly MeterListener listener = new();
    private readonly List<Family> families = [];

    /// <param name="meters">What to listen to; others of the process are not ours to publish.</param>
    public MetricsCollector(params Meter[] meters)
    {
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (!meters.Contains(instrument.Meter)) return;
            var family = new Family(instrument);
            lock (gate) families.Add(family);
            l.EnableMeasurementEvents(instrument, family);
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, state) => Record(value, tags, state));
        listener.SetMeasurementEventCallback<double>((_, value, tags, state) => Record(value, tags, state));
        listener.Start();
    }

    /// <summary>Everything as it stands now. What is observed is read anew, so that a series whose thing is gone is gone too.</summary>
    public IReadOnlyList<MetricFamily> Collect()
    {
        lock (gate)
        {
            foreach (var family in families.Where(f => f.IsObserved)) family.Clear();
            listener.RecordObservableInstruments();
            return [.. families.Select(f => f.ToMetric())];
        }
    }

    public void Dispose() => listener.Dispose();

    private void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        if (state is not Family family) return;
        lock (gate) family.Record(value, tags);
    }

    private sealed class Family(Instrument instrument)
    {
        private readonly Dictionary<string, Sum> sums = new(StringComparer.Ordinal);
        private readonly IReadOnlyList<double>? bounds = instrument is Histogram<double> histogram ? histogram.Advice?.HistogramBucketBoundaries ?? [] : null;

        /// <summary>Its measurements are values as they stand; those of others are to be added up.</summary>
        public bool IsObserved => instrument.IsObservable;

        public void Clear() => sums.Clear();

        public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var labels = new KeyValuePair<string, string>[tags.Length];
            for (var i = 0; i < tags.Length; i++) labels[i] = new(tags[i].Key, Convert.ToString(tags[i].Value, CultureInfo.InvariantCulture) ?? "");
            var key = PrometheusText.Labels(labels);
            if (!sums.TryGetValue(key, out var sum)) sums[key] = sum = new Sum(labels, bounds is null ? [] : new long[bounds.Count + 1]);
            sum.Value = IsObserved ? value : sum.Value + value;
            if (bounds is not null) sum.Counts[bounds.TakeWhile(b => value > b).Count()]++;
        }

        public MetricFamily ToMetric() => new(
            instrument.Name,
            instrument.Description ?? "",
            bounds is not null ? MetricType.Histogram : instrument is Counter<long> or Counter<double> or ObservableCounter<double> ? MetricType.Counter : MetricType.Gauge,
            [.. sums.Values.Select(s => new MetricSeries(s.Labels, s.Value, bounds is null ? null : new BucketCounts(bounds, [.. s.Counts])))]);
    }

    private sealed class Sum(IReadOnlyList<KeyValuePair<string, string>> labels, long[] counts)
    {
        public IReadOnlyList<KeyValuePair<string, string>> Labels => labels;

        public long[] Counts => counts;

        public double Value { get; set; }
    }
}

using NasGitOps.Core.Observation;
using NasGitOps.Core.Steps;

namespace NasGitOps.Storage.Zfs;

/// <summary>Whether anybody wrote to a clone whose time is over. <c>written</c> of 0 says no for certain; else <c>zfs diff</c> decides, which is asked only then.</summary>
internal static class ZfsTemporary
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static IEnumerable<Probe> Probes(ObservationContext context, IReadOnlyDictionary<string, Reading<Named<DatasetState>>> datasets)
    {
        foreach (var name in Temporary(context))
        {
            if (datasets.GetValueOrDefault(name.Split('/')[0])?.Value?.Items.GetValueOrDefault(name) is { } state && IsDue(context, state) && state is { Written: > 0, Origin: not null }) yield return Diff(state);
        }
    }

    /// <summary>The state with what is known of its being written to.</summary>
    public static DatasetState Judged(ObservationContext context, DatasetState state)
    {
        if (state.Origin is null) return state;
        if (state.Written == 0) return state with { Changed = false };
        var probe = Diff(state);
        return context.Answers.Has(probe.Key) && context.Answers.Output(probe).IsKnown(out var lines) ? state with { Changed = lines.Trim().Length > 0 } : state;
    }

    private static IEnumerable<string> Temporary(ObservationContext context) => context.Manifests.All.Select(m => m.Spec).OfType<ITemporary>().Select(t => t.DatasetName);

    private static bool IsDue(ObservationContext context, DatasetState state) =>
        context.Manifests.FindDataset(state.Name)?.Spec is ITemporary { ExpiresAfter: { } span } && state.Created is { } created && created + span <= context.Now;

    private static RunProbe Diff(DatasetState state) => new($"zfs.diff:{state.Name}", new Command("zfs", ["diff", "-H", state.Origin!, state.Name], Limit));
}

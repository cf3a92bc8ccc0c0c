using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Kinds;

namespace NasGitOps.Observing;

/// <summary>Asks the host what the pure side wants to know, round by round, and hands the answers back.</summary>
internal sealed class HostObserver(HostObservation observation, HostProbes probes, string host, TimeProvider time)
{
    private const int MaxRounds = 8;

    public async Task<Observed> ObserveAsync(ManifestSet manifests, IReadOnlyList<ResourceId> owned, HostPaths paths, CancellationToken ct)
    {
        var at = time.GetUtcNow();
        var answers = new Dictionary<string, Answer>();
        for (var round = 0; round < MaxRounds; round++)
        {
            var open = observation.Open(new ObservationContext(manifests, owned, paths, new Answers(answers)) { Now = at });
            if (open.Count == 0) break;
            var replies = await Task.WhenAll(open.Select(p => probes.AnswerAsync(p, ct)));
            for (var i = 0; i < open.Count; i++) answers[open[i].Key] = replies[i];
        }

        ct.ThrowIfCancellationRequested();
        return observation.Read(new ObservationContext(manifests, owned, paths, new Answers(answers)) { Now = at }, host, at);
    }
}

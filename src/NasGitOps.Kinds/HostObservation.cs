using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Storage;

namespace NasGitOps.Kinds;

/// <summary>Which questions to ask the host, and what the answers mean together. Pure: asking is the executable's.</summary>
public sealed class HostObservation(IReadOnlyList<IKind> kinds, StorageSystem storage)
{
    private readonly StorageObserver observer = new(storage);

    /// <summary>Questions that the answers so far leave open; empty when all is asked.</summary>
    /// <remarks>Directories of a pool that does not answer are not looked at: who asks a suspended pool waits in the kernel until it is cleared.</remarks>
    public IReadOnlyList<Probe> Open(ObservationContext context)
    {
        var open = observer.Probes(context)
            .Concat(AccountsObserver.Probes(context))
            .Concat(kinds.SelectMany(k => k.Probes(context)))
            .Where(p => !context.Answers.Has(p.Key))
            .DistinctBy(p => p.Key)
            .ToList();
        if (!open.Exists(p => p is FactsProbe)) return open;
        var silent = observer.SilentRoots(context);
        return [.. open.Where(p => p is not FactsProbe facts || !silent.Contains(facts.Root))];
    }

    public Observed Read(ObservationContext context, string host, DateTimeOffset at)
    {
        var facts = observer.Read(context);
        var unmanaged = new List<UnmanagedThing>();
        var byKind = kinds.ToDictionary(k => k.Name, k => k.Observe(context, unmanaged));
        byKind["Pool"] = Reading<KindFacts>.Known(facts.PoolFacts);
        unmanaged.AddRange(Foreign(facts, context.Manifests));
        return new Observed(
            host, at, facts.Versions, facts.Pools, facts.Datasets, AccountsObserver.Read(context), byKind,
            [.. unmanaged.OrderBy(u => u.Kind, StringComparer.Ordinal).ThenBy(u => u.Name, StringComparer.Ordinal)])
        {
            PoolsProblem = facts.Problem,
        };
    }

    private static IEnumerable<UnmanagedThing> Foreign(StorageFacts facts, ManifestSet manifests) =>
        facts.Datasets.Values
            .SelectMany(pool => pool.Value?.Items.Values ?? [])
            .Where(d => d.Mark is null && manifests.FindDataset(d.Name) is null)
            .Select(d => new UnmanagedThing(d.Name.Contains('/', StringComparison.Ordinal) ? "Dataset" : "Pool", d.Name, d.Type));
}

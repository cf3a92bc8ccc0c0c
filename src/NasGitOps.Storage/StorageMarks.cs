using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;

namespace NasGitOps.Storage;

/// <summary>Resources that the storage itself says are ours.</summary>
public static class StorageMarks
{
    public static IEnumerable<ResourceId> Owned(PlanInput input, string kind) =>
        input.Observed.AllDatasets
            .Where(d => d.Mark is not null)
            .Select(d => ResourceId.TryParse(d.Mark!.Resource))
            .Where(id => id?.Kind == kind)
            .Select(id => id!.Value);
}

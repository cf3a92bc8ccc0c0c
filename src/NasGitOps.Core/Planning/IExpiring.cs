using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Planning;

/// <summary>A spec whose resource is there for a time only; shares that stand on it go with it.</summary>
public interface IExpiring
{
    /// <summary>Whether its time is over and it goes, or is gone.</summary>
    bool IsOver(ResourceId id, PlanInput input);
}

using NasGitOps.LabTests.Office;
using Xunit.Abstractions;

namespace NasGitOps.LabTests.Lab;

/// <summary>The two machines with the most tests boot first, side by side, so that the others end beside them.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> collections) =>
        collections.OrderByDescending(c => c.DisplayName is OfficeNasCollection.Name or TroubledNasCollection.Name).ThenBy(c => c.DisplayName, StringComparer.Ordinal);
}

using NasGitOps.LabTests.Office;
using Xunit.Abstractions;

namespace NasGitOps.LabTests.Lab;

/// <summary>The machine with the most tests boots first, so that the others end beside it.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> collections) =>
        collections.OrderByDescending(c => c.DisplayName == OfficeNasCollection.Name).ThenBy(c => c.DisplayName, StringComparer.Ordinal);
}

using NasGitOps.LabTests.Office;
using NasGitOps.LabTests.Time;
using Xunit.Abstractions;

namespace NasGitOps.LabTests.Lab;

/// <summary>Two machines live side by side; the next starts when one is through. The longest first, so that both lines end together.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Order = [TroubledNasCollection.Name, OfficeNasCollection.Name, TimeNasCollection.Name];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> collections) =>
        collections.OrderBy(c => Array.IndexOf(Order, c.DisplayName) is var place and >= 0 ? place : Order.Length).ThenBy(c => c.DisplayName, StringComparer.Ordinal);
}

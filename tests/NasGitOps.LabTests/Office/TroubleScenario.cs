using NasGitOps.LabTests.Lab;
using Xunit.Abstractions;

namespace NasGitOps.LabTests.Office;

/// <summary>The same office in trouble: what is taken away, pulled out, killed, suspended, swapped; and what must wait. On a machine of its own, beside the other.</summary>
[Collection(TroubledNasCollection.Name)]
[Trait("Category", "Lab")]
[TestCaseOrderer(ByOrder.Type, ByOrder.Assembly)]
public sealed partial class TroubleScenario(OfficeNas machine, ITestOutputHelper output) : OfficeTests(machine);

[CollectionDefinition(Name)]
public sealed class TroubledNasCollection : ICollectionFixture<OfficeNas>
{
    public const string Name = "the office's NAS in trouble";
}

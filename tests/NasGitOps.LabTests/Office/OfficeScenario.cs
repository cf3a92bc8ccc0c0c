using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Office;

/// <summary>The office from its first push through its days: applied, used, drifted, changed, rebooted.</summary>
[Collection(OfficeNasCollection.Name)]
[Trait("Category", "Lab")]
[TestCaseOrderer(ByOrder.Type, ByOrder.Assembly)]
public sealed partial class OfficeScenario(OfficeNas machine) : OfficeTests(machine);

[CollectionDefinition(Name)]
public sealed class OfficeNasCollection : ICollectionFixture<OfficeNas>
{
    public const string Name = "the office's first NAS";
}

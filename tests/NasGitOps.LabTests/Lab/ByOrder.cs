using Xunit.Abstractions;
using Xunit.Sdk;

namespace NasGitOps.LabTests.Lab;

/// <summary>Runs lab tests by the number in their attribute. Each test still makes its own preconditions true: the order only saves time.</summary>
public sealed class ByOrder : ITestCaseOrderer
{
    public const string Type = "NasGitOps.LabTests.Lab.ByOrder";
    public const string Assembly = "NasGitOps.LabTests";

    public IEnumerable<TTestCase> OrderTestCases<TTestCase>(IEnumerable<TTestCase> testCases)
        where TTestCase : ITestCase
        => testCases.OrderBy(OrderOf).ThenBy(test => test.TestMethod.Method.Name, StringComparer.Ordinal);

    private static int OrderOf<TTestCase>(TTestCase test)
        where TTestCase : ITestCase
        => test.TestMethod.Method.GetCustomAttributes(typeof(LabFactAttribute).AssemblyQualifiedName).SingleOrDefault()?.GetNamedArgument<int>(nameof(LabFactAttribute.Order)) ?? 0;
}

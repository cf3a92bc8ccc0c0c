using System.Runtime.CompilerServices;
using NasGitOps.Kinds.Samba;

namespace NasGitOps.Kinds.Tests.Samba;

public class SambaDocsTests
{
    [Fact]
    public void Every_allowed_option_is_in_the_documentation_with_its_reason()
    {
        AssertListed("smbshare.md", ShareParameters.Options);
        AssertListed("sambaserver.md", GlobalParameters.Options);
    }

    private static void AssertListed(string page, IReadOnlyDictionary<string, SambaParameter> options)
    {
        var listed = File.ReadAllLines(Path.Combine(Docs(), page)).Where(l => l.StartsWith("| `", StringComparison.Ordinal)).ToHashSet();
        Assert.All(options.Values, o => Assert.Contains($"| `{o.Name}` | {o.Reason} |", listed));
    }

    private static string Docs([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../docs/kinds"));
}

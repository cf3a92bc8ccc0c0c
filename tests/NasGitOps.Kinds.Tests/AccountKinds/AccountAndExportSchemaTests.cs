using System.Runtime.CompilerServices;
using NasGitOps.Kinds.NfsExport;
using NasGitOps.Testing;

namespace NasGitOps.Kinds.Tests.AccountKinds;

public class AccountAndExportSchemaTests
{
    [Theory]
    [InlineData("user.schema.json")]
    [InlineData("group.schema.json")]
    [InlineData("nfsexport.schema.json")]
    public void A_schema_holds_only_what_the_validator_obeys_and_explains_every_field(string name)
    {
        using var stream = typeof(NfsExportKind).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        Assert.Empty(SchemaRules.Check(reader.ReadToEnd()));
    }

    [Fact]
    public void Every_allowed_export_option_is_in_the_documentation_with_its_reason()
    {
        var listed = File.ReadAllLines(Docs("nfsexport.md")).ToHashSet();
        Assert.All(ExportOptions.Allowed, o => Assert.Contains($"| `{o.Key}` | {o.Value} |", listed));
    }

    private static string Docs(string page, [CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../docs/kinds", page));
}

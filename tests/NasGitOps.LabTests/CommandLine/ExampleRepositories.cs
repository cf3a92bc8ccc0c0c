using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.CommandLine;

[Trait("Category", "CommandLine")]
public sealed class ExampleRepositories
{
    public static TheoryData<string> Names => [.. Directory.GetDirectories(Checkout.At("examples-repo")).Select(folder => Path.GetFileName(folder))];

    public static TheoryData<string> Files
        => [.. Directory.EnumerateFiles(Checkout.At("examples-repo"), "*.yaml", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Checkout.At("examples-repo"), file))
            .Where(file => !file.Contains("/agent/", StringComparison.Ordinal) && !file.Contains("/inventory/", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_example_is_valid(string name)
    {
        var result = await Validate.Folder(Checkout.At("examples-repo", name));

        Assert.True(result.Ok, result.ToString());
        Assert.DoesNotContain(": error:", result.Output + result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_published_inventory_of_an_example_is_what_its_manifests_say()
    {
        var plan = await Shell.Run(Checkout.Binary(), ["plan", "--exit-code", "--repo", Checkout.At("examples-repo", "shelf"), "--inventory", Checkout.At("examples-repo", "shelf", "inventory", "shelf.yaml")]);

        Assert.True(plan.Ok, plan.ToString());
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_file_names_the_schema_of_its_kind_for_editors(string file)
    {
        var path = Checkout.At("examples-repo", file);
        var lines = File.ReadAllLines(path);

        Assert.StartsWith("# yaml-language-server: $schema=", lines[0], StringComparison.Ordinal);
        var schema = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, lines[0].Split('=', 2)[1]));
        Assert.True(File.Exists(schema), $"{schema} is missing; scripts/update-schemas.sh makes it");
        var kinds = lines.Where(line => line.StartsWith("kind: ", StringComparison.Ordinal)).Select(line => line[6..]).Distinct().ToList();
        var kind = Assert.Single(kinds);
        Assert.Equal($"{kind.ToLowerInvariant()}.schema.json", Path.GetFileName(schema));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_schemas_beside_every_example_are_those_that_the_program_checks_with(string name)
    {
        var schemas = Directory.GetFiles(Checkout.At("examples-repo", name, "schemas"), "*.schema.json");
        Assert.NotEmpty(schemas);
        foreach (var schema in schemas)
        {
            var current = await Shell.Run(Checkout.Binary(), ["schema", Path.GetFileName(schema).Split('.')[0]]);
            Assert.True(current.Ok, current.ToString());
            Assert.Equal(current.Output.Trim(), (await File.ReadAllTextAsync(schema)).Trim());
        }
    }
}

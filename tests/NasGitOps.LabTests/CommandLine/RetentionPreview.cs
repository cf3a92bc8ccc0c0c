using System.Globalization;
using System.Text.Json;
using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.CommandLine;

/// <summary>What a policy would keep, asked without a host.</summary>
[Trait("Category", "CommandLine")]
public sealed class RetentionPreview
{
    private const string Policy = "timeZone: Europe/Berlin\nretention: {keepLast: 1, keepDaily: 2}\n";
    private const string Names = "c\t2026-03-02T22:30:00Z\na\t2026-03-01T12:00:00Z\nd\t2026-03-02T23:30:00Z\nb\t2026-03-01T23:30:00+00:00\n";

    [Fact]
    public async Task Each_snapshot_gets_its_verdict_with_reasons_in_the_zone_of_the_policy()
    {
        var result = await Preview(Policy, Names, "--now", "2026-03-03T00:00:00Z", "-o", "json");

        Assert.True(result.Ok, result.ToString());
        using var document = JsonDocument.Parse(result.Output);
        var verdicts = document.RootElement.EnumerateArray().ToDictionary(v => v.GetProperty("name").GetString()!, v => v);
        Assert.Equal(["c", "d"], verdicts.Where(v => v.Value.GetProperty("keep").GetBoolean()).Select(v => v.Key).Order());
        Assert.All(verdicts.Values, v => Assert.True(v.GetProperty("keep").GetBoolean() == v.GetProperty("reasons").GetArrayLength() > 0));
        Assert.Equal(DateTimeOffset.Parse("2026-03-02T23:30:00Z", CultureInfo.InvariantCulture), verdicts["d"].GetProperty("time").GetDateTimeOffset());
    }

    [Theory]
    [InlineData("retention: {keepDayly: 2}\n", Names, "policy.yaml:1:13: error", "keepDaily")]
    [InlineData("timeZone: Europe/Berlin\n", Names, "policy.yaml:1:1: error", "every snapshot would be pruned")]
    [InlineData(Policy, "a\t2026-03-01 12:00:00\n", "names.tsv:1:1: error", "is no snapshot")]
    public async Task A_mistake_is_told_with_its_place_and_nothing_is_decided(string policy, string names, string place, string words)
    {
        var result = await Preview(policy, names);

        Assert.Equal(1, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Contains(place, result.Error, StringComparison.Ordinal);
        Assert.Contains(words, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Played_forward_it_says_how_many_there_will_be()
    {
        var result = await Preview("cron: \"0 * * * *\"\nretention: {keepHourly: 24, keepDaily: 7}\n", "", "--now", "2026-03-01T00:30:00Z", "--simulate", "30d", "--daily-change", "1GiB", "-o", "json");

        Assert.True(result.Ok, result.ToString());
        using var document = JsonDocument.Parse(result.Output);
        Assert.Equal(720, document.RootElement.GetProperty("fires").GetInt32());
        Assert.InRange(document.RootElement.GetProperty("countAtEnd").GetInt32(), 24, 31);
    }

    private static async Task<ShellResult> Preview(string policy, string names, params string[] more)
    {
        var folder = Directory.CreateTempSubdirectory("nasgitops-retention-").FullName;
        try
        {
            var (policyFile, namesFile) = (Path.Combine(folder, "policy.yaml"), Path.Combine(folder, "names.tsv"));
            await File.WriteAllTextAsync(policyFile, policy);
            await File.WriteAllTextAsync(namesFile, names);
            return await Shell.Run(Checkout.Binary(), ["retention", "preview", "--policy", policyFile, "--snapshots", namesFile, .. more], limit: TimeSpan.FromSeconds(60));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

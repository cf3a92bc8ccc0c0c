using System.Text.Json.Nodes;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Publishing;
using NasGitOps.Core.Snapshots;
using NasGitOps.Core.Tests.Loading;
using NasGitOps.Testing.Fuzz;

namespace NasGitOps.Core.Tests;

/// <summary>Small readers: a value that is taken means one thing, and the rest is refused.</summary>
public class ReaderFuzzTests
{
    private const string Manifest = "apiVersion: nasgitops.io/v1\nkind: Share\nmetadata: {name: media, hosts: [\"nas*\"]}\nspec:\n  dataset: tank/media\n  users: [alice]\n  clients:\n    - {host: 10.0.0.0/24, access: rw}\n";

    [Fact]
    public void Any_manifest_is_loaded_or_explained_on_one_line_with_a_place() => Fuzzing.Text(
        [Manifest, Manifest + "---\n" + Manifest, "&a [*a, *a]", "a: &x [1]\nb: *x\n"],
        text => Loaded.From(text).Problems.FirstOrDefault(p => p.Message.Length == 0 || p.Line < 0 || p.ToString().Any(char.IsControl))?.ToString());

    [Fact]
    public void A_size_is_a_number_of_bytes() => Fuzzing.Text(["500GiB", "1", "16EiB", "1.5TB"], text =>
        ByteSize.TryParse(text, out var size) && !(ByteSize.TryParse(size.Exact, out var again) && again == size) ? $"{size.Exact} is another one" : null);

    [Fact]
    public void A_duration_is_written_back_as_one_that_is_as_long() => Fuzzing.Text(["14d", "60s", "2w", "0h", "44294967d"], text =>
        Duration.TryParse(text, out var duration) && !(Duration.TryParse(Duration.Format(duration), out var again) && again == duration) ? $"{duration} is written {Duration.Format(duration)}" : null);

    [Theory]
    [InlineData("52178w", 365246)]
    [InlineData("365251d", 365250)]
    [InlineData("2147483647d", 365250)]
    [InlineData("99999999999999999999s", 365250)]
    public void A_duration_beyond_a_thousand_years_is_one_of_that_length_and_not_none(string text, int days)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromDays(days), duration);
    }

    [Fact]
    public void A_cron_expression_fires_or_is_refused() => Fuzzing.Text(["0 3 1 * *", "@daily", "*/5 8-18 * * mon-fri"], text =>
    {
        if (CronSyntax.Check(text, out var fields) is { } why) return why.Length > 0 ? null : "refused without a word";
        _ = CronSyntax.Parse(fields);
        return null;
    });

    [Fact]
    public void A_name_format_reads_the_names_that_it_writes() => Fuzzing.Text([SnapshotNameFormat.Default("hourly"), "GMT-%Y.%m.%d-%H.%M.%S"], text =>
        SnapshotNameFormat.TryParse(text, out _, out var error) || error.Length > 0 ? null : "refused without a word");

    [Fact]
    public void Host_patterns_match_or_not() => Fuzzing.Text(["nas*", "!nas3", "n?s1", "****a"], text => HostPattern.Matches([text, "!" + text], text) ? "both" : null);

    [Fact]
    public void A_table_of_mounts() => Fuzzing.Parser(["40 20 0:38 / /run/x rw,noatime shared:1 - btrfs /dev/loop0 rw,subvolid=5\n41 40 0:39 /a\\040b /mnt/a\\134b rw - zfs tank/a rw"], text => MountTable.Parse(text.Split('\n')).Entries);

    [Fact]
    public void Names_of_disks() => Fuzzing.Parser(["/dev/disk/by-id/ata-X-part1", "/dev/nvme0n1p1", "/dev/sda1", "/dev/mapper/x"], text => DeviceNames.Canonical(text, new Dictionary<string, string> { ["/dev/sda"] = "/dev/sdb1" }));

    [Fact]
    public void A_resource_id_is_read_back_as_it_was_written() => Fuzzing.Text(["Dataset/tank/a b"], text =>
        ResourceId.TryParse(text) is { } id && ResourceId.TryParse(id.ToString()) != id ? $"{id}" : null);

    [Fact]
    public void What_is_published_is_read_back_as_it_was_written() => Fuzzing.Text(["plain", "0770", "a: b", "- x", "null", "line\nline\n", "2026-01-01"], text =>
    {
        // Halves of surrogate pairs cannot be written as UTF-8, and no reader of ours lets one in.
        if (text.Any(char.IsSurrogate)) return null;
        var written = YamlText.Write(new JsonObject { ["k"] = text, ["l"] = new JsonArray(text, 1) });
        return YamlText.Read(written) is JsonObject back && back["k"]?.GetValue<string>() == text && back["l"]?[0]?.GetValue<string>() == text ? null : written;
    });

    [Fact]
    public void An_inventory_is_read_or_refused() => Fuzzing.Parser(
        ["version: 1\nobserved: {host: nas1, at: 2026-01-01T00:00:00Z, pools: {state: Known}}\nownership: {records: []}\npolicy: {maxRemovals: 3}\npaths: {}\n", "version: 2\n", "a: [1, {b: c}]\n"],
        Inventory.Parse);
}

using System.Diagnostics;
using System.Text;
using NasGitOps.Core.Manifests;
using NasGitOps.Kinds.Samba;
using NasGitOps.Kinds.SmbShare;
using NasGitOps.Kinds.Tests.Samba;
using NasGitOps.Testing.Fuzz;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.Tests.Fuzz;

/// <summary>Samba's own reader has the last word.</summary>
[Trait("Category", "Integration")]
public class TestparmFuzzTests
{
    private static readonly SnapshotView View = new("_GMT-%Y.%m.%d-%H.%M.%S", ".zfs/snapshot");

    [Fact]
    public void Hundreds_of_hostile_shares_are_as_many_sections_with_the_very_values()
    {
        var shares = Accepted(new Random(Fuzzing.Seed), 300);
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "[global]\n" + string.Concat(shares.Values.Select(s => SmbShareRendering.Text(s.Id.Name, (SmbShareSpec)s.Spec, PathOf(s), View))));
        var read = TestparmOutput.Parse(Testparm(file));
        File.Delete(file);

        Assert.Equal(shares.Keys.Order(StringComparer.Ordinal), read.Sections.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, share) in shares)
        {
            Assert.Equal(PathOf(share), read.Sections[name]["path"]);
            Assert.Equal(((SmbShareSpec)share.Spec).Comment ?? "", read.Sections[name].GetValueOrDefault("comment", ""));
        }
    }

    private static Dictionary<string, Manifest> Accepted(Random random, int wanted)
    {
        var mutator = new Mutator(random, ["photos"]);
        var found = new Dictionary<string, Manifest>(StringComparer.OrdinalIgnoreCase);
        for (var tries = 0; found.Count < wanted && tries < 100_000; tries++)
        {
            var bad = random.Next(4) == 0 ? mutator.Noise() : string.Concat(Enumerable.Range(0, 1 + random.Next(3)).Select(_ => Mutator.Hostile[random.Next(Mutator.Hostile.Length)]));
            var spec = new JObject
            {
                ["dataset"] = "tank/x",
                ["comment"] = random.Next(2) == 0 ? $"a{bad}b" : "plain",
                ["subpath"] = random.Next(2) == 0 ? $"in{bad}x" : "in",
                ["access"] = new JObject { ["readWrite"] = new JArray("alice") },
            };
            var share = SambaHost.Share(random.Next(2) == 0 ? $"s{tries}{bad}x" : $"s{tries}", spec.ToString());
            if (SambaHost.Shares.Check(share, new ManifestSet([share])).Any(p => p.Severity == Severity.Error) || SmbConfValue.PathRefusal(PathOf(share)) is not null) continue;
            if (spec["comment"]!.ToString() != "plain" || spec["subpath"]!.ToString() != "in" || share.Id.Name != $"s{tries}") found[share.Id.Name] = share;
        }

        Assert.Equal(wanted, found.Count);
        return found;
    }

    private static string PathOf(Manifest share) => $"/tank/x/{((SmbShareSpec)share.Spec).Subpath}";

    private static string Testparm(string file)
    {
        using var process = Process.Start(new ProcessStartInfo("testparm", ["-s", "--suppress-prompt", file]) { RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8 })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return output;
    }
}

using System.Text;
using FsCheck;
using FsCheck.Fluent;
using NasGitOps.Core.Loading;
using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Tests.Loading;

public class FuzzTests
{
    private const string Seed = """
        apiVersion: nasgitops.io/v1
        kind: Dataset
        metadata: {name: tank/media, labels: {a: b}, hosts: ["nas*", "!nas3"]}
        spec:
          quota: 500GiB
          type: volume
          sparse: true
          copies: 2
          mode: "0770"
          atime: "on"
          properties: &p {compression: zstd, recordsize: 131072}
          scrub: {cron: "0 3 1 * *", timeZone: Europe/Berlin}
          source: {kind: copy, host: x}
        ---
        apiVersion: nasgitops.io/v1
        kind: Share
        metadata: {name: media}
        spec:
          dataset: tank/media
          users: [alice, bob]
          clients:
            - {host: 10.0.0.0/24, access: rw}
            - host: nas2.lan
        """;

    private static readonly string[] Snippets =
        ["&a ", "*a", "!!set ", "!x ", "? ", "- ", ": ", "\n", "\n  ", "{", "}", "[", "]", "\"", "'", "|\n", ">-\n", "#", "%YAML 1.2\n", "---\n", "...\n", "~", "true", "0770", "<<: *p\n", "\t", "\0", "\u2028", "é", "@", "`", ",", "\\", "-1", "1e99", "quota", "null"];

    /// <summary>Every law of loading that holds for any input.</summary>
    private static bool Holds(byte[] content)
    {
        var result = Loaded.FromBytes(content);
        return result.Problems.All(p => p.Message.Length > 0 && p.File == "a.yaml" && p.Line >= 0 && p.Message.All(c => !char.IsControl(c)))
            && result.Problems.SequenceEqual(Loaded.FromBytes(content).Problems);
    }

    [Fact]
    public void Random_bytes_never_throw() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), content => Holds(content ?? [])).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Mutated_manifests_never_throw_and_what_is_invalid_is_explained()
    {
        var edit = from at in Gen.Choose(0, Seed.Length)
                   from length in Gen.Choose(0, 6)
                   from snippet in Gen.Elements(Snippets)
                   select (at, length, snippet);
        var mutated = edit.NonEmptyListOf().Select(edits => edits.Take(6).Aggregate(Seed, (text, e) =>
        {
            var at = Math.Min(e.at, text.Length);
            return text[..at] + e.snippet + text[Math.Min(text.Length, at + e.length)..];
        }));
        Prop.ForAll(mutated.ToArbitrary(), text =>
        {
            var problems = Loaded.From(text).Problems;
            return Holds(Encoding.UTF8.GetBytes(text)) && problems.All(p => !p.Message.StartsWith("does not fit the schema", StringComparison.Ordinal));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1500));
    }

    [Fact]
    public void Explanation_and_validator_agree_on_what_is_valid()
    {
        object[] values = ["a", "on", "copy", "1G", "99E", "0770", "'@daily'", "../x", 0, 2, 9, 1.5, true, "null", "[]", "[a, a]", "{kind: empty}", "{kind: copy}", "{kind: copy, host: b}", "{cron: '@daily'}", "{a: 1}", "\"2\"", "[{host: x}]"];
        string[] fields = ["quota", "type", "sparse", "copies", "mode", "atime", "comment", "properties", "scrub", "subpath", "source", "suspend", "drift", "other"];
        var schema = FakeKinds.Schemas.Find("Dataset")!;
        foreach (var field in fields)
        {
            foreach (var value in values)
            {
                var text = Loaded.Dataset($"{field}: {Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!.ToLowerInvariant().Replace("g", "G", StringComparison.Ordinal)}");
                var map = (MapNode)Assert.Single(YamlReader.Read(Loaded.File("a.yaml", text)).Documents);
                var faults = SchemaFaults.Find(SchemaView.Of(schema.Strict), new Slot(map, 1, 1));
                Assert.True(schema.Validate(map.ToToken()).Count == 0 == (faults.Count == 0), text);
            }
        }
    }

    [Fact]
    public void The_order_of_files_does_not_matter()
    {
        SourceFile[] files = [Loaded.File("b.yaml", Seed), Loaded.File("a.yaml", Seed.Replace("media", "meida", StringComparison.Ordinal)), Loaded.File("c.yaml", "a: [")];
        var one = FakeKinds.Loader.Load(files, null);
        var other = FakeKinds.Loader.Load(files.Reverse().ToList(), null);
        Assert.Equal(one.Problems, other.Problems);
        Assert.Equal(one.Manifests.All.Select(m => m.Id), other.Manifests.All.Select(m => m.Id));
    }

    [Fact]
    public void A_thousand_manifests_load_without_a_problem()
    {
        var files = Enumerable.Range(0, 1000).Select(i => Loaded.File($"d{i}.yaml", Loaded.Dataset("quota: 500GiB\nproperties: {compression: zstd}\nscrub: {cron: \"@daily\"}", $"tank/d{i}"))).ToList();
        var result = FakeKinds.Loader.Load(files, "nas1");
        Assert.Empty(result.Problems);
        Assert.Equal(1000, result.Manifests.All.Count);
        Assert.All(result.Manifests.All, m => Assert.Equal(Severity.Error, m.Problem("spec.quota", "x", "y").Severity));
    }
}

using System.Text;
using NasGitOps.Core.Loading;
using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Tests.Loading;

/// <summary>Short ways to load text.</summary>
internal static class Loaded
{
    public static SourceFile File(string path, string text) => new(path, Encoding.UTF8.GetBytes(text));

    public static LoadResult From(string text, string? host = null) => FakeKinds.Loader.Load([File("a.yaml", text)], host);

    public static LoadResult FromBytes(byte[] content) => FakeKinds.Loader.Load([new SourceFile("a.yaml", content)], null);

    /// <summary>A dataset whose spec begins in line 5; each line of it is indented by two blanks.</summary>
    public static LoadResult Spec(string spec) => From(Dataset(spec));

    public static string Dataset(string spec, string name = "tank") =>
        $"apiVersion: nasgitops.io/v1\nkind: Dataset\nmetadata: {{name: {name}}}\nspec:\n" + string.Concat(spec.Split('\n').Select(l => $"  {l}\n"));

    /// <summary>The only problem, written as people see it.</summary>
    public static string Only(this LoadResult result) => Assert.Single(result.Problems).ToString();

    public static IReadOnlyList<string> Lines(this LoadResult result) => result.Problems.Select(p => p.ToString()).ToList();

    public static Manifest Find(this LoadResult result, string kind, string name) => result.Manifests.Find(new ResourceId(kind, name)) ?? throw new KeyNotFoundException($"{kind}/{name}");
}

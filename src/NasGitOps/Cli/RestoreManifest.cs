using System.Text;
using System.Text.Json;
using NasGitOps.Core.Loading;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Kinds;
using NasGitOps.Kinds.Clone;

namespace NasGitOps.Cli;

/// <summary>The manifest that <c>nasgitops restore</c> prints: encoded, and checked as the repository's own are.</summary>
internal static class RestoreManifest
{
    public static string Render(string clone, string dataset, string snapshot, string expiresAfter) => $$"""
        apiVersion: nasgitops.io/v1
        kind: Clone
        metadata: {name: {{Quoted(clone)}}}
        spec:
          from: {dataset: {{Quoted(dataset)}}, snapshot: {{Quoted(snapshot)}}}
          expiresAfter: {{Quoted(expiresAfter)}}

        """;

    /// <summary>What a commit of it would be refused for; empty when it can be committed.</summary>
    /// <remarks>Whether the repository declares the dataset is not known here; it is taken as if it did.</remarks>
    public static IReadOnlyList<string> Problems(string clone, string dataset, string manifest)
    {
        var declared = string.Concat(DatasetPaths.SelfAndParents(dataset).Select(Declaration));
        var loaded = new ManifestLoader(BuiltInKinds.All, BuiltInKinds.Schemas).Load([File("restore.yaml", manifest), File("declared.yaml", declared)], null);
        if (loaded.HasErrors) return [.. loaded.Problems.Where(p => p.Severity == Severity.Error).Select(p => p.WayOut.Length > 0 ? $"{p.Message} ({p.WayOut})" : p.Message)];
        return loaded.Manifests.Find(new ResourceId(CloneKind.KindName, clone)) is null ? [$"'{clone}' is no name of a clone"] : [];
    }

    private static string Declaration(string name) =>
        $"---\napiVersion: nasgitops.io/v1\nkind: {(name.Contains('/', StringComparison.Ordinal) ? "Dataset" : "Pool")}\nmetadata: {{name: {Quoted(name)}}}\nspec: {{}}\n";

    private static SourceFile File(string path, string text) => new(path, Encoding.UTF8.GetBytes(text));

    // A string of JSON is a double-quoted one of YAML.
    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}

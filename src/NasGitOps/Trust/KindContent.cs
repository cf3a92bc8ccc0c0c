using NasGitOps.Core.Loading;
using Newtonsoft.Json;

namespace NasGitOps.Trust;

/// <summary>What a file says about one kind, as text that is equal when it says the same: comments, order of other manifests and layout do not count.</summary>
internal static class KindContent
{
    /// <param name="id">Of the content: stands for a file that cannot be read, so that nothing hides in it.</param>
    public static string Of(string kind, string path, string id, byte[] content)
    {
        var file = YamlReader.Read(new SourceFile(path, content));
        if (!file.Complete || file.Problems.Count > 0) return $"unreadable {id}";
        var documents = file.Documents.OfType<MapNode>().Where(d => d.Find("kind")?.Value.Node is ScalarNode scalar && scalar.Text == kind);
        return string.Join('\n', documents.Select(d => d.ToToken().ToString(Formatting.None)));
    }
}

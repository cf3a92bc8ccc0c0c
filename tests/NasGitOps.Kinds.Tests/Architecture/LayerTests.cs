using System.Reflection;
using System.Text.RegularExpressions;
using NasGitOps.Core.Planning;
using NasGitOps.Storage;

namespace NasGitOps.Kinds.Tests.Architecture;

/// <summary>NasGitOps → Kinds → Storage → Core, and kinds know each other by resource alone.</summary>
public partial class LayerTests
{
    private static readonly Assembly[] Pure = [typeof(Planner).Assembly, typeof(IStorageBackend).Assembly, typeof(BuiltInKinds).Assembly];

    /// <summary>Folders of Kinds that others may use.</summary>
    private static readonly string[] Common = ["Accounts", "Samba", "Importing"];

    /// <summary>Of the two kinds of one server, each reads the other's manifests.</summary>
    private static readonly HashSet<(string From, string To)> Related = [("SambaServer", "SmbShare"), ("SmbShare", "SambaServer")];

    [Theory]
    [InlineData("NasGitOps.Core", "")]
    [InlineData("NasGitOps.Storage", "NasGitOps.Core")]
    [InlineData("NasGitOps.Kinds", "NasGitOps.Core NasGitOps.Storage")]
    public void A_layer_uses_only_those_below_it(string layer, string below)
    {
        var used = Pure.Single(a => a.GetName().Name == layer).GetReferencedAssemblies().Select(r => r.Name!).Where(n => n.StartsWith("NasGitOps", StringComparison.Ordinal));
        Assert.Empty(used.Except(below.Split(' ')));
    }

    [Fact]
    public void Decisions_have_no_way_to_start_a_process_or_to_talk()
    {
        string[] effects = ["System.Diagnostics.Process", "System.Net.Http", "System.Net.Sockets", "System.IO.FileSystem.Watcher"];
        Assert.Empty(Pure.SelectMany(a => a.GetReferencedAssemblies().Select(r => r.Name!)).Intersect(effects));
    }

    [Fact]
    public void Kinds_name_each_other_by_resource_alone()
    {
        var root = Path.Combine(Repository.Folder, "src", "NasGitOps.Kinds");
        var uses = Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(f => (Folder: Path.GetRelativePath(root, f).Split('/'), Text: File.ReadAllText(f)))
            .Where(f => f.Folder.Length > 1 && f.Folder[0] is not ("bin" or "obj"))
            .SelectMany(f => Using().Matches(f.Text).Select(m => (From: f.Folder[0], To: m.Groups[1].Value)))
            .Where(u => u.From != u.To && !Common.Contains(u.To) && !Related.Contains(u))
            .Distinct();
        Assert.Empty(uses);
    }

    [GeneratedRegex(@"^using NasGitOps\.Kinds\.(\w+);", RegexOptions.Multiline)]
    private static partial Regex Using();
}

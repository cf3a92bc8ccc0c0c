using LibGit2Sharp;
using NasGitOps.Configuration;
using NasGitOps.Core.Loading;

namespace NasGitOps.Trust;

/// <summary>Finds which rules a commit touches: those whose part of the repository has another content than a merge of its parents without any decision would give.</summary>
internal sealed class ProtectedParts(IReadOnlyList<SignerRule> rules)
{
    private readonly List<(SignerRule Rule, PathGlob? Glob)> rules = [.. rules.Select(r => (r, r is PathRule p ? new PathGlob(p.Glob) : null))];

    /// <param name="bases">The merge bases of a merge; null where the parents are more than two, and whatever they differ in counts as touched.</param>
    /// <returns>Each touched rule with the first path that touches it.</returns>
    public IReadOnlyList<(SignerRule Rule, string Path)> Touched(Commit commit, IReadOnlyList<Commit>? bases)
    {
        var parents = commit.Parents.Select(p => p.Tree).ToList();
        List<Tree?>? origins = parents.Count switch
        {
            0 => [null],
            1 => [parents[0]],
            _ => bases is { Count: 0 } ? [null] : bases?.Select(b => (Tree?)b.Tree).ToList(),
        };
        var touched = new Dictionary<SignerRule, string>();
        foreach (var path in Differing("", [commit.Tree, .. parents]))
        {
            foreach (var (rule, glob) in rules.Where(r => !touched.ContainsKey(r.Rule) && Concerns(r.Rule, r.Glob, path)))
            {
                string Value(Tree? tree) => ValueOf(rule, tree?[path], path);
                var values = parents.Select(Value).ToList();
                var result = Value(commit.Tree);
                if (origins is null ? values.Any(v => v != result) : ThreeWay.IsTouched(result, values, [.. origins.Select(Value)])) touched[rule] = path;
            }
        }

        return [.. touched.Select(t => (t.Key, t.Value))];
    }

    private static bool Concerns(SignerRule rule, PathGlob? glob, string path) => glob is not null ? glob.Matches(path) : rule is KindRule && IsYaml(path);

    private static bool IsYaml(string path) => path.EndsWith(".yaml", StringComparison.Ordinal) || path.EndsWith(".yml", StringComparison.Ordinal);

    private static string ValueOf(SignerRule rule, TreeEntry? entry, string path)
    {
        if (entry is null) return "";
        var identity = $"{entry.Mode} {entry.Target.Sha}";
        if (rule is not KindRule kind) return identity;
        if (entry.Mode is not (Mode.NonExecutableFile or Mode.ExecutableFile) || entry.Target is not Blob blob || blob.Size > Limits.FileBytes) return identity;
        using var stream = blob.GetContentStream();
        var content = new byte[blob.Size];
        stream.ReadExactly(content);
        return KindContent.Of(kind.Kind, path, identity, content);
    }

    /// <summary>Paths at which not all trees have the same; equal folders are not looked into. A root commit's tree is all there is, and differs from nothing in everything.</summary>
    private static IEnumerable<string> Differing(string folder, IReadOnlyList<Tree?> trees)
    {
        foreach (var name in trees.SelectMany(t => t?.Select(e => e.Name) ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var entries = trees.Select(t => t?[name]).ToList();
            if (trees.Count > 1 && entries.Select(e => (e?.Mode, e?.Target.Sha)).Distinct().Count() == 1) continue;
            var path = folder + name;
            if (entries.Any(e => e is not null && e.Mode != Mode.Directory)) yield return path;
            if (entries.All(e => e?.Mode != Mode.Directory)) continue;
            foreach (var below in Differing(path + "/", [.. entries.Select(e => e?.Mode == Mode.Directory ? (Tree)e.Target : null)])) yield return below;
        }
    }
}

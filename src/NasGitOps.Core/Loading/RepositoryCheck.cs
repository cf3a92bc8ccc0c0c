using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Loading;

/// <summary>The manifests that one host would have.</summary>
/// <param name="Host">Null where the repository knows no hosts.</param>
public sealed record HostManifests(string? Host, ManifestSet Manifests);

/// <summary>What a whole repository holds, and everything that is wrong with it.</summary>
public sealed record RepositoryReport(IReadOnlyList<HostManifests> Hosts, IReadOnlyList<ManifestProblem> Problems)
{
    public bool HasErrors => Problems.Any(p => p.Severity == Severity.Error);
}

/// <summary>Validates a repository as every host in it would see it: <c>common/</c> with each <c>hosts/NAME/</c> is a set of its own. Without
/// these folders the whole repository is one, seen by each host that <c>metadata.hosts</c> names.</summary>
public sealed class RepositoryCheck(ManifestLoader loader)
{
    private const string Common = "common/";
    private const string HostFolders = "hosts/";

    public RepositoryReport Run(IReadOnlyList<SourceFile> files, string? commit = null)
    {
        var hosts = files.Where(f => f.Path.StartsWith(HostFolders, StringComparison.Ordinal)).Select(f => HostOf(f.Path)).OfType<string>().Distinct().Order(StringComparer.Ordinal).ToList();
        var hasCommon = files.Any(f => f.Path.StartsWith(Common, StringComparison.Ordinal));
        var read = hosts.Count > 0 || hasCommon
            ? files.Where(f => f.Path.StartsWith(Common, StringComparison.Ordinal) || HostOf(f.Path) is not null)
            : files;
        var documents = loader.Read(read, commit);
        var problems = documents.Problems.ToList();
        var seen = hosts.Count > 0 ? hosts : NamedHosts(documents.All);
        List<HostManifests> sets = [];
        foreach (var host in seen.Count > 0 ? seen.AsEnumerable<string?>() : [null])
        {
            var own = hosts.Count == 0 ? documents.All : documents.All.Where(d => d.File.StartsWith(Common, StringComparison.Ordinal) || HostOf(d.File) == host);
            var (set, found) = loader.Check(own, host, documents.Complete);
            sets.Add(new HostManifests(host, set));
            problems.AddRange(found);
        }

        problems.AddRange(documents.All.Where(d => d.Manifest is not null && IsForNobody(d, hosts)).Select(d => d.Manifest!.Problem(
            "metadata.hosts", "matches no host that reads this file", $"the hosts here are {Show.List(hosts)}", Severity.Warning)));
        problems.AddRange(files.Where(f => f.Path.StartsWith(HostFolders, StringComparison.Ordinal) && HostOf(f.Path) is null && SourceFile.IsManifest(f.Path)).Select(f => new ManifestProblem(
            Severity.Warning, f.Path, 0, 0, "", "no host reads this file", "move it into common/ or into the folder of a host")));
        return new RepositoryReport(sets, ManifestLoader.Sort(problems));
    }

    /// <returns>NAME of <c>hosts/NAME/…</c>, else null.</returns>
    private static string? HostOf(string path)
    {
        if (!path.StartsWith(HostFolders, StringComparison.Ordinal)) return null;
        var end = path.IndexOf('/', HostFolders.Length);
        return end > HostFolders.Length && path[HostFolders.Length] != '.' ? path[HostFolders.Length..end] : null;
    }

    private static bool IsForNobody(Document document, IReadOnlyList<string> hosts) =>
        hosts.Count > 0 && !hosts.Any(h => (HostOf(document.File) ?? h) == h && HostPattern.Matches(document.Hosts, h));

    /// <summary>Where no folder tells the hosts, each pattern stands for one that it would match; one more is added for manifests that match none of these.</summary>
    private static List<string> NamedHosts(IReadOnlyList<Document> documents)
    {
        var names = documents.SelectMany(d => d.Hosts).Select(Sample).Where(n => n.Length > 0).Distinct().Order(StringComparer.Ordinal).ToList();
        if (names.Count > 0 && documents.Any(d => !names.Any(n => HostPattern.Matches(d.Hosts, n)))) names.Add("another-host");
        return names;
    }

    private static string Sample(string pattern) => pattern.TrimStart('!').Replace('*', '0').Replace('?', '0');
}

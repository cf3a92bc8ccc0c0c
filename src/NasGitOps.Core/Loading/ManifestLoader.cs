using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;

namespace NasGitOps.Core.Loading;

/// <summary>Files in, valid manifests and every problem out. Never throws for what is in a file.</summary>
public sealed class ManifestLoader(IReadOnlyList<IKind> kinds, KindSchemas schemas)
{
    private readonly Dictionary<string, IKind> byName = kinds.ToDictionary(k => k.Name, StringComparer.Ordinal);

    /// <summary>Reads the files that apply to one host.</summary>
    /// <param name="files">Those that <see cref="SourceFile.IsManifest"/> does not accept are left out; the order does not matter.</param>
    /// <param name="host">Chooses by <c>metadata.hosts</c>; null takes every manifest.</param>
    /// <param name="commit">Kept in the provenance of each manifest.</param>
    public LoadResult Load(IReadOnlyList<SourceFile> files, string? host, string? commit = null)
    {
        var documents = Read(files, commit);
        var (set, problems) = Check(documents.All, host, documents.Complete);
        return new LoadResult(set, Sort(documents.Problems.Concat(problems)));
    }

    internal Documents Read(IEnumerable<SourceFile> files, string? commit) => DocumentReader.Read(files.Where(f => SourceFile.IsManifest(f.Path)), byName, schemas, commit);

    internal (ManifestSet Set, IReadOnlyList<ManifestProblem> Problems) Check(IEnumerable<Document> documents, string? host, bool complete) =>
        SetChecker.Check(byName, documents.Where(d => host is null || HostPattern.Matches(d.Hosts, host)).ToList(), complete);

    /// <summary>By place, each problem once: sets of several hosts share files.</summary>
    internal static IReadOnlyList<ManifestProblem> Sort(IEnumerable<ManifestProblem> problems) =>
        problems.Distinct()
            .OrderBy(p => p.File, StringComparer.Ordinal).ThenBy(p => p.Line).ThenBy(p => p.Column)
            .ThenBy(p => p.FieldPath, StringComparer.Ordinal).ThenBy(p => p.Message, StringComparer.Ordinal)
            .ToList();
}

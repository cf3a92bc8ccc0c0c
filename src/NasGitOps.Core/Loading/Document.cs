using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Loading;

/// <summary>One document, valid or not.</summary>
/// <param name="Id">Null where kind or name cannot be read.</param>
/// <param name="Hosts">The patterns of <c>metadata.hosts</c>; empty for every host.</param>
/// <param name="Manifest">Null where the document is invalid.</param>
internal sealed record Document(string File, ResourceId? Id, IReadOnlyList<string> Hosts, Manifest? Manifest);

/// <summary>All documents of some files, in the order of their paths.</summary>
/// <param name="Complete">False where a file could not be read to its end, so that more may be declared than is known.</param>
internal sealed record Documents(IReadOnlyList<Document> All, IReadOnlyList<ManifestProblem> Problems, bool Complete);

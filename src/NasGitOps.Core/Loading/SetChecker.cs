using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;

namespace NasGitOps.Core.Loading;

/// <summary>Checks manifests with one another: the set that applies to one host.</summary>
internal sealed class SetChecker(IReadOnlyDictionary<string, IKind> kinds)
{
    /// <summary>Searching for what was meant compares with every name; after some the answer is "nothing fits" anyway.</summary>
    private const int MostHints = 50;

    private const string DatasetKind = "Dataset";

    private readonly List<ManifestProblem> problems = [];
    private int hints;

    public static (ManifestSet Set, IReadOnlyList<ManifestProblem> Problems) Check(IReadOnlyDictionary<string, IKind> kinds, IReadOnlyList<Document> documents, bool complete)
    {
        var checker = new SetChecker(kinds);
        var declared = checker.Distinct(documents);
        var set = checker.WithImplied(new ManifestSet(declared.Values.Select(d => d.Manifest).OfType<Manifest>()));
        checker.CheckReferences(set, declared, complete);
        foreach (var manifest in set.All)
        {
            var kind = kinds[manifest.Id.Kind];
            checker.problems.AddRange(Guard.Run(manifest, checker.problems, () => kind.Check(manifest, set)));
        }

        return (set, checker.problems);
    }

    private Dictionary<ResourceId, Document> Distinct(IReadOnlyList<Document> documents)
    {
        var declared = new Dictionary<ResourceId, Document>();
        foreach (var document in documents)
        {
            if (document.Id is not { } id || declared.TryAdd(id, document)) continue;
            var first = declared[id];
            if (first.Manifest is null) declared[id] = document;
            if (document.Manifest is { } again && first.Manifest is { } before)
            {
                problems.Add(again.Problem("metadata.name", $"{id} is declared twice, first at {Place(before)}", "keep one of the two, or give them different metadata.hosts"));
            }
        }

        return declared;
    }

    private static string Place(Manifest manifest)
    {
        var (line, column) = manifest.Locate("metadata.name");
        return $"{manifest.Provenance.File}:{line}:{column}";
    }

    private ManifestSet WithImplied(ManifestSet set)
    {
        List<Manifest> implied = [];
        foreach (var kind in kinds.Values)
        {
            if (set.All.FirstOrDefault() is not { } any) break;
            implied.AddRange(Guard.Run(any, problems, () => kind.Implied(set)).Where(m => !set.Contains(m.Id)));
        }

        return implied.Count == 0 ? set : new ManifestSet(set.All.Concat(implied.DistinctBy(m => m.Id)));
    }

    private void CheckReferences(ManifestSet set, Dictionary<ResourceId, Document> declared, bool complete)
    {
        // What an unreadable file or an invalid document declares is unknown: saying that it is missing would only hide the real fault.
        var invalid = declared.Where(d => d.Value.Manifest is null).Select(d => d.Key.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var manifest in set.All)
        {
            var kind = kinds[manifest.Id.Kind];
            foreach (var reference in Guard.Run(manifest, problems, () => kind.References(manifest)))
            {
                if (IsDeclared(set, reference.Target) || !complete || invalid.Contains(reference.Target.Name)) continue;
                var (severity, wayOut) = reference.Required
                    ? (Severity.Error, "declare it for the same hosts, or correct the name")
                    : (Severity.Warning, "declare it, unless the host already has it");
                problems.Add(manifest.Problem(reference.FieldPath, $"{reference.Target.Kind} '{Show.Text(reference.Target.Name)}' is not declared{Hint(set, reference.Target)}", wayOut, severity));
            }
        }
    }

    private static bool IsDeclared(ManifestSet set, ResourceId target) => set.Contains(target) || (target.Kind == DatasetKind && set.FindDataset(target.Name) is not null);

    private string Hint(ManifestSet set, ResourceId target)
    {
        if (hints++ >= MostHints) return "";
        var names = target.Kind == DatasetKind
            ? set.All.Select(m => m.Spec).OfType<IMountable>().Select(m => m.DatasetName)
            : set.All.Where(m => m.Id.Kind == target.Kind).Select(m => m.Id.Name);
        return Nearest.Hint(target.Name, names);
    }
}

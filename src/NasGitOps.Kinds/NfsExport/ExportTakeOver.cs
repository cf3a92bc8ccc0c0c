using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;

namespace NasGitOps.Kinds.NfsExport;

/// <summary>Lines of foreign files that a manifest takes over: whole ones, since only those can be taken out without writing anything of others anew.</summary>
internal static class ExportTakeOver
{
    public const string FieldName = "takeOver";

    /// <summary>What is to be taken out: lines that export the manifest's path to one of its clients; empty where nothing is taken over.</summary>
    public static IReadOnlyList<(string File, string Line)> Lines(NfsExportSpec spec, ExportPlace place, ExportFacts facts) => spec.TakeOver
        ? [.. facts.Foreign.Where(f => f.Path == place.Path && f.Line.Length > 0 && spec.Clients.Any(c => c.Host == f.Client)).Select(f => (f.File, f.Line)).Distinct()]
        : [];

    public static Blocker? Problem(ResourceId id, NfsExportSpec spec, ExportPlace place, ExportFacts facts)
    {
        foreach (var (file, line) in Lines(spec, place, facts))
        {
            if (line.Contains('\uFFFD', StringComparison.Ordinal)) return Impossible($"the line of {file} that exports {place.Path} holds bytes that are not UTF-8", $"convert it: iconv -f latin1 -t utf-8 {file}");
            if (facts.Foreign.FirstOrDefault(f => f.File == file && f.Line == line && spec.Clients.All(c => c.Host != f.Client)) is { File: not null } other)
            {
                return Impossible($"the line of {file} that exports {place.Path} exports it to {other.Client} too, which {id} does not name", "name that client too, or give it a line of its own; only whole lines are taken out");
            }
        }

        return null;
    }

    /// <summary>Done once no foreign file exports it any more.</summary>
    public static IEnumerable<Field> Fields(NfsExportSpec spec, IReadOnlyList<(string File, string Line)> lines)
    {
        if (spec.TakeOver) yield return new Field(FieldName, "done", lines.Count == 0 ? "done" : string.Join(", ", lines.Select(l => l.File).Distinct()), lines.Count == 0);
    }

    /// <summary>After our own file is in place: at no instant is nobody exporting.</summary>
    public static IEnumerable<Step> Steps(IReadOnlyList<(string File, string Line)> lines) => lines.Select(l => new TakeOut(l.File, l.Line, l.File + TakeOut.Suffix));

    /// <summary>The number that a foreign line fixed, which is part of the handles that clients hold.</summary>
    public static uint? Fsid(NfsExportSpec spec, ExportPlace place, ExportFacts facts) => Lines(spec, place, facts).Count == 0
        ? null
        : facts.Effective.Where(e => e.Path == place.Path).Select(e => ExportOptions.Fsid(e.Options)).FirstOrDefault(f => f is > 0 and <= int.MaxValue);

    private static Blocker Impossible(string message, string wayOut) => new("TakeOverImpossible", message, wayOut);
}

using System.Text;
using System.Text.Json.Nodes;
using NasGitOps.Core.Importing;
using NasGitOps.Core.Loading;
using NasGitOps.Core.Publishing;

namespace NasGitOps.Kinds.Importing;

/// <summary>Imported manifests as files of a repository: one for each kind, with what was left out as comments.</summary>
internal static class ImportFiles
{
    /// <summary>What each kind's file is called, in the order of a stream.</summary>
    private static readonly (string Kind, string File)[] Names =
    [
        ("Pool", "pools.yaml"), ("Dataset", "datasets.yaml"), ("Group", "groups.yaml"), ("User", "users.yaml"), ("NfsExport", "nfs.yaml"), ("SmbShare", "smb.yaml"),
        ("SnapshotSchedule", "schedules.yaml"),
    ];

    public static IReadOnlyList<SourceFile> Render(string host, IReadOnlyList<Imported> manifests, IReadOnlyList<LeftOut> leftOut)
    {
        var files = Names
            .Select(n => (n.File, Documents: manifests.Where(m => m.Id.Kind == n.Kind).ToList()))
            .Where(f => f.Documents.Count > 0)
            .Select(f => new SourceFile($"hosts/{host}/{f.File}", Encoding.UTF8.GetBytes($"# What {Line(host)} had when 'nasgitops import' ran.\n" + string.Join("---\n", f.Documents.Select(Document)))))
            .ToList();
        if (leftOut.Count > 0) files.Add(new SourceFile($"hosts/{host}/left-out.yaml", Encoding.UTF8.GetBytes(Rest(leftOut))));
        return files;
    }

    public static string Document(Imported manifest)
    {
        var document = new JsonObject
        {
            ["apiVersion"] = "nasgitops.io/v1",
            ["kind"] = manifest.Id.Kind,
            ["metadata"] = new JsonObject { ["name"] = manifest.Id.Name },
            ["spec"] = manifest.Spec.DeepClone(),
        };
        return string.Concat(manifest.Comments.Select(c => $"# {Line(c)}\n")) + YamlText.Write(document);
    }

    /// <summary>A file of comments alone: no manifest, and so no part of what is applied.</summary>
    private static string Rest(IReadOnlyList<LeftOut> leftOut) =>
        "# What this host has and no manifest describes; it stays as it is. Read it, then delete this file.\n"
        + string.Concat(leftOut.Select(l => $"# - {Line(l.What)}: {Line(l.Why)}\n"));

    /// <summary>Names and messages of others end no comment.</summary>
    private static string Line(string text) => string.Concat(text.Select(c => char.IsControl(c) || c is '\u0085' or '\u2028' or '\u2029' or '\ufeff' || char.IsSurrogate(c) ? ' ' : c));
}

using System.Runtime.CompilerServices;
using NasGitOps.Core.Observation;

namespace NasGitOps.Kinds.NfsExport;

/// <summary>What was read of the host's exports, as a typed view of the published tables.</summary>
internal sealed class ExportFacts
{
    // Every export looks at all others: the tables are read once for each observation.
    private static readonly ConditionalWeakTable<KindFacts, ExportFacts> Read = [];

    private readonly KindFacts facts;

    private ExportFacts(KindFacts facts)
    {
        this.facts = facts;
        Ours = facts.Table(FilesTable)
            .Select(f => (f.Key, File: OurExportFile.Parse(f.Value.GetValueOrDefault(Text, ""))))
            .Where(f => f.File is not null)
            .ToDictionary(f => f.Key, f => f.File!);
        Effective = [.. facts.Table(EffectiveTable).Values.Select(e => new ExportEntry(e.GetValueOrDefault(Path, ""), e.GetValueOrDefault(Client, ""), e.GetValueOrDefault(Options, "").Split(',')))];
        Foreign = [.. facts.Table(ForeignTable).Values.Select(f => (f.GetValueOrDefault(File, ""), f.GetValueOrDefault(Path, ""), f.GetValueOrDefault(Client, ""), f.GetValueOrDefault(Line, "")))];
    }

    /// <summary>Table: every file of the exports folder with our prefix, by file name, with <see cref="Text"/>.</summary>
    public const string FilesTable = "files";

    /// <summary>Table: effective exports, with <see cref="Path"/>, <see cref="Client"/> and <see cref="Options"/>.</summary>
    public const string EffectiveTable = "effective";

    /// <summary>Table: what files that are not ours export, with <see cref="File"/>, <see cref="Path"/> and <see cref="Client"/>; and where something is taken over with <see cref="Line"/>.</summary>
    public const string ForeignTable = "foreign";

    /// <summary>Table: directories below a mount root by <see cref="PlaceKey"/>, with <see cref="State"/>.</summary>
    public const string PlacesTable = "places";

    /// <summary>Table: names of clients that are not exported to and that a name service knows.</summary>
    public const string ResolvedTable = "resolved";

    public const string Text = "text";
    public const string Path = "path";
    public const string Client = "client";
    public const string Options = "options";
    public const string File = "file";
    public const string Line = "line";
    public const string State = "state";
    public const string StateDirectory = "directory";
    public const string StateLink = "link";
    public const string StateFile = "file";
    public const string StateAbsent = "absent";

    /// <summary>A directory, and others than root can put something else in its place.</summary>
    public const string StateOpen = "open";

    public static ExportFacts Of(KindFacts facts) => Read.GetValue(facts, f => new ExportFacts(f));

    /// <summary>Files of ours by file name.</summary>
    public IReadOnlyDictionary<string, OurExportFile> Ours { get; }

    public IReadOnlyList<ExportEntry> Effective { get; }

    public IReadOnlyList<(string File, string Path, string Client, string Line)> Foreign { get; }

    /// <summary>Whether a client that is not exported to could be.</summary>
    public bool Resolves(string host) => facts.Table(ResolvedTable).ContainsKey(host);

    /// <summary>Null where there is no such file.</summary>
    public string? FileText(string fileName) => facts.Table(FilesTable).GetValueOrDefault(fileName)?.GetValueOrDefault(Text);

    /// <summary>What stands at a directory below a mount root; null where nobody looked.</summary>
    public string? PlaceState(string root, string subpath) => facts.Table(PlacesTable).GetValueOrDefault(PlaceKey(root, subpath))?.GetValueOrDefault(State);

    public static string PlaceKey(string root, string subpath) => $"{root} {subpath}";
}

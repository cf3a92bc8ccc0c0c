namespace NasGitOps.Kinds.NfsExport;

/// <summary>One path exported to one client.</summary>
/// <param name="Options">Without order and doubles; etab repeats some behind <c>sec=</c>.</param>
internal sealed record ExportEntry(string Path, string Client, IReadOnlyList<string> Options);

/// <summary>Reads <c>/var/lib/nfs/etab</c>: what <c>exportfs</c> last made effective, one line for each path and client.</summary>
internal static class Etab
{
    public static IReadOnlyList<ExportEntry> Parse(string text) => [.. text.Split('\n').Select(ParseLine).OfType<ExportEntry>()];

    private static ExportEntry? ParseLine(string line)
    {
        var tab = line.IndexOf('\t', StringComparison.Ordinal);
        var open = tab < 0 ? -1 : line.IndexOf('(', tab);
        if (open < 0 || !line.EndsWith(')')) return null;
        return new ExportEntry(ExportText.Decode(line[..tab]), line[(tab + 1)..open], [.. line[(open + 1)..^1].Split(',').Distinct()]);
    }
}

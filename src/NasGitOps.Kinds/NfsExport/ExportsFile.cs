using System.Text;

namespace NasGitOps.Kinds.NfsExport;

/// <summary>Reads any exports file, ours and foreign ones: which paths it exports to whom, so that duplicates are seen before they are made.</summary>
internal static class ExportsFile
{
    public static IEnumerable<(string Path, string Client)> Parse(string text) => Lines(text).Select(l => (l.Path, l.Client));

    /// <summary>With the line as it stands, its end and those that continue it included.</summary>
    public static IEnumerable<(string Path, string Client, string Line)> Lines(string text)
    {
        foreach (var whole in Whole(text))
        {
            if (Words(whole.Replace("\\\n", " ", StringComparison.Ordinal)) is not [var path, .. var clients]) continue;
            if (!path.StartsWith('/')) continue;
            if (clients.Length == 0) yield return (path, ClientHost.Everyone, whole);
            foreach (var client in clients.Where(c => !c.StartsWith('-')))
            {
                var host = client.Split('(')[0];
                yield return (path, host.Length == 0 ? ClientHost.Everyone : ClientHost.Canonical(host) ?? host, whole);
            }
        }
    }

    /// <summary>Lines with those that a backslash at their end joins to them.</summary>
    private static IEnumerable<string> Whole(string text)
    {
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = start;
            do
            {
                var next = text.IndexOf('\n', end);
                end = next < 0 ? text.Length : next + 1;
            }
            while (end < text.Length && text[..(end - 1)].EndsWith('\\'));
            yield return text[start..end];
        }
    }

    private static string[] Words(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var quoted = false;
        foreach (var c in line)
        {
            if (c == '"') quoted = !quoted;
            else if (c == '#' && !quoted) break;
            else if (char.IsWhiteSpace(c) && !quoted) End();
            else word.Append(c);
        }

        End();
        return [.. words];

        void End()
        {
            if (word.Length > 0) words.Add(ExportText.Decode(word.ToString()));
            word.Clear();
        }
    }
}

using System.Text;

namespace NasGitOps.Kinds.NfsExport;

/// <summary>Reads any exports file, ours and foreign ones: which paths it exports to whom, so that duplicates are seen before they are made.</summary>
internal static class ExportsFile
{
    public static IEnumerable<(string Path, string Client)> Parse(string text)
    {
        foreach (var line in text.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n'))
        {
            if (Words(line) is not [var path, .. var clients]) continue;
            if (!path.StartsWith('/')) continue;
            if (clients.Length == 0) yield return (path, ClientHost.Everyone);
            foreach (var client in clients.Where(c => !c.StartsWith('-')))
            {
                var host = client.Split('(')[0];
                yield return (path, host.Length == 0 ? ClientHost.Everyone : ClientHost.Canonical(host) ?? host);
            }
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

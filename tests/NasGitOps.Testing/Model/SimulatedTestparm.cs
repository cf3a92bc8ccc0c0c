using System.Text;
using NasGitOps.Kinds.Samba;

namespace NasGitOps.Testing.Model;

/// <summary>Reads smb.conf files as Samba does (sections merge, missing includes are passed over) and prints them as <c>testparm -s</c>: defaults left out.</summary>
public static class SimulatedTestparm
{
    public static string Print(IReadOnlyDictionary<string, string> files, string path)
    {
        var global = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var sections = new Dictionary<string, SortedDictionary<string, string>>(StringComparer.OrdinalIgnoreCase);
        var current = global;
        Read(path);
        var output = new StringBuilder("# Global parameters\n[global]\n");
        foreach (var (name, value) in global.Where(p => !IsDefault(GlobalParameters.Find(p.Key) ?? ShareParameters.Find(p.Key), p.Value))) output.Append($"\t{name} = {value}\n");
        foreach (var (section, parameters) in sections)
        {
            output.Append($"\n\n[{section}]\n");
            foreach (var (name, value) in parameters)
            {
                var known = ShareParameters.Find(name);
                var inherited = global.GetValueOrDefault(name) ?? known?.Default;
                if (known is null || inherited is null || known.Canonical(value) != known.Canonical(inherited)) output.Append($"\t{name} = {value}\n");
            }
        }

        return output.ToString();

        void Read(string file)
        {
            if (!files.TryGetValue(file, out var text)) return;
            foreach (var line in text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] is not ('#' or ';')))
            {
                if (line.StartsWith('['))
                {
                    var name = line[1..line.IndexOf(']', StringComparison.Ordinal)];
                    if (SmbConfText.IsGlobal(name)) current = global;
                    else if (!sections.TryGetValue(name, out current!)) current = sections[name] = new(StringComparer.Ordinal);
                }
                else
                {
                    var parts = line.Split('=', 2);
                    if (parts[0].Trim() == "include") Read(parts[1].Trim());
                    else current[parts[0].Trim()] = parts[1].Trim();
                }
            }
        }
    }

    private static bool IsDefault(SambaParameter? parameter, string value) => parameter?.IsDefault(value) == true;
}

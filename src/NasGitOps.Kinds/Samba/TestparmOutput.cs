namespace NasGitOps.Kinds.Samba;

/// <summary>The effective configuration as <c>testparm -s</c> prints it: only what differs from the built-in defaults, in a section only what differs from <c>[global]</c> too.</summary>
/// <param name="Global">By parameter in lower case.</param>
/// <param name="Sections">Every share section by its name, compared without case as Samba does.</param>
internal sealed record TestparmOutput(IReadOnlyDictionary<string, string> Global, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Sections)
{
    public static TestparmOutput Parse(string output)
    {
        var global = NewSection();
        var sections = new Dictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.OrdinalIgnoreCase);
        var current = global;
        foreach (var raw in output.Split('\n'))
        {
            var line = raw.Trim();
            if (line.Length == 0 || line[0] is '#' or ';') continue;
            if (!char.IsWhiteSpace(raw[0]) && line.StartsWith('[') && line.EndsWith(']'))
            {
                var name = line[1..^1];
                current = SmbConfText.IsGlobal(name) ? global : NewSection();
                if (current != global) sections[name] = current;
                continue;
            }

            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0) current[line[..equals].Trim().ToLowerInvariant()] = line[(equals + 1)..].Trim();
        }

        return new TestparmOutput(global, sections);
    }

    private static Dictionary<string, string> NewSection() => new(StringComparer.Ordinal);
}

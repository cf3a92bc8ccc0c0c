namespace NasGitOps.Kinds.Samba;

/// <summary>One share section of the host's own smb.conf as it stands there, so that exactly it can be taken out.</summary>
internal static class SmbConfSection
{
    /// <summary>From its header to the end of its last parameter; comments behind that belong to whatever follows. Null where the text does not hold it exactly once.</summary>
    public static string? Find(string text, string name)
    {
        if (SmbConfText.Sections(text).Count(s => s.Equals(name, StringComparison.OrdinalIgnoreCase)) != 1) return null;
        var (start, end) = (-1, -1);
        foreach (var (at, line) in Lines(text))
        {
            var trimmed = line.Trim();
            var isHeader = trimmed.StartsWith('[') && trimmed.Contains(']', StringComparison.Ordinal);
            if (start >= 0 && (isHeader || SmbConfText.BeginsBlock(line))) break;
            if (isHeader && SmbConfText.Sections(line).Any(s => s.Equals(name, StringComparison.OrdinalIgnoreCase))) start = at;
            if (start >= 0 && trimmed.Length > 0 && trimmed[0] is not ('#' or ';')) end = at + line.Length;
        }

        return start < 0 ? null : text[start..end];
    }

    /// <summary>Parameters that bring in others, which the section alone does not show.</summary>
    public static string? BringsIn(string section) => section.Split('\n')
        .Select(l => l.Split('=')[0].Trim().ToLowerInvariant())
        .FirstOrDefault(p => p is "include" or "copy" or "config file");

    /// <summary>With those that a backslash at the end joins to them.</summary>
    private static IEnumerable<(int At, string Line)> Lines(string text)
    {
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = start;
            do
            {
                var next = text.IndexOf('\n', end);
                end = next < 0 ? text.Length : next + 1;
            }
            while (end < text.Length && text[..(end - 1)].TrimEnd('\r').EndsWith('\\'));
            yield return (start, text[start..end]);
        }
    }
}

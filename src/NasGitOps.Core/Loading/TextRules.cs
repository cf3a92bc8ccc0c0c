namespace NasGitOps.Core.Loading;

/// <summary>Refuses texts of monstrous length everywhere, and line breaks, tabs and other control characters in every text but annotations: values end up in
/// configuration files and in tools whose output is read by lines and tabs, where one would be a second option or a second line.</summary>
internal static class TextRules
{
    /// <summary>Much longer than any path or option; short enough for every pattern.</summary>
    private const int LongestText = 4096;

    /// <param name="mayMatch">False where a text is too long to be matched with patterns.</param>
    public static IReadOnlyList<SchemaFault> Find(MapNode document, out bool mayMatch)
    {
        var faults = new List<SchemaFault>();
        mayMatch = !TooLong(document, faults);
        if (!mayMatch) return faults;
        foreach (var entry in document.Entries) Walk(entry, "", faults);
        return faults;
    }

    private static bool TooLong(Node node, List<SchemaFault> faults)
    {
        switch (node)
        {
            case ScalarNode scalar when scalar.Text.Length > LongestText:
                faults.Add(new SchemaFault(scalar.Line, scalar.Column, "", $"a text of {scalar.Text.Length:N0} characters; {LongestText:N0} are allowed", "shorten it"));
                return true;
            case MapNode map:
                return map.Entries.Any(e => IsLong(e, faults) || TooLong(e.Value.Node, faults));
            case ListNode list:
                return list.Items.Any(i => TooLong(i.Node, faults));
            default:
                return false;
        }
    }

    private static bool IsLong(Entry entry, List<SchemaFault> faults)
    {
        if (entry.Key.Length <= LongestText) return false;
        faults.Add(new SchemaFault(entry.Line, entry.Column, "", $"a key of {entry.Key.Length:N0} characters; {LongestText:N0} are allowed", "shorten it"));
        return true;
    }

    private static void Walk(Entry entry, string parent, List<SchemaFault> faults)
    {
        var path = FieldPath.Field(parent, entry.Key);
        if (path == "metadata.annotations") return;
        if (IsBad(entry.Key)) faults.Add(Fault(entry.Line, entry.Column, parent, "key", entry.Key));
        Walk(entry.Value, path, faults);
    }

    private static void Walk(Slot slot, string path, List<SchemaFault> faults)
    {
        if (faults.Count >= Limits.Problems) return;
        switch (slot.Node)
        {
            case ScalarNode scalar when IsBad(scalar.Text):
                faults.Add(Fault(slot.Line, slot.Column, path, FieldPath.Last(path), scalar.Text));
                break;
            case MapNode map:
                foreach (var entry in map.Entries) Walk(entry, path, faults);
                break;
            case ListNode list:
                for (var i = 0; i < list.Items.Count; i++) Walk(list.Items[i], FieldPath.Item(path, i), faults);
                break;
        }
    }

    private static bool IsBad(string text)
    {
        foreach (var c in text)
        {
            if (char.IsControl(c) || c is '\u2028' or '\u2029') return true;
        }

        return false;
    }

    private static SchemaFault Fault(int line, int column, string path, string what, string text) =>
        new(line, column, path, $"{what} '{Show.Text(text)}' holds a line break or control character", "write it on one line, without escapes; a block text ('|', '>') ends with a line break");
}

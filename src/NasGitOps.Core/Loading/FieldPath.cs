namespace NasGitOps.Core.Loading;

/// <summary>Field paths as <c>spec.clients[0].host</c>; a key that is no plain word is quoted: <c>spec.options["veto files"]</c>.</summary>
internal static class FieldPath
{
    public static string Field(string path, string key)
    {
        if (key.Length == 0 || !key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')) return $"{path}[\"{Show.Text(key)}\"]";
        return path.Length == 0 ? key : $"{path}.{key}";
    }

    public static string Item(string path, int index) => $"{path}[{index}]";

    /// <summary>The last part, for messages: <c>host</c> of <c>spec.clients[0].host</c>.</summary>
    public static string Last(string path)
    {
        if (path.EndsWith("\"]", StringComparison.Ordinal) && path.LastIndexOf("[\"", StringComparison.Ordinal) is >= 0 and var quote) return path[(quote + 2)..^2];
        var end = path;
        while (end.EndsWith(']') && end.LastIndexOf('[') is > 0 and var bracket) end = end[..bracket];
        return end[(end.LastIndexOf('.') + 1)..];
    }

    /// <summary>Where a field stands: a scalar's own place, a mapping's or list's key; of the nearest that encloses it where it is absent.</summary>
    /// <remarks>Keys with dots are found unquoted too: the longest key that fits is taken.</remarks>
    public static (int Line, int Column) Locate(Node root, string path)
    {
        var node = root;
        var place = (root.Line, root.Column);
        var rest = path.AsSpan();
        while (rest.Length > 0)
        {
            if (rest[0] == '.')
            {
                rest = rest[1..];
            }
            else if (node is ListNode list && Index(rest, out var length) is { } index && index < list.Items.Count)
            {
                var slot = list.Items[index];
                node = slot.Node;
                place = (slot.Line, slot.Column);
                rest = rest[length..];
            }
            else if (node is MapNode map && Match(map, rest, out length) is { } entry)
            {
                node = entry.Value.Node;
                place = (entry.Value.Line, entry.Value.Column);
                rest = rest[length..];
            }
            else
            {
                break;
            }
        }

        return place;
    }

    private static int? Index(ReadOnlySpan<char> rest, out int length)
    {
        length = rest.IndexOf(']') + 1;
        return rest[0] == '[' && length > 2 && int.TryParse(rest[1..(length - 1)], out var index) && index >= 0 ? index : null;
    }

    private static Entry? Match(MapNode map, ReadOnlySpan<char> rest, out int length)
    {
        Entry? best = null;
        length = 0;
        foreach (var entry in map.Entries)
        {
            foreach (var form in (string[])[entry.Key, $"[\"{Show.Text(entry.Key)}\"]"])
            {
                if (form.Length <= length || !rest.StartsWith(form, StringComparison.Ordinal)) continue;
                if (rest.Length > form.Length && rest[form.Length] is not ('.' or '[')) continue;
                (best, length) = (entry, form.Length);
            }
        }

        return best;
    }
}

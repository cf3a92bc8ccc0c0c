using NasGitOps.Core.Loading;
using NasGitOps.Core.Manifests;

namespace NasGitOps.Configuration;

/// <summary>One mapping of the configuration file. It remembers which fields were asked for: what is left over is a typo, and told.</summary>
/// <param name="node">Null where the file does not have the mapping; every field is absent then.</param>
internal sealed class ConfigMap(string file, string path, MapNode? node, List<ManifestProblem> problems)
{
    private readonly HashSet<string> known = new(StringComparer.Ordinal);

    /// <summary>Fields as they stand in the file, for a map whose names are free.</summary>
    public IEnumerable<string> Names => [.. node?.Entries.Select(e => e.Key) ?? []];

    public bool Has(string name) => Find(name) is not null;

    public ConfigMap Map(string name)
    {
        var entry = Find(name);
        if (entry is not null && entry.Value.Node is not MapNode) Problem(name, "a mapping is expected here", $"indent fields of their own below '{name}:'");
        return new ConfigMap(file, FieldPath.Field(path, name), entry?.Value.Node as MapNode, problems);
    }

    public string? Text(string name)
    {
        if (Find(name) is not { } entry) return null;
        if (entry.Value.Node is ScalarNode { Type: ScalarType.Text, Text.Length: > 0 } text) return text.Text;
        if (entry.Value.Node is ScalarNode { Type: ScalarType.Integer or ScalarType.Number } number) return number.Text;
        Problem(name, "a text is expected here", "give a value, quoted if it looks like something else");
        return null;
    }

    public bool? Flag(string name)
    {
        if (Find(name) is not { } entry) return null;
        if (entry.Value.Node is ScalarNode { Value: bool flag }) return flag;
        Problem(name, "true or false is expected here", "without quotes");
        return null;
    }

    public int? Number(string name, int least)
    {
        if (Find(name) is not { } entry) return null;
        if (entry.Value.Node is ScalarNode { Value: long number } && number >= least && number <= int.MaxValue) return (int)number;
        Problem(name, $"a whole number of at least {least} is expected here", "as 5");
        return null;
    }

    public TimeSpan? Period(string name, TimeSpan least)
    {
        if (Text(name) is not { } text) return null;
        if (Duration.TryParse(text, out var period) && period >= least) return period;
        Problem(name, $"'{Show.Text(text)}' is no duration of at least {Duration.Format(least)}", "a whole number and one of s m h d w, as 60s or 5m");
        return null;
    }

    /// <summary>Bytes.</summary>
    public long? Size(string name, long least)
    {
        if (Text(name) is not { } text) return null;
        if (ByteSize.TryParse(text, out var size) && size.Bytes >= (ulong)least && size.Bytes <= long.MaxValue) return (long)size.Bytes;
        Problem(name, $"'{Show.Text(text)}' is no size of at least {new ByteSize((ulong)least)}", "as 64MiB");
        return null;
    }

    /// <summary>An absolute path.</summary>
    public string? Folder(string name)
    {
        if (Text(name) is not { } text) return null;
        if (text.StartsWith('/') && !text.Split('/').Contains("..") && !text.Any(char.IsControl)) return text.Length > 1 ? text.TrimEnd('/') : text;
        Problem(name, $"'{Show.Text(text)}' is no absolute path", "begin with '/', without '..'");
        return null;
    }

    public T? Choice<T>(string name)
        where T : struct, Enum
    {
        if (Text(name) is not { } text) return null;
        var choices = Enum.GetValues<T>().ToDictionary(v => v.ToString().ToLowerInvariant());
        if (choices.TryGetValue(text, out var value)) return value;
        Problem(name, $"'{Show.Text(text)}' is not known here", $"one of {string.Join(", ", choices.Keys)}{Nearest.Hint(text, choices.Keys)}");
        return null;
    }

    public IReadOnlyList<(string Text, int Index)> Texts(string name)
    {
        if (Find(name) is not { } entry) return [];
        if (entry.Value.Node is ListNode list && list.Items.All(i => i.Node is ScalarNode { Type: ScalarType.Text or ScalarType.Integer }))
        {
            return [.. list.Items.Select((item, index) => (((ScalarNode)item.Node).Text, index))];
        }

        Problem(name, "a list of texts is expected here", $"as '{name}: [one, two]'");
        return [];
    }

    /// <summary>A list of mappings, each read as one of its own.</summary>
    public IReadOnlyList<ConfigMap> Maps(string name)
    {
        if (Find(name) is not { } entry) return [];
        if (entry.Value.Node is ListNode list && list.Items.All(i => i.Node is MapNode))
        {
            return [.. list.Items.Select((item, index) => new ConfigMap(file, $"{FieldPath.Field(path, name)}[{index}]", (MapNode)item.Node, problems))];
        }

        Problem(name, "a list of mappings is expected here", $"as '{name}: [{{…}}, {{…}}]'");
        return [];
    }

    /// <summary>A field of the contract that nothing acts on yet: ignoring it would promise what does not happen.</summary>
    public void NotBuilt(string name, string what)
    {
        if (Find(name) is not null) Problem(name, $"{what}: this version does not have that yet", "take the field out; it is refused so that nobody relies on it");
    }

    public void Problem(string name, string message, string wayOut)
    {
        var field = name.Length == 0 ? path : FieldPath.Field(path, name);
        var (line, column) = node is null ? (0, 0) : FieldPath.Locate(node, name);
        problems.Add(new ManifestProblem(Severity.Error, file, line, column, field, message, wayOut));
    }

    /// <summary>Tells the fields that nobody asked for.</summary>
    public void Finish()
    {
        foreach (var entry in node?.Entries.Where(e => !known.Contains(e.Key)) ?? [])
        {
            var field = FieldPath.Field(path, entry.Key);
            problems.Add(new ManifestProblem(
                Severity.Error, file, entry.Line, entry.Column, field, $"unknown field '{Show.Text(entry.Key)}'{Nearest.Hint(entry.Key, known)}", $"known here: {Show.List(known.Order())}"));
        }
    }

    private Entry? Find(string name)
    {
        known.Add(name);
        return node?.Find(name) is { Value.Node: not ScalarNode { Type: ScalarType.Null } } entry ? entry : null;
    }
}

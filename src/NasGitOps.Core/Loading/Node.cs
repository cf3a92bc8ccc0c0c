using Newtonsoft.Json.Linq;

namespace NasGitOps.Core.Loading;

/// <summary>A YAML node that knows its place; aliases are already resolved, so a node may be reached on several ways.</summary>
/// <param name="line">From 1.</param>
/// <param name="column">From 1.</param>
internal abstract class Node(int line, int column)
{
    public int Line { get; } = line;

    public int Column { get; } = column;

    /// <summary>The number of nodes when every alias is expanded.</summary>
    public int Size { get; protected set; } = 1;

    /// <summary>Levels of nesting when every alias is expanded; 1 for a scalar.</summary>
    public int Depth { get; protected set; } = 1;

    /// <summary>The same value as the validator wants it.</summary>
    public abstract JToken ToToken();

    protected void Include(Node child)
    {
        Size += child.Size;
        Depth = Math.Max(Depth, child.Depth + 1);
    }
}

internal enum ScalarType
{
    Text,
    Integer,
    Number,
    Boolean,
    Null,
}

/// <param name="text">As written, without quotes and escapes.</param>
/// <param name="value">A string, long, double, bool or null.</param>
/// <param name="quoted">Quoted or a block: text whatever it looks like.</param>
internal sealed class ScalarNode(int line, int column, string text, ScalarType type, object? value, bool quoted) : Node(line, column)
{
    public string Text { get; } = text;

    public ScalarType Type { get; } = type;

    public object? Value { get; } = value;

    public bool Quoted { get; } = quoted;

    public override JToken ToToken() => Value is null ? JValue.CreateNull() : new JValue(Value);
}

/// <summary>A value where it is used: for an alias the place of the alias, not of its anchor; for a mapping, a list or nothing below a key, the key's.</summary>
internal readonly record struct Slot(Node Node, int Line, int Column);

/// <summary>A key with its value; the place is the key's.</summary>
internal sealed record Entry(string Key, int Line, int Column, Slot Value);

internal sealed class MapNode(int line, int column) : Node(line, column)
{
    private readonly OrderedDictionary<string, Entry> entries = new(StringComparer.Ordinal);

    public IReadOnlyList<Entry> Entries => entries.Values;

    public Entry? Find(string key) => entries.GetValueOrDefault(key);

    /// <returns>False where the key is there already; the first one stays.</returns>
    public bool Add(Entry entry)
    {
        if (!entries.TryAdd(entry.Key, entry)) return false;
        Size++;
        Include(entry.Value.Node);
        return true;
    }

    public override JToken ToToken()
    {
        var result = new JObject();
        foreach (var entry in entries.Values) result.Add(entry.Key, entry.Value.Node.ToToken());
        return result;
    }
}

internal sealed class ListNode(int line, int column) : Node(line, column)
{
    private readonly List<Slot> items = [];

    public IReadOnlyList<Slot> Items => items;

    public void Add(Slot item)
    {
        items.Add(item);
        Include(item.Node);
    }

    public override JToken ToToken()
    {
        var result = new JArray();
        foreach (var item in items) result.Add(item.Node.ToToken());
        return result;
    }
}

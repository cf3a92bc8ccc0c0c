using System.Text;
using NasGitOps.Core.Manifests;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace NasGitOps.Core.Loading;

/// <summary>Reads YAML into nodes with places. Whatever the bytes are, the answer is documents and problems, never an exception.</summary>
internal sealed class YamlReader
{
    private readonly string path;
    private readonly List<Node> documents = [];
    private readonly List<ManifestProblem> problems = [];
    private readonly Dictionary<string, Node?> anchors = new(StringComparer.Ordinal);
    private int nodes;
    private Mark last = Mark.Empty;

    private YamlReader(string path) => this.path = path;

    public static YamlFile Read(SourceFile file)
    {
        var reader = new YamlReader(file.Path);
        var complete = reader.ReadAll(file.Content);
        return new YamlFile(file.Path, reader.documents, reader.problems, complete);
    }

    private bool ReadAll(byte[] content)
    {
        var text = SourceText.Decode(path, content, out var problem);
        if (text is null)
        {
            problems.Add(problem!);
            return false;
        }

        Scanner? scanner = null;
        try
        {
            scanner = new Scanner(new StringReader(text));
            var parser = new Parser(scanner);
            while (Next(parser) is { } parsed)
            {
                if (parsed is DocumentStart) ReadDocument(parser);
            }

            return true;
        }
        catch (RefusedException refused)
        {
            problems.Add(refused.Problem);
        }
        catch (YamlException e)
        {
            // Some errors know no place (a tab as indentation): then it is where the scanner stands.
            Malformed(e.Start.Line <= 1 && e.Start.Column <= 1 ? scanner?.CurrentPosition ?? last : e.Start, e.Message);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The parser also ends with InvalidOperationException and others that know no place: the last one read is the nearest.
            Malformed(last, "it cannot be understood from here on");
        }

        return false;
    }

    private void ReadDocument(Parser parser)
    {
        anchors.Clear();
        var first = Next(parser)!;
        var root = ReadNode(parser, first, 1);
        if (root.Node is not ScalarNode { Type: ScalarType.Null }) documents.Add(root.Node);
    }

    private ParsingEvent? Next(Parser parser)
    {
        if (!parser.MoveNext()) return null;
        var parsed = parser.Current!;
        last = parsed.End;
        return parsed;
    }

    private Slot ReadNode(Parser parser, ParsingEvent parsed, int depth)
    {
        var (line, column) = Place(parsed.Start);
        if (++nodes > Limits.Nodes) throw TooMany(line, column);
        if (depth > Limits.Depth) throw TooDeep(line, column);
        switch (parsed)
        {
            case AnchorAlias alias:
                return new Slot(Resolve(alias, depth, line, column), line, column);
            case YamlDotNet.Core.Events.Scalar scalar:
                var value = ReadScalar(scalar, line, column);
                if (!scalar.Anchor.IsEmpty) anchors[scalar.Anchor.Value] = value;
                return new Slot(value, line, column);
            case MappingStart start:
                return ReadCollection(start, new MapNode(line, column), map => ReadEntries(parser, map, depth));
            case SequenceStart start:
                return ReadCollection(start, new ListNode(line, column), list => ReadItems(parser, list, depth));
            default:
                throw Refuse(line, column, "malformed YAML: a value is missing", "give a value");
        }
    }

    private Slot ReadCollection<T>(NodeEvent start, T node, Action<T> read)
        where T : Node
    {
        var wanted = node is MapNode ? "map" : "seq";
        if (!start.Tag.IsEmpty && !start.Tag.IsNonSpecific && start.Tag.Value != CorePrefix + wanted) throw RefuseTag(start.Tag, node.Line, node.Column);
        if (!start.Anchor.IsEmpty) anchors[start.Anchor.Value] = null;
        read(node);
        if (!start.Anchor.IsEmpty) anchors[start.Anchor.Value] = node;
        return new Slot(node, node.Line, node.Column);
    }

    private void ReadItems(Parser parser, ListNode list, int depth)
    {
        while (Next(parser) is { } item and not SequenceEnd) list.Add(ReadNode(parser, item, depth + 1));
    }

    private void ReadEntries(Parser parser, MapNode map, int depth)
    {
        while (Next(parser) is { } parsed and not MappingEnd)
        {
            var (line, column) = Place(parsed.Start);
            var key = ReadNode(parser, parsed, depth + 1).Node as ScalarNode
                ?? throw Refuse(line, column, "a key must be plain text, not a mapping or list", "a value that begins with '{' or '[' and is meant as text needs quotes");
            var value = ReadNode(parser, Next(parser)!, depth + 1);
            if (value.Node is not ScalarNode { Type: not ScalarType.Null }) value = value with { Line = line, Column = column };
            if (map.Add(new Entry(key.Text, line, column, value))) continue;
            var first = map.Find(key.Text)!;
            problems.Add(new ManifestProblem(
                Severity.Error, path, line, column, "", $"duplicate key '{Show.Text(key.Text)}', first given at {path}:{first.Line}:{first.Column}", "keep one of the two"));
        }
    }

    private Node Resolve(AnchorAlias alias, int depth, int line, int column)
    {
        var name = alias.Value.Value;
        if (!anchors.TryGetValue(name, out var node)) throw Refuse(line, column, $"alias '*{name}' has no anchor '&{name}' before it", "name an anchor of the same document");
        if (node is null) throw Refuse(line, column, $"alias '*{name}' refers to what contains it", "write the value out");
        nodes += node.Size;
        if (nodes > Limits.Nodes) throw TooMany(line, column);
        if (depth + node.Depth - 1 > Limits.Depth) throw TooDeep(line, column);
        return node;
    }

    private ScalarNode ReadScalar(YamlDotNet.Core.Events.Scalar scalar, int line, int column)
    {
        var quoted = scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any);
        var text = scalar.Value;
        if (scalar.Tag.IsEmpty && quoted || scalar.Tag is { IsEmpty: false, IsNonSpecific: true }) return new ScalarNode(line, column, text, ScalarType.Text, text, quoted: true);
        var (type, value) = CoreScalar.Resolve(text);
        if (!scalar.Tag.IsEmpty)
        {
            var tag = scalar.Tag.Value;
            if (tag == CorePrefix + "str") return new ScalarNode(line, column, text, ScalarType.Text, text, quoted: true);
            if (tag == CorePrefix + "float" && type == ScalarType.Integer) (type, value) = (ScalarType.Number, Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture));
            var wanted = tag switch
            {
                CorePrefix + "int" => ScalarType.Integer,
                CorePrefix + "float" => ScalarType.Number,
                CorePrefix + "bool" => ScalarType.Boolean,
                CorePrefix + "null" => ScalarType.Null,
                _ => throw RefuseTag(scalar.Tag, line, column),
            };
            if (wanted != type) throw Refuse(line, column, $"'{Show.Text(text)}' is not what its tag '{Show.Tag(tag)}' says", "take the tag out");
        }

        if (type == ScalarType.Number && value is null) throw Refuse(line, column, $"the number {Show.Text(text)} is out of range", "quote it if it is meant as text");
        return new ScalarNode(line, column, text, type, value, quoted: false);
    }

    private const string CorePrefix = "tag:yaml.org,2002:";

    private RefusedException RefuseTag(TagName tag, int line, int column) =>
        Refuse(line, column, $"the tag '{Show.Tag(tag.Value)}' is refused: tags that construct types are not read", "take the tag out; quote what is meant as text");

    private RefusedException TooMany(int line, int column) =>
        Refuse(line, column, $"more than {Limits.Nodes:N0} values when aliases are expanded", "split the file, or use fewer aliases");

    private RefusedException TooDeep(int line, int column) => Refuse(line, column, $"nested deeper than {Limits.Depth} levels", "no manifest is that deep");

    private RefusedException Refuse(int line, int column, string message, string wayOut) =>
        new(new ManifestProblem(Severity.Error, path, line, column, "", message, wayOut));

    private void Malformed(Mark mark, string message)
    {
        var (line, column) = Place(mark);
        problems.Add(new ManifestProblem(
            Severity.Error, path, line, column, "", $"malformed YAML: {Show.Sentence(message)}", "check indentation, quotes, brackets and colons here and just above"));
    }

    private static (int Line, int Column) Place(Mark mark) => ((int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));

    /// <summary>Ends the reading of this file from any depth.</summary>
    private sealed class RefusedException(ManifestProblem problem) : Exception(problem.Message)
    {
        public ManifestProblem Problem { get; } = problem;
    }
}

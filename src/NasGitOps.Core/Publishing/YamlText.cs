using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace NasGitOps.Core.Publishing;

/// <summary>JSON values as YAML text and back; what is written reads back equal. Only for documents this product writes itself: manifests have their own, stricter reader.</summary>
public static partial class YamlText
{
    public static string Write(JsonNode? node)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(writer, new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024, indentSequences: true));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(emitter, node);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return writer.ToString();
    }

    /// <exception cref="FormatException">The text is no YAML of the kind that <see cref="Write"/> makes.</exception>
    public static JsonNode? Read(string text)
    {
        try
        {
            var parser = new Parser(new StringReader(text));
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _)) return null;
            parser.Consume<DocumentStart>();
            return ReadNode(parser, 0);
        }
        catch (YamlException e)
        {
            throw new FormatException($"line {e.Start.Line}, column {e.Start.Column}: {e.Message}", e);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The parser's own state, on text that only looks like YAML.
            throw new FormatException($"this is no YAML: {e.Message}", e);
        }
    }

    private static void Emit(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, map.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (key, value) in map)
                {
                    emitter.Emit(Text(key));
                    Emit(emitter, value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray list:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, list.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in list) Emit(emitter, item);
                emitter.Emit(new SequenceEnd());
                break;
            case JsonValue value when value.TryGetValue<string>(out var text):
                emitter.Emit(Text(text));
                break;
            default:
                emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, node?.ToJsonString() ?? "null", ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: false));
                break;
        }
    }

    private static Scalar Text(string text)
    {
        var style = text.Contains('\n', StringComparison.Ordinal) && IsPlainBlock(text) ? ScalarStyle.Literal
            : text.Contains('\n', StringComparison.Ordinal) || LooksTyped().IsMatch(text) || !Printable().IsMatch(text) ? ScalarStyle.DoubleQuoted
            : ScalarStyle.Any;
        return new Scalar(AnchorName.Empty, TagName.Empty, text, style, isPlainImplicit: true, isQuotedImplicit: true);
    }

    /// <summary>A block loses empty lines at its ends, and blanks before its first word.</summary>
    private static bool IsPlainBlock(string text) => Printable().IsMatch(text) && !char.IsWhiteSpace(text[0]) && !text.EndsWith("\n\n", StringComparison.Ordinal);

    private static JsonNode? ReadNode(Parser parser, int depth)
    {
        if (depth > 64) throw new FormatException("nested too deep");
        if (parser.TryConsume<Scalar>(out var scalar)) return ReadScalar(scalar);
        if (parser.TryConsume<SequenceStart>(out _))
        {
            var list = new JsonArray();
            while (!parser.TryConsume<SequenceEnd>(out _)) list.Add(ReadNode(parser, depth + 1));
            return list;
        }

        if (!parser.TryConsume<MappingStart>(out _)) throw new FormatException("aliases are not used in this document");
        var map = new JsonObject();
        while (!parser.TryConsume<MappingEnd>(out _)) map[parser.Consume<Scalar>().Value] = ReadNode(parser, depth + 1);
        return map;
    }

    private static JsonNode? ReadScalar(Scalar scalar)
    {
        var text = scalar.Value;
        if (scalar.Style != ScalarStyle.Plain) return JsonValue.Create(text);
        if (text is "null" or "~" or "") return null;
        if (text is "true" or "false") return JsonValue.Create(text == "true");
        if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var whole)) return JsonValue.Create(whole);
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var signed)) return JsonValue.Create(signed);
        return JsonValue.Create(text);
    }

    /// <summary>What a YAML 1.1 or 1.2 reader could take for something else than text.</summary>
    [GeneratedRegex(@"^(|~|null|Null|NULL|true|True|TRUE|false|False|FALSE|yes|Yes|no|No|on|On|ON|off|Off|OFF|y|n|[-+]?[0-9.][0-9_.:eExXoa-fA-F+-]*|\.inf|\.nan|\d{4}-\d\d-\d\d.*)$")]
    private static partial Regex LooksTyped();

    /// <summary>Text that a literal or plain scalar keeps to the letter.</summary>
    [GeneratedRegex(@"^[ -~\n\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe]*$")]
    private static partial Regex Printable();
}

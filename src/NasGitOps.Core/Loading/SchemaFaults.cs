using System.Globalization;
using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Core.Loading;

/// <summary>One thing wrong with a document, in words for people.</summary>
internal sealed record SchemaFault(int Line, int Column, string FieldPath, string Message, string WayOut);

/// <summary>Says why a document does not fit its schema. Whether it fits is the validator's decision, so that editors and we agree; this only explains.</summary>
internal sealed class SchemaFaults
{
    private readonly List<SchemaFault> faults = [];

    private SchemaFaults()
    {
    }

    public static IReadOnlyList<SchemaFault> Find(SchemaView schema, Slot document)
    {
        var finder = new SchemaFaults();
        finder.Check(schema, document, "");
        return finder.faults;
    }

    private bool IsFull => faults.Count >= Limits.Problems;

    private static IReadOnlyList<SchemaFault> Try(SchemaView schema, Slot slot, string path)
    {
        var finder = new SchemaFaults();
        finder.Check(schema, slot, path);
        return finder.faults;
    }

    private void Check(SchemaView schema, Slot slot, string path)
    {
        if (IsFull) return;
        if (!TypeWords.Fits(schema.Types, slot.Node))
        {
            var (message, wayOut) = TypeWords.Mismatch(schema, slot.Node);
            Add(slot, path, message, wayOut);
            return;
        }

        var before = faults.Count;
        CheckEnum(schema, slot, path);
        switch (slot.Node)
        {
            case ScalarNode { Type: ScalarType.Text } text when faults.Count == before:
                CheckText(schema, slot, text.Text, path);
                break;
            case ScalarNode { Type: ScalarType.Integer or ScalarType.Number } number when faults.Count == before:
                CheckNumber(schema, slot, number, path);
                break;
            case MapNode map:
                CheckMap(schema, slot, map, path);
                break;
            case ListNode list:
                CheckList(schema, slot, list, path);
                break;
        }

        foreach (var branch in schema.Branches("allOf")) Check(branch, slot, path);
        CheckBranches(schema.Branches("anyOf"), slot, path, exclusive: false);
        CheckBranches(schema.Branches("oneOf"), slot, path, exclusive: true);
    }

    private void CheckEnum(SchemaView schema, Slot slot, string path)
    {
        var allowed = schema.Enum;
        if (allowed.Count == 0 || allowed.Any(a => JToken.DeepEquals(a, slot.Node.ToToken()))) return;
        var words = allowed.Select(a => a.ToString()).ToList();
        var text = (slot.Node as ScalarNode)?.Text ?? "";
        var choice = words.Count == 1 ? $"must be '{words[0]}'" : $"is none of {Show.List(words)}";
        Add(slot, path, $"{FieldPath.Last(path)} '{Show.Text(text)}' {choice}", Nearest.To(text, words) is { } near ? $"did you mean '{near}'?" : $"write {(words.Count == 1 ? words[0] : "one of them")}");
    }

    private void CheckText(SchemaView schema, Slot slot, string text, string path)
    {
        var field = FieldPath.Last(path);
        var length = new StringInfo(text).LengthInTextElements;
        if (schema.Number("minLength") is { } shortest && length < shortest)
        {
            Add(slot, path, text.Length == 0 ? $"{field} is empty" : $"{field} has {length} characters; at least {shortest} are needed", schema.Description);
        }
        else if (schema.Number("maxLength") is { } longest && length > longest)
        {
            Add(slot, path, $"{field} has {length} characters; at most {longest} are allowed", "shorten it");
        }
        else if (schema.Text("pattern") is { } pattern && !Regex.IsMatch(text, pattern))
        {
            var own = schema.Text("patternMessage");
            // A password that was pasted instead of its name must not get into a log or the status.
            var shown = field == "secretRef" ? "" : $" '{Show.Text(text)}'";
            Add(slot, path, $"{field}{shown} {own ?? "is not of the form that is wanted"}", schema.Description);
        }
        else if (schema.Text("format") is { } format && Formats.All.TryGetValue(format, out var check) && check(text) is { } wrong)
        {
            Add(slot, path, $"{field} {wrong}", schema.Description);
        }
    }

    private void CheckNumber(SchemaView schema, Slot slot, ScalarNode number, string path)
    {
        var value = Convert.ToDecimal(number.Value, CultureInfo.InvariantCulture);
        var low = schema.Number("minimum");
        var high = schema.Number("maximum");
        var tooLow = value < low || value <= schema.Number("exclusiveMinimum");
        if (!tooLow && !(value > high || value >= schema.Number("exclusiveMaximum"))) return;
        var limit = tooLow
            ? low is { } least ? $"at least {least}" : $"more than {schema.Number("exclusiveMinimum")}"
            : high is { } most ? $"at most {most}" : $"less than {schema.Number("exclusiveMaximum")}";
        Add(slot, path, $"{FieldPath.Last(path)} {Show.Text(number.Text)} is too {(tooLow ? "small" : "large")}; {limit} is wanted", schema.Description);
    }

    private void CheckMap(SchemaView schema, Slot slot, MapNode map, string path)
    {
        foreach (var entry in map.Entries)
        {
            var field = FieldPath.Field(path, entry.Key);
            var value = schema.Property(entry.Key);
            if (value is not null) Check(value, entry.Value, field);
            var patterns = schema.PatternProperties.Where(p => Regex.IsMatch(entry.Key, p.Pattern)).ToList();
            foreach (var (_, byPattern) in patterns) Check(byPattern, entry.Value, field);
            if (value is not null || patterns.Count > 0) continue;
            if (schema.MapValue is { } free) Check(free, entry.Value, field);
            else if (schema.IsClosed) Unknown(schema, map, entry, field);
        }

        foreach (var name in schema.Required.Where(r => map.Find(r) is null))
        {
            var description = schema.Property(name)?.Description ?? "";
            var where = path.Length == 0 ? "" : $" in {FieldPath.Last(path)}";
            Add(slot, path, $"'{name}' is missing{where}", description.Length == 0 ? $"add {name}" : $"add {name}: {description}");
        }

        CheckCount(schema, slot, path, map.Entries.Count, "minProperties", "maxProperties");
    }

    private void Unknown(SchemaView schema, MapNode map, Entry entry, string field)
    {
        if (IsFull) return;
        if (entry.Key == "<<")
        {
            faults.Add(new SchemaFault(entry.Line, entry.Column, field, "merge keys ('<<') are not part of YAML 1.2", "repeat the fields, or give a whole value by an alias"));
            return;
        }

        var known = schema.PropertyNames;
        var free = known.Where(k => map.Find(k) is null).ToList();
        faults.Add(new SchemaFault(
            entry.Line, entry.Column, field, $"unknown field '{Show.Text(entry.Key)}'{Nearest.Hint(entry.Key, free)}", known.Count == 0 ? "no field is known here" : $"known here: {Show.List(known)}"));
    }

    private void CheckList(SchemaView schema, Slot slot, ListNode list, string path)
    {
        CheckCount(schema, slot, path, list.Items.Count, "minItems", "maxItems");
        if (schema.Items is { } items)
        {
            for (var i = 0; i < list.Items.Count; i++) Check(items, list.Items[i], FieldPath.Item(path, i));
        }

        if ((bool?)schema.Schema["uniqueItems"] != true) return;
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < list.Items.Count; i++)
        {
            var text = list.Items[i].Node.ToToken().ToString(Newtonsoft.Json.Formatting.None);
            if (seen.TryAdd(text, i)) continue;
            Add(list.Items[i], FieldPath.Item(path, i), $"{Show.Text(text)} stands twice in {FieldPath.Last(path)}, first in line {list.Items[seen[text]].Line}", "take one of them out");
        }
    }

    private void CheckCount(SchemaView schema, Slot slot, string path, int count, string minimum, string maximum)
    {
        if (schema.Number(minimum) is { } low && count < low) Add(slot, path, $"{FieldPath.Last(path)} has {count} entries; at least {low} {(low == 1 ? "is" : "are")} needed", schema.Description);
        if (schema.Number(maximum) is { } high && count > high) Add(slot, path, $"{FieldPath.Last(path)} has {count} entries; at most {high} {(high == 1 ? "is" : "are")} allowed", schema.Description);
    }

    private void CheckBranches(IReadOnlyList<SchemaView> branches, Slot slot, string path, bool exclusive)
    {
        if (branches.Count == 0 || IsFull) return;
        var tried = branches.Select(b => (Branch: b, Faults: Try(b, slot, path))).ToList();
        var fitting = tried.Count(t => t.Faults.Count == 0);
        if (fitting == 1 || (fitting > 1 && !exclusive)) return;
        if (BranchChoice.ByFields(branches) is { } fields)
        {
            var names = Show.List(fields.Select(f => $"'{f}'"));
            if (fitting == 0) Add(slot, path, $"one of {names} is missing", exclusive ? "give exactly one of them" : "give one of them");
            else Add(slot, path, $"{names} exclude each other", "keep one of them");
        }
        else if (fitting > 1)
        {
            Add(slot, path, $"{FieldPath.Last(path)} can be read in more than one way", branches[0].Description);
        }
        else
        {
            foreach (var fault in BranchChoice.Explain(tried, slot, path)) faults.Add(fault);
        }
    }

    private void Add(Slot slot, string path, string message, string wayOut)
    {
        if (!IsFull) faults.Add(new SchemaFault(slot.Line, slot.Column, path, message, wayOut));
    }
}

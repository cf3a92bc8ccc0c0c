namespace NasGitOps.Core.Loading;

/// <summary>Finds the branch of a <c>oneOf</c> that was meant, so that only its faults are told.</summary>
internal static class BranchChoice
{
    /// <returns>The field names where the branches do no more than require one different field each; else null.</returns>
    public static IReadOnlyList<string>? ByFields(IReadOnlyList<SchemaView> branches) =>
        branches.All(b => b.PropertyNames.Count == 0 && b.Required.Count == 1) ? branches.Select(b => b.Required[0]).ToList() : null;

    public static IReadOnlyList<SchemaFault> Explain(IReadOnlyList<(SchemaView Branch, IReadOnlyList<SchemaFault> Faults)> tried, Slot slot, string path)
    {
        var candidates = tried.Where(t => TypeWords.Fits(t.Branch.Types, slot.Node)).ToList();
        if (candidates.Count == 0)
        {
            var (message, wayOut) = TypeWords.Mismatch(tried.SelectMany(t => t.Branch.Types).Distinct().ToList(), tried[0].Branch, slot.Node);
            return [new SchemaFault(slot.Line, slot.Column, path, message, wayOut)];
        }

        if (slot.Node is MapNode map && Discriminator(candidates.Select(c => c.Branch).ToList()) is { } name)
        {
            var values = candidates.SelectMany(c => c.Branch.Property(name)!.Enum).Select(v => v.ToString()).Distinct().ToList();
            if (map.Find(name) is not { } entry) return [new SchemaFault(slot.Line, slot.Column, path, $"'{name}' is missing", $"write one of {Show.List(values)}")];
            var given = entry.Value.Node.ToToken();
            var chosen = candidates.Where(c => c.Branch.Property(name)!.Enum.Any(v => Newtonsoft.Json.Linq.JToken.DeepEquals(v, given))).ToList();
            if (chosen.Count == 0)
            {
                var text = (entry.Value.Node as ScalarNode)?.Text ?? "";
                return [new SchemaFault(
                    entry.Value.Line, entry.Value.Column, FieldPath.Field(path, name), $"{name} '{Show.Text(text)}' is none of {Show.List(values)}",
                    Nearest.To(text, values) is { } near ? $"did you mean '{near}'?" : "write one of them")];
            }

            candidates = chosen;
        }

        return candidates.MinBy(c => c.Faults.Count).Faults;
    }

    /// <summary>A field that every branch has, with a list of values of its own.</summary>
    private static string? Discriminator(IReadOnlyList<SchemaView> branches) =>
        branches.Count < 2 ? null : branches[0].PropertyNames.FirstOrDefault(name => branches.All(b => b.Property(name) is { Enum.Count: > 0 } && b.Required.Contains(name)));
}

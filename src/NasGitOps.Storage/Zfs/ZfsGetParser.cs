using NasGitOps.Core.Observation;

namespace NasGitOps.Storage.Zfs;

/// <summary>Reads <c>zfs get -Hp -o name,property,value,source</c> (tab separated, exact numbers). Source: zfs-get(8); seen on OpenZFS 2.1 and 2.3.</summary>
internal static class ZfsGetParser
{
    /// <summary>Properties by name, per dataset in the order printed. A value that has no meaning for a dataset is printed as <c>-</c> and left out.</summary>
    public static IReadOnlyDictionary<string, Dictionary<string, PropertyValue>> Parse(string output)
    {
        var datasets = new Dictionary<string, Dictionary<string, PropertyValue>>();
        Dictionary<string, PropertyValue>? current = null;
        string? currentName = null;
        Span<Range> columns = stackalloc Range[5];
        foreach (var line in output.AsSpan().EnumerateLines())
        {
            if (line.IsEmpty) continue;
            if (line.Split(columns, '\t') != 4) throw new FormatException($"zfs get: expected four columns in '{line}'");
            var name = line[columns[0]];
            if (currentName is null || !name.SequenceEqual(currentName))
            {
                currentName = name.ToString();
                current = [];
                datasets[currentName] = current;
            }

            var value = line[columns[2]];
            var source = Source(line[columns[3]]);
            if (value is "-" && source == PropertyValue.None) continue;
            var property = string.Intern(line[columns[1]].ToString());
            current![property] = new PropertyValue(Canonical(property, value.ToString()), source);
        }

        return datasets;
    }

    private static string Canonical(string property, string value) =>
        ZfsCatalogue.Datasets.TryGetValue(property, out var known) ? known.Canonical(value) : value;

    private static string Source(ReadOnlySpan<char> source) => source switch
    {
        "local" => PropertyValue.Local,
        "default" => PropertyValue.Default,
        "received" => PropertyValue.Received,
        "-" => PropertyValue.None,
        _ when source.StartsWith("inherited from ") => PropertyValue.Inherited,
        _ => source.ToString(),
    };
}

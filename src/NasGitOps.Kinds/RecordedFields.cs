using NasGitOps.Core.Planning;

namespace NasGitOps.Kinds;

/// <summary>Fields that live in the applied record alone: what the agent does at times leaves nothing on the host to compare with.</summary>
internal static class RecordedFields
{
    /// <param name="record">Null before the first apply.</param>
    public static IEnumerable<Field> Compare(IReadOnlyDictionary<string, string> wanted, IReadOnlyDictionary<string, string>? record)
    {
        foreach (var name in wanted.Keys.Union(record?.Keys ?? []).Order(StringComparer.Ordinal))
        {
            var (desired, actual) = (wanted.GetValueOrDefault(name), record?.GetValueOrDefault(name));
            yield return new Field(name, desired, actual, desired == actual, FromCommit: desired != actual) { Recorded = true };
        }
    }
}

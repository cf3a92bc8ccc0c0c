using System.Text.RegularExpressions;
using NasGitOps.Core.Planning;
using NasGitOps.Testing.Model;

namespace NasGitOps.Testing.Laws;

/// <summary>Plans and worlds as short text, for failures.</summary>
internal static partial class Show
{
    public static string Of(Plan plan) => string.Join("; ", plan.Changes.Select(Of));

    public static string Of(Change change) =>
        $"{change.Id} {change.Action} {change.Cause} {change.Disposition} {change.Reason} [{string.Join(", ", change.Fields.Select(f => $"{f.Name}: {f.Before} → {f.After}"))}] steps: {string.Join(" && ", change.Steps.Select(s => s.Describe()))}";

    /// <summary>The first thing in which two worlds differ; null where they are equal.</summary>
    public static string? Difference(ModelWorld a, ModelWorld b) =>
        Difference("dataset", a.Host.Datasets, b.Host.Datasets, Text) ?? Difference("file", a.Host.Files, b.Host.Files, WithoutFsid) ?? Difference("pool", a.Host.Pools, b.Host.Pools, p => $"{p.Imported} {Text(p.Options)}")
        ?? Difference("export", a.Host.Exported, b.Host.Exported, WithoutFsid) ?? Difference("user", a.Host.Users, b.Host.Users, u => $"{u}") ?? Difference("group", a.Host.Groups, b.Host.Groups, g => $"{g.Gid} {string.Join(',', g.Members)}")
        ?? Difference("smb account", a.Host.SmbAccounts, b.Host.SmbAccounts, s => $"{s}")
        ?? Difference("record", ByName(a), ByName(b), WithoutFsid)
        ?? (WithoutFsid(Of(a.Left!)) == WithoutFsid(Of(b.Left!)) ? null : $"plan: {Of(a.Left!)}\n | {Of(b.Left!)}");

    private static SortedDictionary<string, string> ByName(ModelWorld world) => new(
        world.Records.Records.ToDictionary(r => r.Key.ToString(), r => $"{string.Join(' ', r.Value.Fields.OrderBy(f => f.Key, StringComparer.Ordinal))} {string.Join(' ', r.Value.SecretFingerprints)} {r.Value.Guid}"));

    public static string? Difference<T>(string what, IReadOnlyDictionary<string, T> a, IReadOnlyDictionary<string, T> b, Func<T, string> text) => a.Keys.Union(b.Keys)
        .Select(k => (Name: k, A: a.TryGetValue(k, out var left) ? text(left) : "absent", B: b.TryGetValue(k, out var right) ? text(right) : "absent"))
        .Where(d => d.A != d.B)
        .Select(d => $"{what} {d.Name}: {d.A} | {d.B}")
        .FirstOrDefault();

    /// <summary>The number of an export comes from its dataset's guid where that is known when it is planned, else from its name: either is as good.</summary>
    private static string WithoutFsid(string text) => Fsid().Replace(text, "fsid");

    [GeneratedRegex(@"fsid[=,] ?\d+")]
    private static partial Regex Fsid();

    private static string Text(ModelDataset d) =>
        $"{d.Guid} {d.Type} {Text(d.Local)} at {d.MountedAt} key {d.Key?.Loaded} {string.Join(' ', d.Directories.Select(f => $"{f.Key}={f.Value.Uid}:{f.Value.Gid} {f.Value.Mode}"))}";

    private static string Text(IEnumerable<KeyValuePair<string, string>> map) => string.Join(' ', map.Select(p => $"{p.Key}={p.Value}"));
}

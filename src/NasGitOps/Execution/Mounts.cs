using NasGitOps.Core.Observation;
using NasGitOps.Kinds;

namespace NasGitOps.Execution;

/// <summary>What is mounted where, now.</summary>
internal static class Mounts
{
    public static MountTable Read() => MountTable.Parse(File.ReadLines(MountTable.Path));

    /// <summary>The kernel's id of the topmost mount at a path, when it shows the dataset; null otherwise.</summary>
    public static ulong? IdOf(string dataset, string root) => IdOf(dataset, root, Read());

    internal static ulong? IdOf(string dataset, string root, MountTable table) =>
        table.At(root) is { } mount && BuiltInKinds.Storage.IsMountOf(mount, table, dataset) ? mount.Id : null;

    /// <summary>Mount points at and below a path, the deepest first.</summary>
    public static IReadOnlyList<string> AtAndBelow(string root) =>
    [
        .. Read().Entries.Select(e => e.Point)
            .Where(path => path == root || path.StartsWith(root.TrimEnd('/') + "/", StringComparison.Ordinal))
            .Distinct()
            .OrderByDescending(path => path.Length),
    ];
}

using System.Globalization;

namespace NasGitOps.Storage.Btrfs;

/// <summary>
/// <c>quota</c> and <c>refquota</c> of a dataset, of which btrfs knows one number: the limit of the subvolume's own quota group. Groups of several subvolumes are not used: a snapshot of a member
/// makes the kernel's counts inconsistent, and then no limit holds until all metadata was read again (seen on Linux 6.18).
/// </summary>
internal static class BtrfsLimits
{
    public static bool IsLimit(string property) => property is "quota" or "refquota";

    /// <summary>Bytes that hold for the subvolume: the smaller of the two; 0 for none.</summary>
    public static ulong Of(IReadOnlyDictionary<string, string> properties) =>
        new[] { "quota", "refquota" }.Select(p => Bytes(properties.GetValueOrDefault(p))).Where(b => b > 0).DefaultIfEmpty(0UL).Min();

    /// <summary>Both as they are: as they are kept while they explain the group's limit; else the one that should hold reads what does.</summary>
    /// <param name="kept">What this product set.</param>
    /// <param name="limit">Of the group; 0 for none.</param>
    public static (string Quota, string Refquota) Read(IReadOnlyDictionary<string, string> kept, ulong limit)
    {
        var (quota, own) = (Bytes(kept.GetValueOrDefault("quota")), Bytes(kept.GetValueOrDefault("refquota")));
        if (Of(kept) == limit) return (Text(quota), Text(own));
        return quota > 0 && (own == 0 || quota <= own) ? (Text(limit), Text(own)) : (Text(quota), Text(limit));
    }

    private static ulong Bytes(string? text) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes : 0;

    private static string Text(ulong bytes) => bytes.ToString(CultureInfo.InvariantCulture);
}

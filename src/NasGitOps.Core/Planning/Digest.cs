using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace NasGitOps.Core.Planning;

/// <summary>Short names for plans: equal content, equal digest; times never count.</summary>
public static class Digest
{
    /// <summary>Of every change with everything about it.</summary>
    public static string OfPlan(IEnumerable<Change> changes) => Hash(changes.Select(Whole));

    /// <summary>Of exactly the changes that an approval would lift, with the guids of what they hit: unrelated drift leaves it alone. Empty when there are none.</summary>
    public static string OfApproval(IEnumerable<Change> changes)
    {
        var needed = changes.Where(IsApprovable).OrderBy(c => c.Id).ToList();
        return needed.Count == 0 ? "" : Hash(needed.Select(Approved));
    }

    public static bool IsApprovable(Change change) =>
        change.Disposition == Disposition.NeedsApproval || change is { Disposition: Disposition.Waiting, Reason: "BlastRadius" };

    private static string Whole(Change change) => string.Join(
        '\u001f',
        [
            change.Id.ToString(), change.Action.ToString(), change.Cause.ToString(), change.Risk.ToString(), change.Disposition.ToString(), change.Reason,
            .. change.Fields.Select(f => $"{f.Name}\u001e{f.Before}\u001e{f.After}"),
            .. change.Steps.Select(s => s.Describe()),
            .. change.AtStake.Guids,
        ]);

    private static string Approved(Change change) => string.Join(
        '\u001f', [change.Id.ToString(), change.Action.ToString(), .. change.Fields.Select(f => $"{f.Name}\u001e{f.After}"), .. change.AtStake.Guids]);

    private static string Hash(IEnumerable<string> parts)
    {
        var text = string.Join('\u001d', parts);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32].ToString(CultureInfo.InvariantCulture);
    }
}

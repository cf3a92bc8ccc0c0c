using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NasGitOps.Core.Ownership;

namespace NasGitOps.Core.Planning;

/// <summary>Short names for plans: equal content, equal digest; times never count.</summary>
public static class Digest
{
    /// <summary>Of every change with everything about it.</summary>
    public static string OfPlan(IEnumerable<Change> changes) => Hash(changes.Select(Whole));

    /// <summary>Of exactly the given changes, with the guids of what they hit: unrelated drift leaves it alone. Empty when there are none.</summary>
    public static string OfApproval(IEnumerable<Change> changes) => OfApproval(changes.Select(CoveredChange.Of));

    public static string OfApproval(IEnumerable<CoveredChange> changes)
    {
        var covered = changes.OrderBy(c => c.Id).ToList();
        return covered.Count == 0 ? "" : Hash(covered.Select(Approved));
    }

    /// <summary>Whether it waits for a person.</summary>
    public static bool IsApprovable(Change change) =>
        change.Disposition == Disposition.NeedsApproval || change is { Disposition: Disposition.Waiting, Reason: BlastRadius.Reason or StaleApproval.Reason };

    /// <summary>Whether it waits for a time or a pool, which a person may overrule.</summary>
    public static bool IsHeldBack(Change change) =>
        change is { Disposition: Disposition.Waiting, Reason: MaintenanceWindow.Reason or PoolHold.Busy or PoolHold.Degraded };

    private static string Whole(Change change) => string.Join(
        '\u001f',
        [
            change.Id.ToString(), change.Action.ToString(), change.Cause.ToString(), change.Risk.ToString(), change.Disposition.ToString(), change.Reason,
            .. change.Fields.Select(f => $"{f.Name}\u001e{f.Before}\u001e{f.After}"),
            .. change.Steps.Select(s => s.Describe()),
            .. change.AtStake.Guids,
        ]);

    private static string Approved(CoveredChange change) => string.Join(
        '\u001f', [change.Id.ToString(), change.Action.ToString(), .. change.Fields.Select(f => $"{f.Name}\u001e{f.After}"), .. change.Guids]);

    private static string Hash(IEnumerable<string> parts)
    {
        var text = string.Join('\u001d', parts);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32].ToString(CultureInfo.InvariantCulture);
    }
}

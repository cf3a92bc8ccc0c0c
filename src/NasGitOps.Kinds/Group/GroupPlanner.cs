using System.Globalization;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;

namespace NasGitOps.Kinds.Group;

/// <summary>Compares a declared group with the host's. A gid is never changed: files carry the number.</summary>
internal static class GroupPlanner
{
    public const string Gid = "gid";

    public static Assessment Assess(GroupSpec spec, ResourceId id, PlanInput input)
    {
        var facts = input.Observed.Facts("Group");
        if (facts.State == ReadingState.Unknown) return Assessment.Unknown(facts.Reason ?? "");
        var groups = input.Observed.Accounts.Groups;
        var wanted = spec.Gid.ToString(CultureInfo.InvariantCulture);
        var holder = groups.Values.FirstOrDefault(g => g.Gid == spec.Gid && g.Name != spec.Name);
        var taken = holder is null
            ? null
            : new Blocker("GidConflict", $"gid {spec.Gid} belongs to group '{holder.Name}' on this host", $"choose another gid for '{spec.Name}'");
        if (groups.GetValueOrDefault(spec.Name) is not { } group)
        {
            return new Assessment(Existence.Absent, [new Field(Gid, wanted, null, Equal: false)]) { Blocker = taken ?? SystemRange(spec) };
        }

        var differs = group.Gid == spec.Gid
            ? null
            : new Blocker(
                "GidConflict",
                $"group '{spec.Name}' has gid {group.Gid} on this host, the manifest says {spec.Gid}; a gid is never changed, since files carry the number",
                $"write gid: {group.Gid}, or change the group and its files by hand");
        return new Assessment(Existence.Present, [new Field(Gid, wanted, group.Gid.ToString(CultureInfo.InvariantCulture), differs is null, Blocker: differs)])
        {
            Owned = input.Record(id) is not null,
        };
    }

    private static Blocker? SystemRange(GroupSpec spec) => spec.Gid >= AccountNames.FirstOrdinaryId
        ? null
        : new Blocker("SystemAccount", $"gid {spec.Gid} is in the system's range, and this host has no group '{spec.Name}' with it", $"choose a gid from {AccountNames.FirstOrdinaryId}");
}

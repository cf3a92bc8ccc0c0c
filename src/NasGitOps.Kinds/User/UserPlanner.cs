using System.Globalization;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;

namespace NasGitOps.Kinds.User;

/// <summary>Compares a declared user with the host's account. What the manifest does not name (shell, home, Unix password) is never looked at.</summary>
internal sealed class UserPlanner(UserSpec spec, ResourceId id, PlanInput input)
{
    public const string Uid = "uid";
    public const string PrimaryGroup = "primaryGroup";
    public const string SmbPassword = "smb.password";
    public const string SmbEnabled = "smb.enabled";
    private const string GroupPrefix = "groups[";
    private const string Member = "member";
    private const string Set = "set";
    private const string Changed = "changed";

    private readonly Applied? record = input.Record(id);

    /// <summary>The group of a field <c>groups[media]</c>; null for another field.</summary>
    public static string? GroupOf(string field) => field.StartsWith(GroupPrefix, StringComparison.Ordinal) ? field[GroupPrefix.Length..^1] : null;

    /// <summary>Whether a new account needs a group of its own name made first.</summary>
    public static bool NeedsOwnGroup(UserSpec spec, PlanInput input) => spec.PrimaryGroup is null && AccountIds.Gid(spec.Name, input) is null;

    /// <summary>Whether no group has the number, or is to have it.</summary>
    public static bool IsFreeGid(uint gid, PlanInput input) =>
        input.Observed.Accounts.Groups.Values.All(g => g.Gid != gid) && !input.Desired.Manifests.All.Select(m => m.Spec).OfType<IAccountDeclaration>().Any(d => d.IsGroup && d.Id == gid);

    public static Absence Absent(ResourceId id, PlanInput input)
    {
        var facts = input.Observed.Facts("User");
        if (!facts.IsKnown(out var known)) return new Absence(null, [], [], new Notice(id, Notice.Unknown, facts.Reason ?? "", Degraded: true));
        var gaveAccess = input.Record(id)?.Fields.GetValueOrDefault(SmbEnabled) == UserFacts.Yes;
        if (gaveAccess && UserFacts.SmbFailure(known) is { } failure) return new Absence(null, [], [], new Notice(id, Notice.Unknown, failure, Degraded: true));
        // Done, by a pass that was killed before it could record it or by a person: as after a pass that was not.
        if (gaveAccess && UserFacts.SmbEnabled(known, id.Name) != UserFacts.Yes) return Absence.Nothing;
        if (!gaveAccess)
        {
            return Absence.Orphaned(id, $"user {id.Name} has no manifest any more; the account is kept, without SMB access by us. 'nasgitops forget {id}' ends this notice");
        }

        var field = new FieldChange(SmbEnabled, UserFacts.Yes, UserFacts.No, "", Cause.Commit, "the account and its password are kept");
        return new Absence(ChangeAction.Remove, [UserDriver.Disable(id.Name, input.Paths)], [field], null) { AtStake = AtStake.Nothing with { Clients = [id.Name] } };
    }

    public Assessment Assess()
    {
        var reading = input.Observed.Facts("User");
        if (!reading.IsKnown(out var facts)) return Assessment.Unknown(reading.Reason ?? "");
        if (spec.SmbPasswordSecret is not null && UserFacts.SmbFailure(facts) is { } failure) return Assessment.Unknown(failure);

        var account = input.Observed.Accounts.Users.GetValueOrDefault(spec.Name);
        List<Field> fields = [UidField(account), .. PrimaryGroupField(account), .. Memberships(facts), .. Smb(facts)];
        return account is null
            ? new Assessment(Existence.Absent, fields) { Blocker = TakenUid() ?? SystemRange() ?? MissingGroup() ?? fields.Select(f => f.Blocker).FirstOrDefault(b => b is not null) }
            : new Assessment(Existence.Present, fields) { Owned = record is not null, Blocker = MissingGroup() };
    }

    private Field UidField(UserAccount? account)
    {
        var differs = account is null || account.Uid == spec.Uid
            ? null
            : new Blocker(
                "UidConflict",
                $"user '{spec.Name}' has uid {account.Uid} on this host, the manifest says {spec.Uid}; a uid is never changed, since files carry the number",
                $"write uid: {account.Uid}, or change the account and its files by hand");
        return new Field(Uid, Text(spec.Uid), account is null ? null : Text(account.Uid), account?.Uid == spec.Uid, Blocker: differs);
    }

    private Blocker? TakenUid() =>
        input.Observed.Accounts.Users.Values.FirstOrDefault(u => u.Uid == spec.Uid && u.Name != spec.Name) is { } holder
            ? new Blocker("UidConflict", $"uid {spec.Uid} belongs to user '{holder.Name}' on this host", $"choose another uid for '{spec.Name}'")
            : null;

    private Blocker? SystemRange() => spec.Uid >= AccountNames.FirstOrdinaryId
        ? null
        : new Blocker("SystemAccount", $"uid {spec.Uid} is in the system's range, and this host has no user '{spec.Name}' with it", $"choose a uid from {AccountNames.FirstOrdinaryId}");

    private Blocker? MissingGroup() =>
        spec.Groups.Concat(spec.PrimaryGroup is { } primary ? [primary] : []).FirstOrDefault(g => AccountIds.Gid(g, input) is null) is { } missing
            ? new Blocker("UnknownAccount", $"there is no group '{missing}'", "declare it with a Group manifest")
            : null;

    private IEnumerable<Field> PrimaryGroupField(UserAccount? account)
    {
        if (spec.PrimaryGroup is not { } wanted) yield break;
        var actual = account is null ? null : input.Observed.Accounts.Groups.Values.FirstOrDefault(g => g.Gid == account.Gid)?.Name ?? Text(account.Gid);
        yield return new Field(PrimaryGroup, wanted, actual, actual == wanted, Risk: account is null ? Risk.Safe : Risk.Disruptive);
    }

    /// <summary>Memberships that the manifest names; and those to end: what we gave by an earlier commit, or with <c>groupsExclusive</c> all others.</summary>
    private IEnumerable<Field> Memberships(KindFacts facts)
    {
        var actual = UserFacts.GroupsOf(facts, spec.Name).ToHashSet();
        foreach (var group in spec.Groups.Order(StringComparer.Ordinal))
        {
            var isMember = actual.Contains(group);
            yield return new Field(FieldName(group), Member, isMember ? Member : null, isMember);
        }

        foreach (var group in actual.Except(spec.Groups).Order(StringComparer.Ordinal))
        {
            var given = record?.Fields.GetValueOrDefault(FieldName(group)) == Member;
            if (!given && !spec.GroupsExclusive) continue;
            yield return new Field(FieldName(group), null, Member, Equal: false, Risk: Risk.Disruptive, FromCommit: given);
        }
    }

    private IEnumerable<Field> Smb(KindFacts facts)
    {
        var actual = UserFacts.SmbEnabled(facts, spec.Name);
        if (spec.SmbPasswordSecret is { } secret)
        {
            yield return Password(secret, actual is not null);
            yield return new Field(SmbEnabled, UserFacts.Yes, actual, actual == UserFacts.Yes);
        }
        else if (record?.Fields.ContainsKey(SmbEnabled) == true && actual is not null)
        {
            // The manifest gave access once and does so no more.
            var stillGiven = record.Fields[SmbEnabled] == UserFacts.Yes;
            yield return new Field(SmbEnabled, UserFacts.No, actual, actual == UserFacts.No, Risk: Risk.Disruptive, FromCommit: stillGiven);
        }
    }

    /// <summary>A password cannot be read back: what is compared is the keyed fingerprint of its secret.</summary>
    private Field Password(string secret, bool hasAccount)
    {
        var fingerprint = input.Desired.Fingerprint(secret);
        var missing = SecretBlocker.For(secret, input);
        var recorded = record?.SecretFingerprints.GetValueOrDefault(secret);
        var same = hasAccount && missing is null && (fingerprint.State == ReadingState.Unknown || fingerprint.Value == recorded);
        var before = !hasAccount ? null : same ? Set : Changed;
        return new Field(SmbPassword, Set, before, same, Blocker: missing, FromCommit: hasAccount && !same, Note: same || !hasAccount ? null : "its secret is another one than was last set");
    }

    private static string FieldName(string group) => $"{GroupPrefix}{group}]";

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}

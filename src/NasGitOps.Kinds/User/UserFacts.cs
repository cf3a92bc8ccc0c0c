using NasGitOps.Core.Observation;

namespace NasGitOps.Kinds.User;

/// <summary>What only users need to know of the host: SMB accounts and local group memberships.</summary>
internal static class UserFacts
{
    /// <summary>Table: SMB accounts by name, with <see cref="Enabled"/>.</summary>
    public const string Smb = "smb";

    /// <summary>Table: local groups by name, with <see cref="MembersColumn"/> separated by commas.</summary>
    public const string Members = "members";

    /// <summary>Table: one row <see cref="Smb"/> with <see cref="Reason"/>, where the SMB accounts could not be read.</summary>
    public const string Unreadable = "unreadable";

    public const string Enabled = "enabled";
    public const string MembersColumn = "members";
    public const string Reason = "reason";
    public const string Yes = "yes";
    public const string No = "no";

    /// <summary>Null when the SMB accounts are known.</summary>
    public static string? SmbFailure(KindFacts facts) => facts.Table(Unreadable).GetValueOrDefault(Smb)?.GetValueOrDefault(Reason);

    /// <summary><see cref="Yes"/>, <see cref="No"/> for a disabled account, null where there is none.</summary>
    public static string? SmbEnabled(KindFacts facts, string user) => facts.Table(Smb).GetValueOrDefault(user)?.GetValueOrDefault(Enabled);

    /// <summary>Local groups with this member. Others (LDAP) cannot be changed by usermod and gpasswd, so they do not count.</summary>
    public static IEnumerable<string> GroupsOf(KindFacts facts, string user) =>
        facts.Table(Members)
            .Where(g => g.Value.GetValueOrDefault(MembersColumn, "").Split(',').Contains(user))
            .Select(g => g.Key);
}

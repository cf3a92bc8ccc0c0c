using NasGitOps.Kinds.Samba;
using Row = System.Collections.Generic.IReadOnlyDictionary<string, string>;

namespace NasGitOps.Kinds.SmbShare;

/// <summary>Who may do what in a section that somebody else wrote, in the words of a manifest.</summary>
/// <remarks>Source: smb.conf(5). <c>read list</c> takes writing away, <c>write list</c> gives it and wins over that; <c>valid users</c> lets in, and lets in everybody where it is empty.</remarks>
internal static class ForeignAccess
{
    /// <param name="why">What a manifest cannot say; empty where it can.</param>
    public static ShareAccess? Read(Row section, Row globals, out string why)
    {
        why = "";
        var (valid, invalid, write, read) = (Names("valid users"), Names("invalid users"), Names("write list"), Names("read list"));
        var odd = valid.Concat(invalid).Concat(write).Concat(read).FirstOrDefault(n => !SmbConfValue.IsAccount(n));
        if (odd is not null) why = $"'{odd}' is no local user or group";
        var isReadOnly = Value("read only") == "yes";
        if (why.Length == 0 && Value("guest ok") == "yes")
        {
            if (valid.Count > 0) why = "guests are let in, and only some users";
            return why.Length > 0 ? null : new ShareAccess(write, read, invalid, isReadOnly ? GuestAccess.ReadOnly : GuestAccess.ReadWrite);
        }

        if (why.Length == 0 && valid.Count == 0) why = "everybody with an account may enter ('valid users' is empty); name who may";
        if (why.Length == 0 && isReadOnly && write.Except(valid).Any()) why = "'write list' names others than 'valid users'";
        if (why.Length == 0 && !isReadOnly && read.Count > 0 && (read.Except(valid).Any() || valid.Concat(read).Any(n => n.StartsWith('@')))) why = "'read list' takes writing away from members of groups";
        if (why.Length > 0) return null;
        var writers = isReadOnly ? write : [.. valid.Where(v => !read.Contains(v) || write.Contains(v))];
        return new ShareAccess(writers, [.. valid.Except(writers)], invalid, GuestAccess.None);

        string Value(string parameter) => ShareParameters.Own[parameter].Canonical(SambaFacts.Value(ShareParameters.Own[parameter], section, globals));

        List<string> Names(string parameter) => [.. SambaParameter.Words(Value(parameter)).Select(n => n.StartsWith('+') ? "@" + n[1..] : n).Distinct().Order(StringComparer.Ordinal)];
    }

    public static bool Equal(ShareAccess a, ShareAccess b) => a.Guest == b.Guest && Same(a.ReadWrite, b.ReadWrite) && Same(a.ReadOnly, b.ReadOnly) && Same(a.Deny, b.Deny);

    private static bool Same(IReadOnlyList<string> a, IReadOnlyList<string> b) => a.ToHashSet().SetEquals(b);
}

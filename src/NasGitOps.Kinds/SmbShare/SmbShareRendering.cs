using NasGitOps.Core.Manifests;
using NasGitOps.Kinds.Samba;
using Parameters = System.Collections.Generic.IReadOnlyList<System.Collections.Generic.KeyValuePair<string, string>>;

namespace NasGitOps.Kinds.SmbShare;

/// <summary>A share as smb.conf parameters.</summary>
/// <remarks>
/// Everything that decides who may do what is always written, empty where it must be, so that a foreign value in <c>[global]</c> cannot widen it.
/// Groups are written <c>+name</c>: <c>@name</c> would ask NIS netgroups first.
/// <para>
/// Guests may write: <c>read only = no</c>, and the read-only users stay so by <c>read list</c>, which <c>write list</c> beats (smb.conf(5)). In every
/// other case <c>read only = yes</c>, and <c>write list</c> alone lets write. <c>valid users</c> is empty, which means everyone, exactly where guests may enter.
/// </para>
/// </remarks>
internal static class SmbShareRendering
{
    public static string Text(string share, SmbShareSpec spec, string path, SnapshotView view) =>
        SmbConfText.Render(SmbConfText.Header(new ResourceId(SmbShareKind.KindName, share).ToString()), share, Section(spec, path, view));

    /// <param name="view">How Samba finds snapshots and reads the time in their names.</param>
    public static Parameters Section(SmbShareSpec spec, string path, SnapshotView view)
    {
        var access = spec.Access;
        var guests = access.Guest != GuestAccess.None;
        List<(string Name, string? Value)> lines =
        [
            ("path", path),
            ("comment", spec.Comment),
            ("browseable", YesNo(!spec.Hidden)),
            ("read only", YesNo(access.Guest != GuestAccess.ReadWrite)),
            ("valid users", guests ? "" : Names(access.ReadWrite.Concat(access.ReadOnly))),
            ("invalid users", Names(access.Deny)),
            ("write list", Names(access.ReadWrite)),
            ("read list", Names(access.ReadOnly)),
            ("guest ok", YesNo(guests)),
            ("guest only", "no"),
            ("admin users", ""),
            ("force user", ""),
            ("force group", spec.Files.ForceGroup ?? ""),
            ("wide links", "no"),
            ("inherit permissions", spec.Files.Inherit is { } inherit ? YesNo(inherit) : null),
            ("inherit acls", spec.Files.Inherit is { } acls ? YesNo(acls) : null),
            ("create mask", spec.Files.FileMode),
            ("force create mode", spec.Files.FileMode),
            ("directory mask", spec.Files.DirectoryMode),
            ("force directory mode", spec.Files.DirectoryMode),
            ("vfs objects", ShareExtras.Modules(spec)),
            ("fruit:metadata", "stream"),
            ("fruit:resource", "file"),
            ("fruit:convert_adouble", "no"),
            .. (spec.PreviousVersions ? PreviousVersions.Parameters(view) : []).Concat(ShareExtras.Parameters(spec)).Select(p => (p.Name, (string?)p.Value)),
        ];
        return
        [
            .. lines.Where(l => l.Value is not null).Select(l => KeyValuePair.Create(l.Name, l.Value!)),
            .. spec.Options,
        ];
    }

    /// <summary><c>@family</c> of a manifest is <c>+family</c> of smb.conf.</summary>
    public static string ToSamba(string name) => name.StartsWith('@') ? "+" + name[1..] : name;

    public static string FromSamba(string name) => name.StartsWith('+') ? "@" + name[1..] : name;

    private static string Names(IEnumerable<string> names) =>
        string.Join(' ', names.Select(ToSamba).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    private static string YesNo(bool value) => value ? "yes" : "no";
}

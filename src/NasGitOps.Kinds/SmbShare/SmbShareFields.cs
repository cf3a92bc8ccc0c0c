using NasGitOps.Core.Planning;
using NasGitOps.Kinds.Samba;
using Row = System.Collections.Generic.IReadOnlyDictionary<string, string>;

namespace NasGitOps.Kinds.SmbShare;

/// <summary>smb.conf parameters as the fields that people named in the manifest.</summary>
internal static class SmbShareFields
{
    public const string ReadWrite = "access.readWrite";
    public const string ReadOnly = "access.readOnly";
    public const string Deny = "access.deny";
    public const string Guest = "access.guest";
    public const string Path = "path";

    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["write list"] = ReadWrite,
        ["read list"] = ReadOnly,
        ["invalid users"] = Deny,
        ["guest ok"] = Guest,
        ["browseable"] = "hidden",
        ["force group"] = "files.forceGroup",
        ["create mask"] = "files.fileMode",
        ["directory mask"] = "files.directoryMode",
        ["inherit permissions"] = "files.inherit",
    };

    /// <param name="wanted">The whole section as wanted: some parameters follow from others.</param>
    public static Field Of(string parameter, string desired, Row? section, Row globals, IReadOnlyList<KeyValuePair<string, string>> wanted)
    {
        var known = ShareParameters.Find(parameter) ?? throw new InvalidOperationException($"'{parameter}' is in neither table");
        var actual = section is null ? null : known.Canonical(SambaFacts.Value(known, section, globals));
        desired = known.Canonical(desired);
        var equal = actual == desired || (parameter == "valid users" && actual is not null && actual == Implied(section!, globals));
        var isOption = ShareParameters.Options.ContainsKey(parameter);
        var field = Names.GetValueOrDefault(parameter) ?? (isOption ? $"options.{parameter}" : parameter);
        var risk = RiskOf(parameter, desired, actual, equal, wanted);
        if (parameter == "guest ok") return GuestField(desired, section, globals, wanted, risk);
        return new Field(field, ForPeople(parameter, desired), actual is null ? null : ForPeople(parameter, actual), equal, Risk: risk);
    }

    private static Field GuestField(string desired, Row? section, Row globals, IReadOnlyList<KeyValuePair<string, string>> wanted, Risk risk)
    {
        var want = GuestName(desired, wanted.First(p => p.Key == "read only").Value);
        var have = section is null ? null : GuestName(Effective("guest ok", section, globals), Effective("read only", section, globals));
        return new Field(Guest, want, have, want == have, Risk: risk);
    }

    private static string GuestName(string guestOk, string readOnly) => (guestOk, readOnly) switch
    {
        ("no", _) => "none",
        (_, "yes") => "readOnly",
        _ => "readWrite",
    };

    private static string Effective(string parameter, Row section, Row globals) =>
        ShareParameters.Own[parameter].Canonical(SambaFacts.Value(ShareParameters.Own[parameter], section, globals));

    /// <summary>Something that smbd applies to the share and no manifest asked for: our file was edited, or another file adds to the section.</summary>
    public static Field Unwanted(string parameter, string value) =>
        new(ShareParameters.Options.ContainsKey(parameter) ? $"options.{parameter}" : parameter, null, value, Equal: false, Note: "set on the host, not by the manifest");

    /// <summary>
    /// <c>valid users</c> follows from the lists and the guests. Where the host's own lists explain it, they alone are named as the difference, so
    /// that a changed user shows once.
    /// </summary>
    private static string Implied(Row section, Row globals)
    {
        if (Effective("guest ok", section, globals) == "yes") return "";
        return ShareParameters.Own["valid users"].Canonical($"{Effective("write list", section, globals)} {Effective("read list", section, globals)}");
    }

    /// <summary>Disruptive where somebody loses something they may be using now.</summary>
    private static Risk RiskOf(string parameter, string desired, string? actual, bool equal, IReadOnlyList<KeyValuePair<string, string>> wanted)
    {
        if (equal || actual is null) return Risk.Safe;
        var gone = SambaParameter.Words(actual).Except(SambaParameter.Words(desired)).ToList();
        var narrows = parameter switch
        {
            "path" or "vfs objects" or "server smb encrypt" or "hosts allow" or "hosts deny" => true,
            "guest ok" => desired == "no",
            "read only" => desired == "yes",
            "write list" => gone.Count > 0,
            "read list" => gone.Except(Words(wanted, "write list")).Any(),
            "valid users" => actual.Length == 0 || (desired.Length > 0 && gone.Count > 0),
            "invalid users" => SambaParameter.Words(desired).Except(SambaParameter.Words(actual)).Any(),
            _ => false,
        };
        return narrows ? Risk.Disruptive : Risk.Safe;
    }

    private static IEnumerable<string> Words(IReadOnlyList<KeyValuePair<string, string>> section, string parameter) =>
        SambaParameter.Words(section.FirstOrDefault(p => p.Key == parameter).Value ?? "");

    private static string ForPeople(string parameter, string value) => parameter switch
    {
        "write list" or "read list" or "invalid users" or "valid users" => string.Join(", ", SambaParameter.Words(value).Select(SmbShareRendering.FromSamba)),
        "browseable" => value == "yes" ? "no" : "yes",
        _ => value,
    };
}

using System.Net;
using System.Text.RegularExpressions;

namespace NasGitOps.Kinds.Samba;

/// <summary>What may stand to the right of <c>=</c> in smb.conf, so that one value stays one value on one line.</summary>
/// <remarks>Source: Samba's lib/util/tini.c, and tried on 4.17 and 4.22: blanks in a row collapse to one, a backslash at the end joins the next line.</remarks>
internal static partial class SmbConfValue
{
    private const int LongestValue = 1000;

    /// <summary>Why the text cannot be written as a value; null when it can.</summary>
    public static string? Refusal(string value)
    {
        if (value.Length > LongestValue) return $"it is longer than {LongestValue} characters";
        if (value.Any(IsControl)) return "it contains a line break or another control character";
        if (value.Contains('%', StringComparison.Ordinal)) return "it contains '%', which Samba would expand as a macro";
        if (value.EndsWith('\\')) return "it ends with '\\', which would join the next line to it";
        if (value.Trim() != value) return "it begins or ends with a blank, which Samba would drop";
        if (value.Contains("  ", StringComparison.Ordinal)) return "it contains several blanks in a row, which Samba would join";
        return value.StartsWith('#') || value.StartsWith(';') ? "it begins with a comment sign" : null;
    }

    /// <summary>Why a directory cannot be a share's path; null when it can.</summary>
    public static string? PathRefusal(string path) =>
        Refusal(path) ?? (path.Contains('"', StringComparison.Ordinal) ? "it contains a quotation mark" : null);

    public static bool AreWords(string value) => WordList().IsMatch(value);

    /// <summary>Addresses, networks and host names only: no <c>EXCEPT</c>, no netgroups, no wildcard <c>ALL</c>.</summary>
    public static bool AreHosts(string value)
    {
        var hosts = value.Split(' ');
        return hosts.Length > 0 && hosts.All(IsHost);
    }

    /// <summary>A user, or a group with <c>@</c> before it, as local account tools accept them.</summary>
    public static bool IsAccount(string name) => Account().IsMatch(name);

    private static bool IsHost(string host)
    {
        if (host is "ALL" or "FAIL" or "EXCEPT") return false;
        return IPAddress.TryParse(host, out _) || IPNetwork.TryParse(host, out _) || HostName().IsMatch(host);
    }

    /// <summary>Besides the usual control characters: Unicode's own line ends, and what cannot be written as UTF-8.</summary>
    private static bool IsControl(char c) => char.IsControl(c) || c is '\u2028' or '\u2029' || char.IsSurrogate(c);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]*( [A-Za-z0-9][A-Za-z0-9._-]*)*\z")]
    private static partial Regex WordList();

    [GeneratedRegex(@"^@?[a-z_][a-z0-9_-]{0,31}\z")]
    private static partial Regex Account();

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*\z")]
    private static partial Regex HostName();
}

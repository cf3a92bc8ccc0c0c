using NasGitOps.Kinds.Samba;
using Parameters = System.Collections.Generic.IReadOnlyList<System.Collections.Generic.KeyValuePair<string, string>>;

namespace NasGitOps.Kinds.SambaServer;

/// <summary>The include file: globals, where they are ours to set, and one include for each share.</summary>
/// <remarks>
/// It always opens <c>[global]</c>, also with nothing in it: it is included at the end of smb.conf, inside whatever section comes last there. The
/// includes come last, because what follows one belongs to the share that it opened.
/// </remarks>
internal static class SambaServerRendering
{
    /// <summary>What the first line says of globals that were set without a manifest; they stay when foreign shares turn up later.</summary>
    private const string ImpliedMark = "# globals: implied by the shares";

    private const string IncludeStart = "include = ";

    public static string Text(Parameters globals, bool implied, IEnumerable<string> shareFiles)
    {
        var header = SmbConfText.Header(SambaServerKind.OnlyId.ToString());
        if (implied && globals.Count > 0) header += "\n" + ImpliedMark;
        return SmbConfText.Render(header, "global", globals) + string.Concat(shareFiles.Select(f => $"{IncludeStart}{f}\n"));
    }

    public static bool WasImplied(string? text) => text?.Split('\n').Contains(ImpliedMark) == true;

    /// <summary>The files that a text includes, in its order.</summary>
    public static IReadOnlyList<string> Includes(string text) =>
        [.. text.Split('\n').Where(l => l.StartsWith(IncludeStart, StringComparison.Ordinal)).Select(l => l[IncludeStart.Length..])];

    /// <summary>The globals that a text of ours sets.</summary>
    public static IReadOnlyDictionary<string, string> GlobalsOf(string text) =>
        TestparmOutput.Parse(string.Join('\n', text.Split('\n').Where(l => !l.StartsWith(IncludeStart, StringComparison.Ordinal)))).Global;

    /// <param name="announces">Whether our own service file announces the host: smbd would do so too, under the same name.</param>
    /// <param name="guests">Whether a share lets guests in: only then are unknown users mapped to one.</param>
    public static Parameters Globals(SambaServerSpec spec, bool guests, bool announces)
    {
        var high = spec.Profile == SambaProfile.High;
        List<(string Name, string? Value)> lines =
        [
            ("workgroup", spec.Workgroup),
            ("server min protocol", high ? "SMB3_00" : "SMB2_10"),
            ("server signing", "mandatory"),
            ("server smb encrypt", high ? "required" : null),
            ("ntlm auth", "ntlmv2-only"),
            ("restrict anonymous", "2"),
            ("map to guest", guests ? "Bad User" : "Never"),
            ("load printers", "no"),
            ("disable spoolss", "yes"),
            ("disable netbios", "yes"),
            ("interfaces", spec.Interfaces.Count > 0 ? string.Join(' ', spec.Interfaces) : null),
            ("bind interfaces only", spec.Interfaces.Count > 0 ? "yes" : null),
            ("multicast dns register", announces ? "no" : null),
            ("fruit:aapl", "yes"),
            ("fruit:nfs_aces", "no"),
        ];
        return [.. lines.Where(l => l.Value is not null).Select(l => KeyValuePair.Create(l.Name, l.Value!)), .. spec.Options];
    }
}

using System.Security.Cryptography;
using System.Text;
using NasGitOps.Core.Observation;

namespace NasGitOps.Kinds.Samba;

/// <summary>Where the pieces of the Samba configuration lie on a host.</summary>
internal sealed record SambaPaths(string Directory)
{
    private const int LongestEncodedName = 200;

    public static SambaPaths Of(HostPaths paths) => new(paths.SambaDirectory.TrimEnd('/'));

    /// <summary>The host's own configuration; only our marked block at its end is ever touched.</summary>
    public string SmbConf => $"{Directory}/smb.conf";

    /// <summary>Wholly ours: the globals (where they are ours to set) and the include of every share.</summary>
    public string Include => $"{Directory}/nasgitops.conf";

    /// <summary>Wholly ours: one file for each share.</summary>
    public string ShareFolder => $"{Directory}/nasgitops.d";

    /// <summary>False for a private smbd whose folder was moved (tests, demo): no unit of the system runs that one.</summary>
    public bool IsSystem => Directory == "/etc/samba";

    public string ShareFile(string share) => $"{ShareFolder}/{FileName(share)}";

    /// <summary>
    /// A file name for a share name. <c>~</c> escapes, since <c>%</c> would be a macro in the include line. Names of many escaped characters are cut
    /// and told apart by a digest, because a file name has at most 255 bytes.
    /// </summary>
    public static string FileName(string share)
    {
        var encoded = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(share))
        {
            var c = (char)b;
            var plain = char.IsAsciiLetterOrDigit(c) || c is '_' or '-' || (c == '.' && encoded.Length > 0);
            if (plain) encoded.Append(c);
            else encoded.Append('~').Append(b.ToString("x2", System.Globalization.CultureInfo.InvariantCulture));
        }

        if (encoded.Length <= LongestEncodedName) return $"{encoded}.conf";
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(share)))[..16];
        return $"{encoded.ToString(0, LongestEncodedName)}~~{digest}.conf";
    }
}

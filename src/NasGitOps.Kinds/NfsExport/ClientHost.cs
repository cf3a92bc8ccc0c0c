using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace NasGitOps.Kinds.NfsExport;

/// <summary>The host part of a client: nothing that an exports file could read otherwise ever passes.</summary>
/// <remarks>
/// A blank before a parenthesis exports to the whole world with exit code 0 (exports(5)), so the legal forms are listed and everything else is refused.
/// etab keeps networks as they were written, so they are made canonical here.
/// </remarks>
internal static partial class ClientHost
{
    public const string Everyone = "*";

    public const string LegalForms =
        "write an address (10.0.0.5, fd00::5), a network with its own first address (10.0.0.0/24, fd00::/64), a host name, *.domain, @netgroup or *";

    /// <returns>The one form of the host that we write; null where it is not legal.</returns>
    public static string? Canonical(string host)
    {
        if (host == Everyone || Netgroup().IsMatch(host)) return host;
        if (host.Contains(':', StringComparison.Ordinal)) return Network(host, AddressFamily.InterNetworkV6, 128);
        if (Ipv4Like().IsMatch(host)) return Network(host, AddressFamily.InterNetwork, 32);
        return host.Length <= 253 && Name().IsMatch(host) ? host.ToLowerInvariant() : null;
    }

    /// <summary>Whether it stands for every host there is.</summary>
    public static bool IsEveryone(string host) => host is Everyone or "0.0.0.0/0" or "::/0";

    /// <summary>Whether <c>exportfs</c> must resolve it, and so may leave it out, or call it by its canonical name.</summary>
    public static bool IsName(string host) => !host.StartsWith('*') && !host.StartsWith('@') && !host.Contains(':', StringComparison.Ordinal) && !Ipv4Like().IsMatch(host);

    private static string? Network(string text, AddressFamily family, int width)
    {
        var parts = text.Split('/');
        if (parts.Length > 2 || !Address().IsMatch(parts[0]) || !IPAddress.TryParse(parts[0], out var address) || address.AddressFamily != family) return null;
        if (family == AddressFamily.InterNetwork && address.ToString() != parts[0]) return null;
        if (parts.Length == 1) return address.ToString();
        if (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > width || length.ToString(CultureInfo.InvariantCulture) != parts[1]) return null;
        return HasHostBits(address.GetAddressBytes(), length) ? null : $"{address}/{length}";
    }

    private static bool HasHostBits(byte[] bytes, int length)
    {
        for (var bit = length; bit < bytes.Length * 8; bit++)
        {
            if ((bytes[bit / 8] & (0x80 >> (bit % 8))) != 0) return true;
        }

        return false;
    }

    [GeneratedRegex(@"\A@[A-Za-z0-9][A-Za-z0-9._-]{0,62}\z")]
    private static partial Regex Netgroup();

    [GeneratedRegex(@"\A[0-9./]+\z")]
    private static partial Regex Ipv4Like();

    [GeneratedRegex(@"\A[0-9A-Fa-f:.]{2,45}\z")]
    private static partial Regex Address();

    [GeneratedRegex(@"\A(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\z")]
    private static partial Regex Name();
}

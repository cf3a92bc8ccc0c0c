using System.Net;

namespace NasGitOps.Web;

/// <summary>
/// Which names a request may call us by. A web page elsewhere can let its own name resolve to 127.0.0.1 and have a visitor's browser read what we
/// say (DNS rebinding); the browser then still sends that name.
/// </summary>
internal static class HostNames
{
    /// <param name="asked">The request's Host, without its port.</param>
    /// <param name="local">The address at which the connection came in.</param>
    /// <param name="own">This host's name.</param>
    public static bool AreOurs(string asked, IPAddress? local, string own)
    {
        if (IPAddress.TryParse(asked, out var address)) return IPAddress.IsLoopback(address) || Plain(address).Equals(local is null ? null : Plain(local));
        return string.Equals(asked, "localhost", StringComparison.OrdinalIgnoreCase) || string.Equals(asked, own, StringComparison.OrdinalIgnoreCase);
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}

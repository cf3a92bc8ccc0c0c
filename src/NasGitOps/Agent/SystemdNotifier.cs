using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace NasGitOps.Agent;

/// <summary>Tells systemd how the service is, over its datagram socket; does nothing where there is none. Source: sd_notify(3).</summary>
internal sealed class SystemdNotifier
{
    private static readonly TimeSpan StartExtension = TimeSpan.FromMinutes(10);

    private volatile bool isReady;

    private readonly string? socketPath = Environment.GetEnvironmentVariable("NOTIFY_SOCKET");

    /// <summary>How often systemd expects a sign of life; null without a watchdog.</summary>
    public static TimeSpan? WatchdogInterval =>
        long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;

    public void Ready()
    {
        isReady = true;
        Send("READY=1");
    }

    public void Stopping() => Send("STOPPING=1");

    /// <summary>A sign of life. Until the first pass has ended it also asks for more time to start: making a large host takes as long as it takes.</summary>
    public void Alive() => Send(isReady ? "WATCHDOG=1" : string.Create(CultureInfo.InvariantCulture, $"WATCHDOG=1\nEXTEND_TIMEOUT_USEC={(long)StartExtension.TotalMicroseconds}"));

    /// <summary>One line shown by <c>systemctl status</c>.</summary>
    public void Status(string text) => Send("STATUS=" + text.ReplaceLineEndings(" "));

    private void Send(string message)
    {
        if (string.IsNullOrEmpty(socketPath)) return;
        var path = socketPath[0] == '@' ? "\0" + socketPath[1..] : socketPath;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.UTF8.GetBytes(message), new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            // systemd is gone or restarting: the service goes on.
        }
    }
}

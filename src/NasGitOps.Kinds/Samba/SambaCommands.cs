using NasGitOps.Core.Observation;
using NasGitOps.Core.Steps;

namespace NasGitOps.Kinds.Samba;

/// <summary>The commands that read, check and reload Samba. Nothing here restarts it: that would cut off every client.</summary>
internal static class SambaCommands
{
    private const string ReloadedService = "samba";

    /// <summary>
    /// What testparm says of a fault; its exit code is 0 for most of them. Matched by name, since <c>Weak crypto is allowed</c> is always there.
    /// Recorded on 4.17 and 4.22 in tests/NasGitOps.Kinds.Tests/Samba/Recorded.
    /// </summary>
    public static readonly IReadOnlyList<string> Complaints =
    [
        "Unknown parameter encountered",
        "Ignoring unknown parameter",
        "Ignoring invalid value",
        "value is not boolean",
        "Invalid octal number",
        "found in service section",
        "No path in service",
        "Error loading services",
    ];

    /// <summary>The effective configuration: one process however many shares there are.</summary>
    public static RunProbe Effective(SambaPaths paths) => new("samba:effective", Command.Of("testparm", "-s", paths.SmbConf));

    public static RunProbe Service { get; } = new("samba:service", Command.Of("systemctl", "is-active", "smbd.service"));

    public static Run StartService { get; } = new(Command.Of("systemctl", "enable", "--now", "smbd.service"));

    /// <summary>For files that are wholly ours.</summary>
    public static FileCheck Check { get; } = new(Command.Of("testparm", "-s", "{file}"), Complaints);

    /// <summary>For smb.conf itself: what others wrote there may be complained of, and must not keep our block out; only what Samba cannot load at all does.</summary>
    public static FileCheck CheckHostFile { get; } = new(Command.Of("testparm", "-s", "{file}"), ["Error loading services"]);

    /// <param name="then">What running connections must be told after the reload; see <see cref="CloseDenied"/> and <see cref="Close"/>.</param>
    public static Reload Reload(SambaPaths paths, params IReadOnlyList<Command> then) =>
        new(ReloadedService, Smbcontrol(paths, "all", "reload-config")) { Then = then };

    /// <summary>Cuts off those who may not enter any more; an open session would go on reading.</summary>
    public static Command CloseDenied(SambaPaths paths, string share) => Smbcontrol(paths, "smbd", "close-denied-share", share);

    /// <summary>Cuts off everyone on the share; clients that may connect again at once, by themselves.</summary>
    public static Command Close(SambaPaths paths, string share) => Smbcontrol(paths, "smbd", "close-share", share);

    private static Command Smbcontrol(SambaPaths paths, params string[] message) =>
        Command.Of("smbcontrol", paths.IsSystem ? message : ["-s", paths.SmbConf, .. message]);
}

using System.CommandLine;
using NasGitOps.Configuration;
using NasGitOps.Execution;

namespace NasGitOps.Cli;

/// <summary><c>nasgitops doctor</c>: what this host lacks, with the command that mends it.</summary>
internal static class DoctorCommand
{
    /// <param name="Choice">Of those with the same word one is enough; empty for what every host needs.</param>
    internal sealed record Finding(string Name, bool IsThere, string Why, string Mend, string Choice = "");

    private const string Storage = "storage";

    private sealed record Tool(string Name, string Package, string Why);

    private static readonly Tool[] Tools =
    [
        new("git", "git", "follows the repository"),
        new("exportfs", "nfs-kernel-server", "exports directories over NFS"),
        new("smbd", "samba", "shares directories over SMB"),
        new("testparm", "samba-common-bin", "checks Samba's configuration before it is installed"),
        new("pdbedit", "samba", "reads SMB accounts"),
        new("useradd", "passwd", "makes users and groups"),
    ];

    public static Command Create()
    {
        var output = Output.Option(Output.Text, Output.JsonFormat, Output.Yaml);
        var command = new Command("doctor", "Show what this host lacks, with the command that mends it") { output };
        command.SetAction((parsed, ct) => Run(parsed.GetValue(output)!, Configured(parsed)));
        return command;
    }

    private static Task<int> Run(string format, AgentConfig? config)
    {
        var findings = Tools.Select(t => new Finding(t.Name, Exists(t.Name), t.Why, $"apt-get install {t.Package}")).ToList();
        findings.Add(new Finding("libgit2", HasLibrary("libgit2.so."), "reads commits", "apt-get install libgit2-1.9 (Debian 13) or libgit2-1.5 (Debian 12)"));
        findings.Add(new Finding("zfs", Exists("zfs") && Directory.Exists("/sys/module/zfs"), "pools on ZFS", "apt-get install zfsutils-linux zfs-dkms, then modprobe zfs", Storage));
        findings.Add(new Finding("btrfs", Exists("btrfs") && File.ReadLines("/proc/filesystems").Any(l => l.EndsWith("\tbtrfs", StringComparison.Ordinal)), "pools on btrfs", "apt-get install btrfs-progs, then modprobe btrfs", Storage));
        findings.Add(new Finding("vfs modules", HasSambaModule("fruit.so"), "Time Machine, Previous Versions and recycle bins of Samba", "apt-get install samba-vfs-modules"));
        findings.Add(new Finding("nfsd", Directory.Exists("/proc/fs/nfsd") || Directory.Exists("/sys/module/nfsd"), "the kernel's NFS server", "systemctl enable --now nfs-server"));
        findings.Add(new Finding("root", Environment.UserName == "root", "everything that is done to the host", "run as root, as the service does"));
        if (config is not null) findings.AddRange(DoctorTrust.Findings(config));
        if (config?.AgeIdentityFile is not null) findings.Add(new Finding("age", Exists("age"), "opens the secrets that lie encrypted in the repository", "apt-get install age"));
        if (format == Output.Text)
        {
            foreach (var finding in findings)
            {
                Console.WriteLine($"{(finding.IsThere ? Terminal.Green("✓") : Terminal.Red("✗"))} {finding.Name,-12} {finding.Why}{(finding.IsThere ? "" : $"\n    → {finding.Mend}{(finding.Choice == Storage ? "   (one kind of storage is enough)" : "")}")}");
            }
        }
        else
        {
            Output.Write(findings, format);
        }

        var lacks = findings.Exists(f => !f.IsThere && !findings.Exists(o => o.IsThere && o.Choice.Length > 0 && o.Choice == f.Choice));
        return Task.FromResult(lacks ? ExitCodes.Failed : ExitCodes.Done);
    }

    /// <summary>What the configuration asks for, where there is a good one; what is wrong with it other commands tell.</summary>
    private static AgentConfig? Configured(ParseResult parsed) =>
        AgentConfigReader.ReadFile(Path.GetFullPath(parsed.GetValue(Context.ConfigOption)!), Environment.MachineName.Split('.')[0]).Config;

    private static bool Exists(string tool) => CommandEnvironment.Find(tool) is not null;

    private static bool HasSambaModule(string name) => LibraryFolders().Any(folder => File.Exists(Path.Combine(folder, "samba", "vfs", name)));

    private static bool HasLibrary(string name) => LibraryFolders().Any(folder => Directory.EnumerateFiles(folder, name + "*").Any());

    private static IEnumerable<string> LibraryFolders() =>
        new[] { "/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib" }.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateDirectories(folder, "*-linux-gnu").Append(folder));
}

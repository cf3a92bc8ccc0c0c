using NasGitOps.Configuration;
using NasGitOps.Execution;
using NasGitOps.Trust;

namespace NasGitOps.Cli;

/// <summary>What <c>doctor</c> looks at where commits are verified or signed; a host that does neither needs none of it.</summary>
internal static class DoctorTrust
{
    public static IEnumerable<DoctorCommand.Finding> Findings(AgentConfig config)
    {
        var verify = config.Repository.Verify;
        var isVerified = verify.Mode != VerifyMode.None;
        if ((isVerified && verify.AllowedSignersFile is not null) || config.Status.SignKeyFile is not null)
        {
            yield return new DoctorCommand.Finding("ssh-keygen", CommandEnvironment.Find("ssh-keygen") is not null, "checks and makes SSH signatures", "apt-get install openssh-client");
        }

        if (isVerified && verify.GpgKeyringFile is not null) yield return new DoctorCommand.Finding("gpg", CommandEnvironment.Find("gpg") is not null, "checks GPG signatures", "apt-get install gnupg");
        if (isVerified)
        {
            KeyFiles.Read(verify, out var problem);
            yield return new DoctorCommand.Finding("signers", problem is null, "the files that say whose commits are followed", problem ?? "");
        }

        if (config.Status.SignKeyFile is { } key)
        {
            var problem = HostFile.Refuse(key, isPrivate: true);
            yield return new DoctorCommand.Finding("status key", problem is null, "signs status commits", problem ?? "");
        }
    }
}

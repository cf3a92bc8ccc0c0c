using System.Text;
using NasGitOps.Core.Steps;
using NasGitOps.Execution;
using NasGitOps.Source;

namespace NasGitOps.Trust;

/// <summary>Signs our own status commits with an SSH key of this host, so that readers can tell them from somebody else's.</summary>
internal sealed class CommitSigner(string keyFile, ICommandRunner runner)
{
    /// <param name="content">A commit object without a signature.</param>
    /// <returns>The armored signature.</returns>
    /// <exception cref="SourceException">The key cannot be used; nothing goes out unsigned.</exception>
    public async Task<string> SignAsync(string content, CancellationToken ct)
    {
        if (HostFile.Refuse(keyFile, isPrivate: true) is { } why) throw new SourceException($"status.sign.sshKeyFile cannot be used: {why}");
        var signed = await runner.RunAsync(Command.Of("ssh-keygen", "-Y", "sign", "-n", "git", "-f", keyFile), new CommandOptions { Stdin = Encoding.UTF8.GetBytes(content) }, ct);
        return signed.Succeeded && SshSignature.Parse(signed.Output) is not null
            ? signed.Output.TrimEnd()
            : throw new SourceException($"status.sign.sshKeyFile does not sign (it must be a private SSH key without a passphrase). {signed.Evidence()}");
    }
}

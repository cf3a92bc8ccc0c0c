using NasGitOps.Configuration;
using NasGitOps.Core.Steps;
using NasGitOps.Execution;

namespace NasGitOps.Trust;

/// <summary>Judges GPG signatures with <c>gpg</c>. The keyring is the list of those who may sign: the web of trust has no say, and no key is ever fetched.</summary>
internal sealed class GpgVerifier(VerifyConfig config, ICommandRunner runner)
{
    public async Task<Verdict> VerifyAsync(SignedObject signed, KeyFolder keys, CancellationToken ct)
    {
        if (keys.GpgExport is not { } export) return Verdict.No(TrustRefusal.Untrusted, "it is signed with GPG, and repository.verify.gpgKeyringFile is not set");
        var imported = keys.Imported ??= await RunAsync(keys, ["--import", export], null, ct);
        if (imported.Failure is not null) return Verdict.No(TrustRefusal.CheckFailed, imported.Evidence());
        if (!imported.Succeeded) return Verdict.No(TrustRefusal.CheckFailed, $"{config.GpgKeyringFile} is no export of GPG keys (make it with 'gpg --export KEY… >{config.GpgKeyringFile}'). {imported.Evidence()}");
        var checkedBy = await RunAsync(keys, ["--verify", keys.Signature(signed.Signature!), "-"], signed.Payload, ct);
        if (checkedBy.Failure is not null) return Verdict.No(TrustRefusal.CheckFailed, checkedBy.Evidence());
        var verdict = GpgStatus.Read(checkedBy.Output);
        return verdict is null || (verdict.Signer is not null && !checkedBy.Succeeded)
            ? Verdict.No(TrustRefusal.Bad, $"gpg does not accept its signature. {checkedBy.Evidence()}")
            : verdict;
    }

    private Task<CommandResult> RunAsync(KeyFolder keys, IEnumerable<string> arguments, byte[]? input, CancellationToken ct)
    {
        string[] always =
        [
            "--homedir", keys.GpgHome, "--no-options", "--batch", "--no-tty", "--no-autostart", "--disable-dirmngr", "--no-auto-key-retrieve", "--trust-model", "always", "--status-fd", "1",
        ];
        return runner.RunAsync(Command.Of("gpg", [.. always, .. arguments]), input is null ? CommandOptions.None : new CommandOptions { Stdin = input }, ct);
    }
}

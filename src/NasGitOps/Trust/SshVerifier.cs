using NasGitOps.Configuration;
using NasGitOps.Core.Loading;
using NasGitOps.Core.Steps;
using NasGitOps.Execution;

namespace NasGitOps.Trust;

/// <summary>Judges SSH signatures with <c>ssh-keygen</c>.</summary>
/// <remarks>
/// The key must be valid now (<c>valid-before</c>, <c>valid-after</c>): git asks whether it was at the commit's own time, which whoever holds an expired key chooses freely.
/// </remarks>
internal sealed class SshVerifier(VerifyConfig config, ICommandRunner runner)
{
    private const string Namespace = "git";

    public async Task<Verdict> VerifyAsync(SignedObject signed, KeyFolder keys, CancellationToken ct)
    {
        if (SshSignature.Parse(signed.Signature!) is not { } signature) return Verdict.No(TrustRefusal.Bad, "its SSH signature is malformed");
        var key = signature.Key;
        if (signature.Namespace != Namespace) return Verdict.No(TrustRefusal.Bad, $"its SSH signature (by the {key}) was made for '{Show.Text(signature.Namespace)}' and not for '{Namespace}'");
        if (keys.AllowedSigners is not { } allowed) return Verdict.No(TrustRefusal.Untrusted, $"it is signed with SSH (by the {key}), and repository.verify.allowedSignersFile is not set");
        var file = keys.Signature(signed.Signature!);
        var found = await RunAsync(["-Y", "find-principals", "-s", file, "-f", allowed], null, ct);
        if (found.Failure is not null) return Verdict.No(TrustRefusal.CheckFailed, found.Evidence());
        var principals = found.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (!found.Succeeded || principals.Length == 0)
        {
            var more = string.Join("; ", found.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => !l.StartsWith("No principal matched", StringComparison.Ordinal)));
            return Verdict.No(TrustRefusal.Untrusted, $"no line of {config.AllowedSignersFile} allows the {key} that signed it now{(more.Length == 0 ? "" : $" ({Said(more, allowed)})")}");
        }

        return await VerifyAsync(signed, file, principals, key, keys, ct);
    }

    private async Task<Verdict> VerifyAsync(SignedObject signed, string file, string[] principals, string key, KeyFolder keys, CancellationToken ct)
    {
        string[] revoked = keys.RevokedKeys is { } list ? ["-r", list] : [];
        CommandResult? last = null;
        foreach (var principal in principals)
        {
            string[] arguments = ["-Y", "verify", "-f", keys.AllowedSigners!, "-I", principal, "-n", Namespace, "-s", file];
            last = await RunAsync([.. arguments, .. revoked], signed.Payload, ct);
            if (last.Failure is not null) return Verdict.No(TrustRefusal.CheckFailed, last.Evidence());
            if (last.Succeeded && FingerprintIn(last.Output) is { } fingerprint) return Verdict.Good(new Signer(principal, [.. principals, fingerprint]));
            if (revoked.Length > 0 && (await RunAsync(arguments, signed.Payload, ct)).Succeeded)
            {
                return Verdict.No(TrustRefusal.Untrusted, $"the {key} that signed it is in {config.RevokedKeysFile}, or that file is no list of revoked keys ('ssh-keygen -Q -f {config.RevokedKeysFile} KEY.pub' tells)");
            }
        }

        return last!.Errors.Contains("incorrect signature", StringComparison.Ordinal)
            ? Verdict.No(TrustRefusal.Bad, $"its SSH signature (by the {key}) does not fit its content: one of them was changed afterwards")
            : Verdict.No(TrustRefusal.Untrusted, $"ssh-keygen does not accept the {key} that signed it for {Show.List(principals)} ({Said(last.Errors + last.Output, keys.AllowedSigners!)})");
    }

    /// <summary>Of <c>Good "git" signature for ada@example.org with ED25519 key SHA256:…</c>; the principal before it is the host's own word.</summary>
    private static string? FingerprintIn(string output)
    {
        var line = output.Split('\n')[0].TrimEnd();
        var last = line[(line.LastIndexOf(' ') + 1)..];
        return line.StartsWith($"Good \"{Namespace}\" signature for ", StringComparison.Ordinal) && last.StartsWith("SHA256:", StringComparison.Ordinal) ? last : null;
    }

    private Task<CommandResult> RunAsync(IEnumerable<string> arguments, byte[]? input, CancellationToken ct) =>
        runner.RunAsync(Command.Of("ssh-keygen", arguments), input is null ? CommandOptions.None : new CommandOptions { Stdin = input }, ct);

    private string Said(string text, string copy) => Show.Sentence(text.Replace(copy, config.AllowedSignersFile, StringComparison.Ordinal));
}

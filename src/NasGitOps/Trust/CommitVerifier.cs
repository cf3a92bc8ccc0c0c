using System.Security.Cryptography;
using System.Text;
using NasGitOps.Configuration;
using NasGitOps.Execution;
using NasGitOps.Source;

namespace NasGitOps.Trust;

/// <summary>Says who signed a commit. What was found good is remembered while the keys stay the same: a commit never changes.</summary>
internal sealed class CommitVerifier(VerifyConfig config, Mirror mirror, ICommandRunner runner)
{
    private readonly SshVerifier ssh = new(config, runner);
    private readonly GpgVerifier gpg = new(config, runner);
    private readonly Dictionary<string, Signer> known = new(StringComparer.Ordinal);
    private string knownWith = "";

    public async Task<IReadOnlyDictionary<string, Verdict>> VerifyAsync(IReadOnlyList<string> commits, KeyFiles keys, int maxRefusals, CancellationToken ct)
    {
        if (knownWith != keys.Hash) known.Clear();
        knownWith = keys.Hash;
        var verdicts = new Dictionary<string, Verdict>(StringComparer.Ordinal);
        KeyFolder? folder = null;
        try
        {
            foreach (var commit in commits)
            {
                if (verdicts.Values.Count(v => v.Refusal is not null) == maxRefusals) break;
                var verdict = known.TryGetValue(commit, out var signer) ? Verdict.Good(signer) : await VerifyAsync(commit, folder ??= new KeyFolder(keys), ct);
                verdicts[commit] = verdict;
                if (verdict.Signer is not null) known[commit] = verdict.Signer;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk must not keep the last good commit from being enforced.
            verdicts[commits[verdicts.Count]] = Verdict.No(TrustRefusal.CheckFailed, $"the keys cannot be copied for the tools into {Path.GetTempPath()}: {e.Message} ('df -h {Path.GetTempPath()}')");
        }
        finally
        {
            folder?.Dispose();
        }

        return verdicts;
    }

    private async Task<Verdict> VerifyAsync(string commit, KeyFolder keys, CancellationToken ct)
    {
        var read = await mirror.GitAsync(["--no-replace-objects", "cat-file", "commit", commit], ct);
        if (!read.Succeeded) return Verdict.No(TrustRefusal.CheckFailed, read.Evidence());
        if (IdOf(read.Output) != commit) return Verdict.No(TrustRefusal.Bad, "it is not written in UTF-8, so that its signature cannot be checked");
        if (SignedObject.Parse(read.Output, out var problem) is not { } signed) return Verdict.No(TrustRefusal.Bad, problem!);
        if (signed.Signature is null) return Verdict.No(TrustRefusal.Unsigned, "it is not signed");
        return signed.Format switch
        {
            SignatureFormat.Ssh => await ssh.VerifyAsync(signed, keys, ct),
            SignatureFormat.Gpg => await gpg.VerifyAsync(signed, keys, ct),
            SignatureFormat.X509 => Verdict.No(TrustRefusal.Untrusted, "it is signed with an X.509 certificate (gpgsm), which is not supported: sign with SSH or GPG"),
            _ => Verdict.No(TrustRefusal.Bad, "its signature is of an unknown format"),
        };
    }

    /// <summary>The id of a commit of this text: what is judged is the very object that the id names, byte for byte.</summary>
    private static string IdOf(string content)
    {
        var bytes = Encoding.UTF8.GetBytes(content);
#pragma warning disable CA5350 // git's own hash
        return Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"commit {bytes.Length}\0"), .. bytes]));
#pragma warning restore CA5350
    }
}

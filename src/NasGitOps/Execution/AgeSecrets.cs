using System.Collections.Concurrent;
using System.Security.Cryptography;
using NasGitOps.Core.Loading;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Steps;

namespace NasGitOps.Execution;

/// <summary>Secrets that lie encrypted in the repository, decrypted by <c>age</c> from its standard input to memory; nothing decrypted is ever in a file.</summary>
/// <remarks>A fingerprint is kept as long as neither the encrypted file nor the identity changes, so that a pass without news starts no process. Values are never kept, nor are failures: what made them may be mended any time.</remarks>
internal sealed class AgeSecrets
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ICommandRunner runner;
    private readonly string? identityFile;
    private readonly IReadOnlyDictionary<string, SourceFile> files;
    private readonly ConcurrentDictionary<string, (string Of, string Fingerprint)> known;

    /// <param name="identityFile"><c>secrets.ageIdentityFile</c> of the agent's configuration.</param>
    public AgeSecrets(ICommandRunner runner, string? identityFile)
        : this(runner, identityFile, new Dictionary<string, SourceFile>(), new ConcurrentDictionary<string, (string, string)>())
    {
    }

    private AgeSecrets(ICommandRunner runner, string? identityFile, IReadOnlyDictionary<string, SourceFile> files, ConcurrentDictionary<string, (string, string)> known) =>
        (this.runner, this.identityFile, this.files, this.known) = (runner, identityFile, files, known);

    /// <param name="encrypted">Of two with one name the host's own counts.</param>
    public AgeSecrets With(IEnumerable<SourceFile> encrypted)
    {
        var byName = encrypted.GroupBy(f => SecretFile.NameOf(f.Path) ?? "").Where(g => g.Key.Length > 0);
        return new AgeSecrets(runner, identityFile, byName.ToDictionary(g => g.Key, g => g.MaxBy(f => f.Path.Count(c => c == '/'))!), known);
    }

    public async Task<Reading<byte[]>> ReadAsync(string name)
    {
        if (!files.TryGetValue(name, out var file)) return Reading<byte[]>.Absent;
        var identity = Identity(file);
        return identity.Value is null ? Reading<byte[]>.Unknown(identity.Reason!) : await DecryptAsync(file);
    }

    /// <param name="fingerprint">Makes it from the value, which it zeroes.</param>
    public async Task<Reading<string>> FingerprintAsync(string name, Func<byte[], string> fingerprint)
    {
        if (!files.TryGetValue(name, out var file)) return Reading<string>.Absent;
        var identity = Identity(file);
        if (!identity.IsKnown(out var opens)) return identity;
        var of = $"{opens} {Convert.ToHexStringLower(SHA256.HashData(file.Content))}";
        if (known.TryGetValue(name, out var last) && last.Of == of) return Reading<string>.Known(last.Fingerprint);
        var made = (await DecryptAsync(file)).Select(fingerprint);
        if (made.IsKnown(out var value)) known[name] = (of, value);
        return made;
    }

    /// <summary>A hash of the identity, once it is fit for use.</summary>
    private Reading<string> Identity(SourceFile file)
    {
        if (identityFile is null) return Reading<string>.Unknown($"{file.Path} lies in the repository, and secrets.ageIdentityFile of agent.yaml names no identity that opens it");
        var found = PrivateFile.Read(identityFile, checkOwner: true);
        if (found.State == ReadingState.Absent) return Reading<string>.Unknown($"the identity {identityFile} (secrets.ageIdentityFile of agent.yaml), which opens {file.Path}, does not exist");
        return found.Select(value =>
        {
            var hash = Convert.ToHexStringLower(SHA256.HashData(value));
            CryptographicOperations.ZeroMemory(value);
            return hash;
        });
    }

    private async Task<Reading<byte[]>> DecryptAsync(SourceFile file)
    {
        var command = new Command("age", ["-d", "-i", identityFile!], Patience);
        var result = await runner.RunAsync(command, new CommandOptions { Stdin = file.Content, MaxOutputBytes = PrivateFile.MaxBytes, OutputIsSecret = true }, CancellationToken.None);
        if (result is { Succeeded: true, SecretOutput: { } value }) return Reading<byte[]>.Known(value);
        if (result.SecretOutput is { } part) CryptographicOperations.ZeroMemory(part);
        return Reading<byte[]>.Unknown($"{file.Path} cannot be decrypted: {result.Evidence()}");
    }
}

using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using NasGitOps.Execution;

namespace NasGitOps.State;

/// <summary>The agent's memory on disk, in the state directory: readable by root alone, replaced atomically.</summary>
internal sealed class StateStore(string directory, TimeProvider clock, ILogger log)
{
    private const int KeyBytes = 32;

    private readonly string file = Path.Combine(directory, "state.json");
    private readonly string keyFile = Path.Combine(directory, "fingerprint.key");

    /// <summary>What went wrong while reading, for the status; null when nothing did.</summary>
    public string? Trouble { get; private set; }

    public LastGoodFiles LastGood { get; } = new(Path.Combine(directory, "last-good"), log);

    /// <summary>The state of the last save; empty when there is none. A file that cannot be read is moved aside and told, never an end.</summary>
    /// <remarks>Without records a difference is drift and nothing counts as removed: the safe side.</remarks>
    public AgentState Load()
    {
        Prepare();
        if (!File.Exists(file)) return AgentState.Empty;
        try
        {
            var state = WholeJson.Read(File.ReadAllBytes(file), StateJson.Default.AgentState);
            _ = state.Ownership; // two records of one resource are a corruption too
            return state;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            var aside = AtomicFile.MoveAside(file, "corrupt", clock.GetUtcNow());
            Trouble = $"{file} could not be read ({e.Message}); it was moved to {aside}, and what was applied before is not known any more";
            log.LogError("{Trouble}", Trouble);
            return AgentState.Empty;
        }
    }

    public void Save(AgentState state)
    {
        Prepare();
        AtomicFile.Write(file, JsonSerializer.SerializeToUtf8Bytes(state, StateJson.Default.AgentState), AtomicFile.Private);
    }

    /// <summary>The key of the fingerprints of secrets: random, made once, never leaves this host.</summary>
    public byte[] FingerprintKey()
    {
        Prepare();
        if (File.Exists(keyFile))
        {
            var key = File.ReadAllBytes(keyFile);
            if (key.Length == KeyBytes) return key;
            var aside = AtomicFile.MoveAside(keyFile, "corrupt", clock.GetUtcNow());
            Trouble = $"{keyFile} had {key.Length} bytes instead of {KeyBytes}; it was moved to {aside}, and every secret counts as changed";
            log.LogError("{Trouble}", Trouble);
        }

        var made = RandomNumberGenerator.GetBytes(KeyBytes);
        AtomicFile.Write(keyFile, made, AtomicFile.Private);
        return made;
    }

    private void Prepare() => Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
}

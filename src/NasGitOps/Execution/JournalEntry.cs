using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace NasGitOps.Execution;

/// <summary>One line of the journal.</summary>
/// <param name="Phase"><c>intent</c>, <c>done</c> or <c>note</c>.</param>
/// <param name="Resource">As <c>Dataset/tank/media</c>; empty for notes.</param>
/// <param name="Step">What is done, in words or as the argument list; never a secret.</param>
/// <param name="Of">For <c>done</c>: the sequence number of its intent.</param>
/// <param name="Prev">The hash of the entry before; zeros for the first.</param>
internal sealed record JournalEntry(
    long Seq, DateTimeOffset Time, string Phase, string Commit, string Resource, string Step, long? Of, int? Exit, long? Ms, string? Error, string Prev)
{
    public const string Intent = "intent";
    public const string Done = "done";
    public const string Note = "note";

    public static readonly string NoHash = new('0', 64);

    private const string HashField = ",\"hash\":\"";

    /// <summary>The line without its end, and its hash: SHA-256 of the line as it is before the hash itself is put in.</summary>
    public (string Line, string Hash) Seal()
    {
        var body = JsonSerializer.Serialize(this, JournalJson.Default.JournalEntry);
        var hash = HashOf(body);
        return ($"{body[..^1]}{HashField}{hash}\"}}", hash);
    }

    /// <summary>Reads a line; null when it is no entry or its hash does not fit its text.</summary>
    public static (JournalEntry Entry, string Hash)? Open(string line)
    {
        var at = line.LastIndexOf(HashField, StringComparison.Ordinal);
        if (at < 0 || line.Length != at + HashField.Length + 66 || !line.EndsWith("\"}", StringComparison.Ordinal)) return null;
        var hash = line[(at + HashField.Length)..^2];
        var body = line[..at] + "}";
        if (HashOf(body) != hash) return null;
        try
        {
            return JsonSerializer.Deserialize(body, JournalJson.Default.JournalEntry) is { } entry ? (entry, hash) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string HashOf(string body) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)));
}

[JsonSerializable(typeof(JournalEntry))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class JournalJson : JsonSerializerContext;

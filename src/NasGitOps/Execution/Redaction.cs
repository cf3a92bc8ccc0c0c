using System.Security.Cryptography;
using System.Text;

namespace NasGitOps.Execution;

/// <summary>Takes out of a command's output what holds a part of the secret that it was given: tools repeat their input in messages.</summary>
/// <remarks>Whole lines are withheld, so that neither the length nor the place of what was found shows. A part is any run of six characters, whatever their case, so that quoting, escaping and shortening hide nothing.</remarks>
internal static class Redaction
{
    public const string Withheld = "[a line that held a part of the secret is withheld]";

    private const int Window = 6;

    public static CommandResult Clean(CommandResult result, ReadOnlySpan<byte> secret)
    {
        var text = new char[Encoding.UTF8.GetMaxCharCount(secret.Length)];
        var parts = new HashSet<int>();
        try
        {
            var value = text.AsSpan(0, Encoding.UTF8.GetChars(secret, text));
            Learn(value, parts);
            Learn(Convert.ToHexStringLower(secret), parts);
            Learn(Convert.ToBase64String(secret), parts);
            return result with { Output = Clean(result.Output, value, parts), Errors = Clean(result.Errors, value, parts) };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(text.AsSpan()));
            parts.Clear();
        }
    }

    /// <summary>Hashes only: a set of texts would keep the secret in memory.</summary>
    private static void Learn(ReadOnlySpan<char> value, HashSet<int> parts)
    {
        for (var at = 0; at + Window <= value.Length; at++)
        {
            var part = value.Slice(at, Window);
            // A run across the end of a line is in no line of an output.
            if (!part.Contains('\n')) parts.Add(HashOf(part));
        }
    }

    private static string Clean(string output, ReadOnlySpan<char> secret, HashSet<int> parts)
    {
        if (output.Length == 0) return output;
        var clean = new StringBuilder(output.Length);
        foreach (var line in output.AsSpan().Split('\n'))
        {
            if (line.Start.Value > 0) clean.Append('\n');
            var text = output.AsSpan()[line];
            if (Holds(text, secret, parts)) clean.Append(Withheld);
            else clean.Append(text);
        }

        return clean.ToString();
    }

    private static bool Holds(ReadOnlySpan<char> line, ReadOnlySpan<char> secret, HashSet<int> parts)
    {
        for (var at = 0; at + Window <= line.Length; at++)
        {
            if (parts.Contains(HashOf(line.Slice(at, Window)))) return true;
        }

        foreach (var range in secret.Split('\n'))
        {
            var own = secret[range].TrimEnd('\r');
            if (own.Length is > 0 and < Window && line.Contains(own, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    private static int HashOf(ReadOnlySpan<char> part) => string.GetHashCode(part, StringComparison.OrdinalIgnoreCase);
}

using System.Text;
using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Loading;

/// <summary>Turns the bytes of a file into text, or says why they are none.</summary>
internal static class SourceText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string? Decode(string path, byte[] content, out ManifestProblem? problem)
    {
        problem = null;
        if (content.Length > Limits.FileBytes)
        {
            problem = Problem(path, 0, 0, $"the file has {new ByteSize((ulong)content.Length)}; manifests may have {new ByteSize(Limits.FileBytes)} at most", "split it");
            return null;
        }

        string text;
        try
        {
            text = Strict.GetString(content);
        }
        catch (DecoderFallbackException e)
        {
            var before = Encoding.UTF8.GetString(content, 0, Math.Clamp(e.Index, 0, content.Length));
            var (line, column) = PlaceAfter(before);
            problem = Problem(path, line, column, "not UTF-8 text", "save the file as UTF-8");
            return null;
        }

        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsControl(text[i]) || text[i] is '\t' or '\n' or '\r' or '\u0085') continue;
            var (line, column) = PlaceAfter(text[..i]);
            problem = Problem(path, line, column, $"control character U+{(int)text[i]:X4}", "this is no text file, or it was damaged; remove the character");
            return null;
        }

        return text.StartsWith('\uFEFF') ? text[1..] : text;
    }

    private static (int Line, int Column) PlaceAfter(string before) => (before.Count(c => c == '\n') + 1, before.Length - before.LastIndexOf('\n'));

    private static ManifestProblem Problem(string path, int line, int column, string message, string wayOut) => new(Severity.Error, path, line, column, "", message, wayOut);
}

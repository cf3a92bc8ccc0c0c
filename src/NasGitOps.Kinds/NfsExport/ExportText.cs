using System.Text;

namespace NasGitOps.Kinds.NfsExport;

/// <summary>The octal escapes of exports(5) and etab.</summary>
internal static class ExportText
{
    /// <summary>Everything but plain letters, digits and a few signs is written as <c>\ooo</c> of its UTF-8 bytes, so that nothing can end a word, a line or a comment.</summary>
    public static string Encode(string text)
    {
        var encoded = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (IsPlain((char)b)) encoded.Append((char)b);
            else encoded.Append('\\').Append((char)('0' + (b >> 6))).Append((char)('0' + ((b >> 3) & 7))).Append((char)('0' + (b & 7)));
        }

        return encoded.ToString();
    }

    public static string Decode(string text)
    {
        var bytes = new List<byte>();
        var raw = Encoding.UTF8.GetBytes(text);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] == '\\' && i + 3 < raw.Length && Octal(raw[i + 1]) && raw[i + 1] <= '3' && Octal(raw[i + 2]) && Octal(raw[i + 3]))
            {
                bytes.Add((byte)(((raw[i + 1] - '0') << 6) | ((raw[i + 2] - '0') << 3) | (raw[i + 3] - '0')));
                i += 3;
            }
            else
            {
                bytes.Add(raw[i]);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    /// <summary>Whether a path can be the value of an option: etab writes it there unescaped, and a blank breaks etab from that line on.</summary>
    public static bool IsPlainPath(string path) => path.All(IsPlain);

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or '+' or ':' or '@';

    private static bool Octal(byte b) => b is >= (byte)'0' and <= (byte)'7';
}

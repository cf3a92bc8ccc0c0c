using System.Text;

namespace NasGitOps.Trust;

internal enum SignatureFormat
{
    Ssh,
    Gpg,
    X509,
    Unknown,
}

/// <summary>A commit object taken apart: what was signed, and the signature over it.</summary>
/// <param name="Payload">The object without its signature.</param>
/// <param name="Signature">Armored text; null where there is none.</param>
internal sealed record SignedObject(byte[] Payload, string? Signature)
{
    private const string Header = "gpgsig";

    public SignatureFormat Format => FormatOf(Signature ?? "");

    /// <param name="content">A commit object, which is text.</param>
    /// <param name="problem">Why it cannot be judged; null when it can.</param>
    public static SignedObject? Parse(string content, out string? problem)
    {
        problem = null;
        var payload = new StringBuilder(content.Length);
        var signature = new StringBuilder();
        var signatures = 0;
        var inSignature = false;
        var position = 0;
        while (position < content.Length)
        {
            var end = content.IndexOf('\n', position) is var found and >= 0 ? found + 1 : content.Length;
            var line = content[position..end];
            if (line == "\n") break; // the message begins: what looks like a header there is none
            position = end;
            inSignature = (inSignature && line[0] == ' ') || line.StartsWith(Header, StringComparison.Ordinal);
            if (!inSignature)
            {
                payload.Append(line);
                continue;
            }

            if (line[0] != ' ')
            {
                // gpgsig-sha256 belongs to repositories of another hash; beside ours it would be a signature that nobody looks at.
                if (!line.StartsWith(Header + " ", StringComparison.Ordinal) || ++signatures > 1)
                {
                    problem = $"it carries more than one signature, or one of an unknown sort ('{line.Split(' ')[0].TrimEnd()}')";
                    return null;
                }

                line = line[Header.Length..];
            }

            signature.Append(line.AsSpan(1));
        }

        payload.Append(content.AsSpan(position));
        if (content.Contains('\0', StringComparison.Ordinal))
        {
            problem = "it contains a zero byte, behind which some programs read no further";
            return null;
        }

        return new SignedObject(Encoding.UTF8.GetBytes(payload.ToString()), signatures == 0 ? null : signature.ToString());
    }

    private static SignatureFormat FormatOf(string signature)
    {
        var first = signature.Split('\n')[0].TrimEnd();
        return first switch
        {
            "-----BEGIN SSH SIGNATURE-----" => SignatureFormat.Ssh,
            "-----BEGIN PGP SIGNATURE-----" => SignatureFormat.Gpg,
            "-----BEGIN SIGNED MESSAGE-----" => SignatureFormat.X509,
            _ => SignatureFormat.Unknown,
        };
    }
}

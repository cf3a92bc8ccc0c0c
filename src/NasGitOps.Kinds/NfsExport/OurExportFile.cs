using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using NasGitOps.Core.Manifests;

namespace NasGitOps.Kinds.NfsExport;

/// <summary>A file that is wholly ours: one comment that says whose it is, one line that exports one path.</summary>
/// <param name="Subpath">Empty for the mount root.</param>
internal sealed partial record OurExportFile(ResourceId Resource, string Dataset, string Subpath, string Path, uint Fsid)
{
    public const string Suffix = ".exports";
    private const string Prefix = "nasgitops-";
    private const int LongestEncodedName = 200;

    /// <summary>A file name for a resource name; names of many escaped characters are cut and told apart by a digest, because a file name has at most 255 bytes.</summary>
    public static string FileName(string name)
    {
        var encoded = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(name))
        {
            var c = (char)b;
            if (char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') encoded.Append(c);
            else encoded.Append('~').Append(b.ToString("x2", CultureInfo.InvariantCulture));
        }

        if (encoded.Length <= LongestEncodedName) return $"{Prefix}{encoded}{Suffix}";
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..16];
        return $"{Prefix}{encoded.ToString(0, LongestEncodedName)}~~{digest}{Suffix}";
    }

    public static string Render(ResourceId id, NfsExportSpec spec, ExportPlace place, uint fsid)
    {
        var guard = place.Subpath.Length == 0 ? null : place.Root;
        var clients = spec.Clients.Select(c => $"{c.Host}({ExportOptions.Render(spec, c, fsid, guard)})");
        var comment = $"# nasgitops: {ExportText.Encode(id.ToString())} dataset={ExportText.Encode(place.Dataset)} subpath={ExportText.Encode(place.Subpath)} "
            + "(generated whole; what is changed here by hand is put back)";
        return $"{comment}\n{ExportText.Encode(place.Path)} {string.Join(' ', clients)}\n";
    }

    /// <returns>Null for a file that does not say in its first line that it is ours.</returns>
    public static OurExportFile? Parse(string text)
    {
        var header = Header().Match(text);
        if (!header.Success || ResourceId.TryParse(ExportText.Decode(header.Groups[1].Value)) is not { } id) return null;
        var (path, _) = ExportsFile.Parse(text).FirstOrDefault();
        var fsid = FsidOption().Match(text);
        return new OurExportFile(
            id,
            ExportText.Decode(header.Groups[2].Value),
            ExportText.Decode(header.Groups[3].Value),
            path ?? "",
            fsid.Success && uint.TryParse(fsid.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0);
    }

    /// <summary>What a file of ours exports, as it is written in it.</summary>
    public static IEnumerable<ExportEntry> Entries(string text)
    {
        foreach (var words in text.Split('\n').Where(l => l.StartsWith('/')).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        {
            foreach (var client in words.Skip(1).Where(w => w.EndsWith(')') && w.Contains('(', StringComparison.Ordinal)))
            {
                var open = client.IndexOf('(', StringComparison.Ordinal);
                yield return new ExportEntry(ExportText.Decode(words[0]), client[..open], client[(open + 1)..^1].Split(','));
            }
        }
    }

    [GeneratedRegex(@"\A# nasgitops: (NfsExport/\S+) dataset=(\S+) subpath=(\S*) ")]
    private static partial Regex Header();

    [GeneratedRegex(@"[(,]fsid=([0-9]{1,10})[,)]")]
    private static partial Regex FsidOption();
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace NasGitOps.Kinds.Samba;

/// <summary>The Avahi service file by which Macs find the shares for Time Machine. One for the host: all of them are records of one service.</summary>
/// <remarks>Source: avahi.service(5), and the records that Apple's own servers announce. Avahi reads a new file by itself, and ignores it whole where a running smbd has its name already: so it has one of its own.</remarks>
internal static class Announcement
{
    private const string FileName = "nasgitops.service";

    public static string Path(string avahiDirectory) => $"{avahiDirectory.TrimEnd('/')}/{FileName}";

    /// <param name="shares">Names of the shares that are targets.</param>
    public static string Render(string header, string host, IEnumerable<string> shares)
    {
        var disks = shares.Order(StringComparer.Ordinal).Select((share, index) => $"dk{index}=adVN={share},adVF=0x82,adVU={Uuid(host, share)}");
        var group = new XElement(
            "service-group",
            new XElement("name", new XAttribute("replace-wildcards", "yes"), "%h Time Machine"),
            Service("_smb._tcp", 445),
            Service("_device-info._tcp", 0, "model=TimeCapsule8,119"),
            Service("_adisk._tcp", 9, ["sys=waMa=0,adVF=0x100", .. disks]));
        return $"<?xml version=\"1.0\" standalone='no'?>\n<!DOCTYPE service-group SYSTEM \"avahi-service.dtd\">\n<!--{Comment(header.TrimStart('#'))} -->\n{group}\n";
    }

    public static bool IsOurs(string text) => text.Contains("<!-- nasgitops:", StringComparison.Ordinal);

    /// <summary>The same as long as host and share keep their names: a Mac knows its target by it.</summary>
    public static string Uuid(string host, string share)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes($"nasgitops time machine\n{host}\n{share}"))[..16];
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x50);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString("D", CultureInfo.InvariantCulture);
    }

    /// <summary>No two hyphens stand together, as XML wants it; the second time for those that stood in threes.</summary>
    private static string Comment(string text) => text.Replace("--", "- -", StringComparison.Ordinal).Replace("--", "- -", StringComparison.Ordinal);

    private static XElement Service(string type, int port, params IEnumerable<string> records) =>
        new("service", new XElement("type", type), new XElement("port", port), records.Select(r => new XElement("txt-record", r)));
}

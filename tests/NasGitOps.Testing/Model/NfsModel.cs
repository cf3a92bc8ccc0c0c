using System.Globalization;
using System.Text;

namespace NasGitOps.Testing.Model;

/// <summary>What <c>exportfs -ra</c> makes of the exports files: the table that etab shows. Of equal path and client the first file wins.</summary>
public static class NfsModel
{
    public const string Main = "/etc/exports";
    public const string Etab = "/var/lib/nfs/etab";

    /// <summary>A client that no name service knows: exportfs leaves it out with exit code 0.</summary>
    public const string Unresolvable = "ghost.lan";

    public static ModelState Reload(ModelState state, string folder)
    {
        var exported = Maps.Empty<string>();
        var files = state.Files.Where(f => f.Key == Main || (f.Key.StartsWith(folder + "/", StringComparison.Ordinal) && f.Key.EndsWith(".exports", StringComparison.Ordinal)));
        foreach (var line in files.SelectMany(f => f.Value.Split('\n')).Where(l => l.StartsWith('/')))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            foreach (var client in words.Skip(1))
            {
                var open = client.IndexOf('(', StringComparison.Ordinal);
                var key = $"{words[0]}\t{client[..open]}";
                if (client[..open] != Unresolvable && !exported.ContainsKey(key)) exported = exported.Add(key, Shown(client[(open + 1)..^1].Split(',')));
            }
        }

        return state with { Exported = exported };
    }

    /// <summary>Exports at and below a path go from the table; the files stay.</summary>
    public static ModelState Release(ModelState state, string root) =>
        state with { Exported = state.Exported.RemoveRange(state.Exported.Keys.Where(k => k.Split('\t')[0] is var path && (path == root || path.StartsWith(root + "/", StringComparison.Ordinal)))) };

    public static string Table(ModelState state) => state.Exported.Aggregate(new StringBuilder(), (text, e) => text.Append(CultureInfo.InvariantCulture, $"{e.Key}({e.Value})\n")).ToString();

    /// <summary>The options in etab's words and order. Recorded in NasGitOps.Kinds.Tests/NfsExport/Recorded.</summary>
    private static string Shown(string[] options)
    {
        string Choose(string usual, string other) => options.Contains(other) ? other : usual;
        string Value(string name, string usual) => options.FirstOrDefault(o => o.StartsWith(name + "=", StringComparison.Ordinal)) ?? $"{name}={usual}";
        List<string> shown =
        [
            Choose("ro", "rw"), Choose("sync", "async"), Choose("wdelay", "no_wdelay"), "hide", Choose("nocrossmnt", "crossmnt"), Choose("secure", "insecure"),
            Choose("root_squash", "no_root_squash"), Choose("no_all_squash", "all_squash"), "no_subtree_check", Choose("secure_locks", "insecure_locks"), Choose("acl", "no_acl"), "no_pnfs",
            .. options.Where(o => o.StartsWith("fsid=", StringComparison.Ordinal) || o.StartsWith("mountpoint", StringComparison.Ordinal) || o is "nordirplus" or "security_label"),
            Value("anonuid", "65534"), Value("anongid", "65534"), Value("sec", "sys"),
        ];
        return string.Join(',', shown);
    }
}

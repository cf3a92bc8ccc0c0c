using System.Globalization;

namespace NasGitOps.Kinds.NfsExport;

/// <summary>Options of an export: those a manifest may name, and the one way they are written and compared.</summary>
internal static class ExportOptions
{
    /// <summary>
    /// Everything else of exports(5) is refused: it has a field of its own (rw, ro, *_squash, anon*, sec, crossmnt), is always or never
    /// right here (sync, async, subtree_check, fsid, hide), or names a path or another server (mountpoint, refer, replicas).
    /// </summary>
    public static IReadOnlyDictionary<string, string> Allowed { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["insecure"] = "clients behind address translation, macOS and VMs send from ports above 1023",
        ["insecure_locks"] = "old clients send lock requests without credentials",
        ["no_acl"] = "clients that misread POSIX ACLs see plain permissions instead",
        ["no_wdelay"] = "small unrelated writes are committed at once; with sync they then do not wait for each other",
        ["nordirplus"] = "directories too large for READDIRPLUS are listed without attributes",
        ["security_label"] = "SELinux labels of NFSv4.2 clients are kept with the files",
    };

    /// <summary>Options that a manifest might try, and why they are refused.</summary>
    public static string WhyNot(string option) => option.Split('=')[0] switch
    {
        "async" => "it answers before data is on disk, so a crash loses what clients believe is written; sync is always set (use a fast log device instead)",
        "rw" or "ro" => "write it as access of each client",
        "root_squash" or "no_root_squash" or "all_squash" or "no_all_squash" or "anonuid" or "anongid" => "write it as squash, anonUid and anonGid of each client",
        "sec" => "write it as security of each client",
        "crossmnt" or "nocrossmnt" or "nohide" or "hide" => "write it as nestedDatasets",
        "fsid" => "it is chosen here, free of collisions, and kept",
        "mountpoint" or "mp" => "it is always set, so that an unmounted dataset is never exported as an empty directory",
        "refer" or "replicas" => "it sends clients to another server",
        _ => $"it is not among the allowed options ({string.Join(", ", Allowed.Keys)})",
    };

    // What etab says of an export that deviates in nothing; fsid and mountpoint are compared apart.
    private static readonly HashSet<string> Usual =
    [
        "sync", "wdelay", "hide", "crossmnt", "secure", "root_squash", "no_all_squash", "no_subtree_check", "secure_locks", "acl", "no_pnfs",
        "anonuid=65534", "anongid=65534", "sec=sys",
    ];

    /// <summary>The options in the order they are written.</summary>
    /// <param name="mountpoint">The mount root where a directory below it is exported; null where the root itself is.</param>
    public static string Render(NfsExportSpec spec, NfsClient client, uint fsid, string? mountpoint)
    {
        List<string> options =
        [
            client.Writable ? "rw" : "ro", "sync", "no_subtree_check",
            mountpoint is null ? "mountpoint" : $"mountpoint={mountpoint}",
            spec.NestedDatasets ? "crossmnt" : "nocrossmnt",
            Number("fsid", fsid),
            client.Squash switch { Squash.None => "no_root_squash", Squash.All => "all_squash", _ => "root_squash" },
        ];
        if (client.AnonUid is { } uid) options.Add(Number("anonuid", uid));
        if (client.AnonGid is { } gid) options.Add(Number("anongid", gid));
        if (client.Security.Count > 0) options.Add($"sec={string.Join(':', client.Security)}");
        options.AddRange(spec.Options);
        return string.Join(',', options);
    }

    /// <summary>Access, then what deviates from the usual, sorted: <c>rw</c>, or <c>ro,insecure,no_root_squash</c>. Equal texts are equal exports but for the fsid.</summary>
    public static string Canonical(IEnumerable<string> options, string? mountpoint)
    {
        var all = options.ToHashSet();
        var guard = mountpoint is null ? "mountpoint" : $"mountpoint={mountpoint}";
        var unusual = all
            .Where(o => o is not ("rw" or "ro") && o != guard && !Usual.Contains(o) && !o.StartsWith("fsid=", StringComparison.Ordinal))
            .ToList();
        if (!all.Contains(guard)) unusual.Add("unguarded");
        var access = all.Contains("rw") ? (all.Contains("ro") ? "ro,rw" : "rw") : "ro";
        return string.Join(',', unusual.Order(StringComparer.Ordinal).Prepend(access));
    }

    /// <summary>The number, which etab prints as a signed one.</summary>
    public static uint? Fsid(IEnumerable<string> options)
    {
        var text = options.FirstOrDefault(o => o.StartsWith("fsid=", StringComparison.Ordinal));
        return text is not null && long.TryParse(text.AsSpan(5), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number is >= int.MinValue and <= uint.MaxValue
            ? unchecked((uint)number)
            : null;
    }

    private static string Number(string name, uint value) => string.Create(CultureInfo.InvariantCulture, $"{name}={value}");
}

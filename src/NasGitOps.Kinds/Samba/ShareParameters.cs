using static NasGitOps.Kinds.Samba.SambaParameter;

namespace NasGitOps.Kinds.Samba;

/// <summary>The parameters of a share section that this product knows: those it writes itself, and those a manifest may set.</summary>
internal static class ShareParameters
{
    private const string Pitfall = "a foreign value in [global] would reach into the share";

    /// <summary>Written by a field of the manifest, or always.</summary>
    public static readonly IReadOnlyDictionary<string, SambaParameter> Own = ByName(
        new("path", ValueType.Text, "", "spec.dataset and spec.subpath"),
        new("comment", ValueType.Text, "", "spec.comment"),
        Flag("read only", true, "spec.access.guest"),
        new("valid users", ValueType.Set, "", "spec.access"),
        new("invalid users", ValueType.Set, "", "spec.access.deny"),
        new("write list", ValueType.Set, "", "spec.access.readWrite"),
        new("read list", ValueType.Set, "", "spec.access.readOnly"),
        new("admin users", ValueType.Set, "", $"always empty: {Pitfall} and make users root"),
        new("force user", ValueType.Text, "", $"always empty: {Pitfall} and change whose files are written"),
        new("force group", ValueType.Text, "", "spec.files.forceGroup"),
        Flag("guest ok", false, "spec.access.guest"),
        Flag("guest only", false, $"always no: {Pitfall} and make every user a guest"),
        Flag("browseable", true, "spec.hidden"),
        Flag("wide links", false, $"always no: {Pitfall} and let links lead out of the share"),
        Flag("inherit permissions", false, "spec.files.inherit"),
        Flag("inherit acls", false, "spec.files.inherit"),
        new("create mask", ValueType.Octal, "0744", "spec.files.fileMode"),
        new("force create mode", ValueType.Octal, "0000", "spec.files.fileMode"),
        new("directory mask", ValueType.Octal, "0755", "spec.files.directoryMode"),
        new("force directory mode", ValueType.Octal, "0000", "spec.files.directoryMode"),
        new("vfs objects", ValueType.Sequence, "", "fruit on every share: the first connection without it turns Apple's extensions off for all"),
        new("fruit:metadata", ValueType.Text, "", "Apple metadata in streams, as streams_xattr keeps them"),
        new("fruit:resource", ValueType.Text, "", "resource forks in AppleDouble files, which any other server can read too"),
        new("fruit:convert_adouble", ValueType.Text, "", "existing files are never rewritten on the way"),
        new("fruit:time machine", ValueType.Text, "", "spec.timeMachine"),
        new("fruit:time machine max size", ValueType.Text, "", "spec.timeMachine.maxSize"),
        new("shadow:snapdir", ValueType.Text, "", "spec.previousVersions"),
        new("shadow:sort", ValueType.Text, "", "spec.previousVersions"),
        new("shadow:localtime", ValueType.Text, "", "spec.previousVersions"),
        new("shadow:snapdirseverywhere", ValueType.Text, "", "spec.previousVersions"),
        new("shadow:crossmountpoints", ValueType.Text, "", "spec.previousVersions"),
        new("shadow:format", ValueType.Text, "", "spec.previousVersions"),
        new("shadow:delimiter", ValueType.Text, "", "spec.previousVersions"),
        new("shadow:snapprefix", ValueType.Text, "", "spec.previousVersions"),
        new("recycle:repository", ValueType.Text, "", "spec.recycleBin"),
        new("recycle:keeptree", ValueType.Text, "", "spec.recycleBin"),
        new("recycle:versions", ValueType.Text, "", "spec.recycleBin"),
        new("recycle:directory_mode", ValueType.Text, "", "spec.recycleBin"),
        new("recycle:subdir_mode", ValueType.Text, "", "spec.recycleBin"));

    /// <summary>What <c>spec.options</c> may hold. Never one that runs a program, names a path or an account, or expands a macro.</summary>
    public static readonly IReadOnlyDictionary<string, SambaParameter> Options = ByName(
        Flag("access based share enum", false, "shows the share only to those who may enter"),
        Flag("acl group control", false, "lets the owning group change permissions"),
        Flag("acl map full control", true, "how POSIX rwx appears to Windows"),
        Number("aio read size", 1, 0, 1 << 30, "performance"),
        Number("aio write size", 1, 0, 1 << 30, "performance"),
        OneOf("case sensitive", "auto", "clients that tell case apart; speeds up huge directories", "auto", "yes|true|1", "no|false|0"),
        OneOf("csc policy", "manual", "offline files of Windows", "manual", "documents", "programs", "disable"),
        OneOf("default case", "lower", "case of new names where it is not preserved", "lower", "upper"),
        Flag("delete readonly", false, "source control tools on Windows need it"),
        Flag("delete veto files", false, "lets a directory be deleted that holds nothing but vetoed files"),
        Flag("dos filemode", false, "whoever may write may change permissions"),
        Flag("dos filetime resolution", false, "two-second times for old programs"),
        Flag("dos filetimes", true, "whoever may write may change times"),
        Flag("durable handles", true, "must be off where NFS or local programs lock the same files"),
        Flag("ea support", true, "extended attributes of clients"),
        Flag("follow symlinks", true, "may be turned off; links out of the share are never followed, since wide links stays off"),
        Flag("hide dot files", true, "names that begin with a dot carry the hidden attribute"),
        new("hide files", ValueType.Patterns, "", "names that carry the hidden attribute"),
        Number("hide new files timeout", 0, 0, 86_400, "files still being written are not shown"),
        Flag("hide special files", false, "sockets, devices and pipes are not shown"),
        Flag("hide unreadable", false, "only what a user may read is shown"),
        Flag("hide unwriteable files", false, "only what a user may write is shown"),
        new("hosts allow", ValueType.Hosts, "", "who may connect, besides the firewall"),
        new("hosts deny", ValueType.Hosts, "", "who may not connect"),
        Flag("kernel oplocks", false, "local programs and NFS break the clients' caches"),
        Flag("kernel share modes", false, "share modes visible to local programs"),
        Flag("level2 oplocks", true, "read caching of clients"),
        Flag("locking", true, "databases on read-only media"),
        OneOf("mangled names", "illegal", "short names for names that Windows cannot show", "illegal", "no|false|0", "yes|true|1"),
        Flag("map archive", true, "the archive attribute as an execute bit"),
        Flag("map hidden", false, "the hidden attribute as an execute bit"),
        OneOf("map readonly", "no", "the read-only attribute as a write bit", "no|false|0", "yes|true|1", "permissions|perms"),
        Flag("map system", false, "the system attribute as an execute bit"),
        Number("max connections", 0, 0, 100_000, "how many clients at a time; 0 is without limit"),
        Flag("nt acl support", true, "permissions as Windows shows them"),
        Flag("oplocks", true, "write caching of clients; off for files that others write at the same time"),
        Flag("posix locking", true, "locks visible to local programs and NFS"),
        Flag("preserve case", true, "case of new names"),
        Encryption("server smb encrypt", "encryption of this share alone"),
        Flag("short preserve case", true, "case of new short names"),
        Flag("store dos attributes", true, "attributes in an extended attribute instead of mode bits"),
        Flag("strict allocate", false, "reserves the space of new files at once"),
        OneOf("strict locking", "auto", "asks for locks at every read and write", "auto", "yes|true|1", "no|false|0"),
        Flag("strict rename", false, "a directory with open files is not renamed"),
        Flag("strict sync", true, "a client's flush reaches the disk"),
        Flag("sync always", false, "every write reaches the disk before the answer"),
        Flag("use sendfile", false, "performance"),
        new("veto files", ValueType.Patterns, "", "names that do not exist for clients"),
        new("veto oplock files", ValueType.Patterns, "", "names whose files are not cached by clients"));

    /// <summary>Other names that Samba has for what a manifest may set.</summary>
    public static readonly IReadOnlyDictionary<string, string> Synonyms = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["smb encrypt"] = "server smb encrypt",
        ["casesignames"] = "case sensitive",
        ["allow hosts"] = "hosts allow",
        ["deny hosts"] = "hosts deny",
    };

    /// <summary>The parameter by any of its names, with blanks and case as Samba takes them.</summary>
    public static SambaParameter? Find(string name) => Own.GetValueOrDefault(name) ?? Options.GetValueOrDefault(name);

    internal static SambaParameter Encryption(string name, string reason) => OneOf(
        name, "default", reason, "default", "off|no|false|0|disabled", "if_required|yes|true|1|on|enabled|auto", "desired", "required|mandatory|force|forced|enforced");

    internal static IReadOnlyDictionary<string, SambaParameter> ByName(params SambaParameter[] parameters) =>
        parameters.ToDictionary(p => p.Name, StringComparer.Ordinal);
}

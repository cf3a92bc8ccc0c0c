using NasGitOps.Core.Manifests;
using NasGitOps.Storage;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.SmbShare;

/// <summary>What somebody without a password may do.</summary>
internal enum GuestAccess
{
    None,
    ReadOnly,
    ReadWrite,
}

/// <summary>Who may do what: <c>deny</c> beats <c>readWrite</c> beats <c>readOnly</c>.</summary>
/// <param name="ReadWrite">Users, and groups with <c>@</c> before them.</param>
internal sealed record ShareAccess(IReadOnlyList<string> ReadWrite, IReadOnlyList<string> ReadOnly, IReadOnlyList<string> Deny, GuestAccess Guest)
{
    public IEnumerable<string> All => ReadWrite.Concat(ReadOnly).Concat(Deny);
}

/// <summary>What new files and directories are like. Null is what the host's Samba does anyway.</summary>
/// <param name="Inherit">Permissions and ACLs come from the parent directory.</param>
/// <param name="FileMode">Octal, exact for new files; permissions inherited from the parent directory beat it (smb.conf(5)).</param>
internal sealed record ShareFiles(bool? Inherit, string? ForceGroup, string? FileMode, string? DirectoryMode);

/// <summary>The spec of an SmbShare.</summary>
/// <param name="Options">smb.conf parameters by their canonical name.</param>
internal sealed record SmbShareSpec(
    string Dataset,
    string? Subpath,
    string? Comment,
    ShareAccess Access,
    ShareFiles Files,
    bool Hidden,
    IReadOnlyDictionary<string, string> Options) : ResourceSpec, IAccountUser, IDirectoryUser
{
    /// <summary>Whether the section of smb.conf that defines a share of this name is taken out of it.</summary>
    public bool TakeOver { get; init; }

    /// <summary>Whether snapshots are shown as Previous Versions.</summary>
    public bool PreviousVersions { get; init; }

    /// <summary>The size that Macs are told; null where it is no target for Time Machine.</summary>
    public ByteSize? TimeMachine { get; init; }

    /// <summary>How long deleted files are kept; null where they are deleted at once.</summary>
    public TimeSpan? RecycleBin { get; init; }

    public string DatasetName => Dataset;

    public IReadOnlyList<string> DirectoryPaths
    {
        get
        {
            var parts = (Subpath ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
            return [.. Enumerable.Range(1, parts.Length).Select(count => string.Join('/', parts[..count]))];
        }
    }

    public IEnumerable<string> UserNames => Access.All.Where(n => !n.StartsWith('@')).Distinct();

    public IEnumerable<string> GroupNames =>
        Access.All.Where(n => n.StartsWith('@')).Select(n => n[1..]).Concat(Files.ForceGroup is { } group ? [group] : []).Distinct();

    public static SmbShareSpec Parse(JObject spec)
    {
        var access = spec["access"] as JObject ?? [];
        var files = spec["files"] as JObject ?? [];
        return new SmbShareSpec(
            spec.Value<string>("dataset") ?? "",
            spec.Value<string>("subpath"),
            spec.Value<string>("comment"),
            new ShareAccess(Names(access, "readWrite"), Names(access, "readOnly"), Names(access, "deny"), Guest(access.Value<string>("guest"))),
            new ShareFiles(files.Value<bool?>("inherit"), files.Value<string>("forceGroup"), files.Value<string>("fileMode"), files.Value<string>("directoryMode")),
            spec.Value<bool?>("hidden") ?? false,
            Samba.SambaOptions.Parse(spec["options"] as JObject, Samba.ShareParameters.Synonyms))
        {
            TakeOver = spec.Value<bool?>("takeOver") ?? false,
            PreviousVersions = spec.Value<bool?>("previousVersions") ?? false,
            TimeMachine = ByteSize.TryParse(spec.SelectToken("timeMachine.maxSize")?.ToString() ?? "", out var size) ? size : null,
            RecycleBin = Duration.TryParse((string?)spec.SelectToken("recycleBin.keepFor") ?? "", out var keep) ? keep : null,
        };
    }

    private static List<string> Names(JObject access, string field) =>
        access[field] is JArray names ? [.. names.Select(n => n.Value<string>() ?? "")] : [];

    private static GuestAccess Guest(string? guest) => guest switch
    {
        "readOnly" => GuestAccess.ReadOnly,
        "readWrite" => GuestAccess.ReadWrite,
        _ => GuestAccess.None,
    };
}

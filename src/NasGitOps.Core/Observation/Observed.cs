using System.Text.Json.Serialization;
using NasGitOps.Core.Manifests;

namespace NasGitOps.Core.Observation;

/// <summary>Everything a pass reads from the host, read once. It is data: what the published inventory carries, and what a plan without a host starts from.</summary>
/// <param name="At">When the observation began.</param>
/// <param name="ToolVersions">Version by tool, as <c>zfs → 2.3.9</c>.</param>
/// <param name="Pools">All imported pools by name.</param>
/// <param name="Datasets">By pool, all datasets by full name; a pool that did not answer is Unknown alone.</param>
/// <param name="Kinds">What each kind reads of its own, by kind.</param>
public sealed record Observed(
    string Host,
    DateTimeOffset At,
    IReadOnlyDictionary<string, string> ToolVersions,
    Reading<Named<PoolState>> Pools,
    IReadOnlyDictionary<string, Reading<Named<DatasetState>>> Datasets,
    Accounts Accounts,
    IReadOnlyDictionary<string, Reading<KindFacts>> Kinds,
    IReadOnlyList<UnmanagedThing> Unmanaged)
{
    /// <summary>Why a part of the storage could not be read: pools that are not listed may be there all the same. Null when all of it was.</summary>
    public string? PoolsProblem { get; init; }

    /// <summary>Why the host's clock is not to be trusted with what cannot be undone; null where it is.</summary>
    public string? ClockProblem { get; init; }

    public Reading<PoolState> Pool(string name)
    {
        var found = Find(Pools, name);
        return found.State == ReadingState.Absent && PoolsProblem is { } problem ? Reading<PoolState>.Unknown(problem) : found;
    }

    /// <summary>Absent when its pool is not imported; Unknown when the pool did not answer.</summary>
    public Reading<DatasetState> Dataset(string name)
    {
        var pool = name.Split('/', 2)[0];
        if (Datasets.TryGetValue(pool, out var datasets)) return Find(datasets, name);
        return Pool(pool) is { State: ReadingState.Unknown } unknown ? Reading<DatasetState>.Unknown(unknown.Reason ?? "") : Reading<DatasetState>.Absent;
    }

    public IEnumerable<DatasetState> AllDatasets => Datasets.Values.SelectMany(r => r.Value?.Items.Values ?? []);

    public Reading<KindFacts> Facts(string kind) => Kinds.GetValueOrDefault(kind) ?? Reading<KindFacts>.Unknown($"{kind} was not observed");

    private static Reading<T> Find<T>(Reading<Named<T>> all, string name)
        where T : class
        => all.State switch
        {
            ReadingState.Known => all.Value!.Items.TryGetValue(name, out var found) ? Reading<T>.Known(found) : Reading<T>.Absent,
            ReadingState.Absent => Reading<T>.Absent,
            _ => Reading<T>.Unknown(all.Reason ?? ""),
        };
}

/// <summary>Things by name.</summary>
public sealed record Named<T>(IReadOnlyDictionary<string, T> Items)
    where T : class;

/// <summary>A property as the backend tells it.</summary>
/// <param name="Value">Canonical: sizes in bytes, <c>none</c> as the backend prints it exactly.</param>
/// <param name="Source"><c>local</c>, <c>inherited</c>, <c>received</c>, <c>default</c>, <c>temporary</c> or <c>-</c>.</param>
public sealed record PropertyValue(string Value, string Source)
{
    public const string Local = "local";
    public const string Inherited = "inherited";
    public const string Received = "received";
    public const string Default = "default";
    public const string None = "-";
}

/// <summary>A pool.</summary>
/// <param name="Health"><c>ONLINE</c>, <c>DEGRADED</c>, <c>SUSPENDED</c>…</param>
/// <param name="Scan">The scan line in words (scrub, resilver), or empty.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Disks">Every leaf, in order.</param>
public sealed record PoolState(
    string Name,
    string Guid,
    string Backend,
    string Health,
    string Scan,
    ulong Size,
    ulong Allocated,
    ulong Free,
    IReadOnlyDictionary<string, PropertyValue> Properties,
    IReadOnlyList<VdevState> Vdevs)
{
    /// <summary>Health of a pool of which no I/O comes back until somebody clears it. Source: zpoolconcepts(7), failmode.</summary>
    public const string Suspended = "SUSPENDED";

    /// <summary>How far what runs is, in words; empty when nothing runs.</summary>
    public string Progress { get; init; } = "";

    /// <summary>What runs in the background: <c>scrub</c>, <c>resilver</c>, <c>expansion</c>, <c>removal</c> or <c>replacement</c>; empty when nothing does.</summary>
    public string Running { get; init; } = "";

    /// <summary>What the last scan could not repair.</summary>
    public ulong UnrepairedErrors { get; init; }

    /// <summary>What else is wrong with it.</summary>
    public IReadOnlyList<PoolProblem> Problems { get; init; } = [];

    /// <summary>False for one whose disks are there and whose file system is not mounted yet: its datasets cannot be read.</summary>
    public bool IsOpen { get; init; } = true;
}

/// <param name="Reason">One word for programs.</param>
/// <param name="Message">What is so, and what to do.</param>
public sealed record PoolProblem(string Reason, string Message);

/// <summary>A top-level vdev with its leaves.</summary>
/// <param name="Type"><c>stripe</c> for a single disk, else <c>mirror</c>, <c>raidz1</c>…</param>
/// <param name="Class"><c>data</c>, <c>special</c>, <c>log</c>, <c>cache</c>, <c>spare</c> or <c>dedup</c>.</param>
public sealed record VdevState(string Name, string Type, string Class, string Health, IReadOnlyList<LeafState> Disks)
{
    /// <summary>Bytes, parity among them; 0 where that was not asked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ulong Size { get; init; }

    /// <summary>Its disks by the place that they share; one that stands alone has a place of its own.</summary>
    [JsonIgnore]
    public IReadOnlyList<IReadOnlyList<LeafState>> Places => [.. Disks.GroupBy(d => d.Place ?? d.Path).Select(g => g.ToList())];
}

/// <param name="Path">As the pool names it, without a whole disk's partition suffix.</param>
/// <param name="Device">The kernel's name of the disk, links resolved; what paths are compared by.</param>
public sealed record LeafState(string Path, string Device, string Health, ulong ReadErrors, ulong WriteErrors, ulong ChecksumErrors)
{
    /// <summary>Bytes that the pool uses of it at most; 0 where the storage keeps that to itself.</summary>
    public ulong Bytes { get; init; }

    /// <summary>Bytes that the disk has; 0 where that was not asked.</summary>
    public ulong DiskBytes { get; init; }

    /// <summary>The storage's own number for it, where that was asked or is the only name left.</summary>
    public string? Guid { get; init; }

    /// <summary>The place in its vdev that it shares with another disk, as <c>replacing-1</c> or <c>spare-0</c>; null for one that stands alone. The old disk comes first.</summary>
    public string? Place { get; init; }

    /// <summary>Whether data is still being copied to it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsFilling { get; init; }

    /// <summary>Whether it holds all that it should.</summary>
    [JsonIgnore]
    public bool IsWhole => Health == "ONLINE" && !IsFilling;
}

/// <summary>A dataset (filesystem or volume; on btrfs a subvolume).</summary>
/// <param name="Type"><c>filesystem</c> or <c>volume</c>.</param>
/// <param name="Properties">Every settable property of the catalogue, user and group quotas that a manifest names among them.</param>
/// <param name="Mark">Our ownership mark where it counts: local, and with the dataset's own guid.</param>
/// <param name="Mountpoint">Where it is or would be mounted; null for none, legacy and volumes.</param>
/// <param name="KeyStatus"><c>none</c>, <c>available</c> or <c>unavailable</c>.</param>
/// <param name="Directories">Facts below the mount root by relative path (empty: the root), for the paths that manifests name.</param>
public sealed record DatasetState(
    string Name,
    string Guid,
    string Backend,
    string Type,
    IReadOnlyDictionary<string, PropertyValue> Properties,
    Mark? Mark,
    bool Mounted,
    string? Mountpoint,
    string KeyStatus,
    string? Origin,
    Usage Usage,
    IReadOnlyDictionary<string, FileFacts> Directories)
{
    public DateTimeOffset? Created { get; init; }

    /// <summary>On btrfs: it stands at its place, and its snapshots are not shown in it: a mount or an unmount was cut short.</summary>
    public bool IsPartlyMounted { get; init; }

    /// <summary>Bytes written since its newest snapshot, or since it was cloned.</summary>
    public ulong Written { get; init; }

    /// <summary>Property to value, without where it comes from; a copy.</summary>
    public Dictionary<string, string> Values() => Properties.ToDictionary(p => p.Key, p => p.Value.Value);

    /// <summary>Names of its snapshots, for those that are to go into quarantine or lie there; null where that was not asked.</summary>
    public IReadOnlyList<string>? Snapshots { get; init; }

    /// <summary>For a clone: whether its files differ from its snapshot's; null where that was not asked or cannot be told.</summary>
    public bool? Changed { get; init; }

}

/// <summary>Bytes, exact.</summary>
public sealed record Usage(ulong Used, ulong Available, ulong Referenced);

/// <summary>Ownership that travels with the storage.</summary>
/// <param name="SetProperties">The properties that this product set, and would inherit again.</param>
/// <param name="DeletionPolicy">As <see cref="Ownership.DeletionPolicy"/> writes it: what the absence of the manifest means.</param>
public sealed record Mark(string Resource, string Guid, IReadOnlyList<string> SetProperties, string DeletionPolicy)
{
    /// <summary>Set on a dataset that is in quarantine, or on its way in or out.</summary>
    public QuarantineMark? Quarantine { get; init; }
}

/// <summary>What a dataset in quarantine remembers.</summary>
/// <param name="Recorded">The properties that were set on it before, to be set again when it returns.</param>
/// <param name="Since">When it was wholly in; null while it is on its way.</param>
/// <param name="Purging">Whether its destruction has begun: a kill left the rest of it.</param>
public sealed record QuarantineMark(IReadOnlyDictionary<string, string> Recorded, DateTimeOffset? Since, bool Purging = false);

/// <summary>Users and groups of the host, those that manifests name.</summary>
public sealed record Accounts(IReadOnlyDictionary<string, UserAccount> Users, IReadOnlyDictionary<string, GroupAccount> Groups)
{
    public static Accounts Empty { get; } = new(new Dictionary<string, UserAccount>(), new Dictionary<string, GroupAccount>());
}

public sealed record UserAccount(string Name, uint Uid, uint Gid, string Shell, string Home);

public sealed record GroupAccount(string Name, uint Gid, IReadOnlyList<string> Members);

/// <summary>What one kind reads, as tables of names to fields: plain, so that it can be published and read back.</summary>
public sealed record KindFacts(IReadOnlyDictionary<string, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> Tables)
{
    private static readonly Dictionary<string, IReadOnlyDictionary<string, string>> NoRows = [];

    /// <summary>For a kind whose state is read with the storage.</summary>
    public static KindFacts Empty { get; } = new(new Dictionary<string, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>>());

    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Table(string name) => Tables.GetValueOrDefault(name) ?? NoRows;
}

/// <summary>Something on the host that is not ours and is left alone.</summary>
public sealed record UnmanagedThing(string Kind, string Name, string Detail);

/// <summary>What an observation needs to know to choose its probes.</summary>
/// <param name="Manifests">The desired resources; probes for shares, accounts and directories are limited to what they name.</param>
/// <param name="Owned">Resources with an applied record, so that what disappeared from Git is still looked at.</param>
public sealed record ObservationContext(ManifestSet Manifests, IReadOnlyList<ResourceId> Owned, HostPaths Paths, Answers Answers)
{
    /// <summary>When the observation began.</summary>
    public DateTimeOffset Now { get; init; }
}

/// <summary>Folders of the host that may be moved for tests and the demo.</summary>
public sealed record HostPaths
{
    public const string SystemExports = "/etc/exports.d";

    public string ExportsDirectory { get; init; } = SystemExports;

    /// <summary>False where the folder was moved: nobody reads it, so that exports are written and none is made effective.</summary>
    [JsonIgnore]
    public bool ServesExports => ExportsDirectory == SystemExports;

    public string SambaDirectory { get; init; } = "/etc/samba";

    public string AvahiDirectory { get; init; } = "/etc/avahi/services";

    public string SecretsDirectory { get; init; } = "/etc/nasgitops/secrets";
}

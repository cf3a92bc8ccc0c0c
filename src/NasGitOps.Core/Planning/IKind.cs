using NasGitOps.Core.Importing;
using NasGitOps.Core.Jobs;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Steps;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Core.Planning;

/// <summary>The order of kinds: earlier stages are made first and removed last.</summary>
public static class Stages
{
    public const int Groups = 10;
    public const int Users = 20;
    public const int Pools = 30;
    public const int Datasets = 40;
    public const int Servers = 50;
    public const int Shares = 60;
    public const int Schedules = 70;

    /// <summary>Before the shares, which may stand on one.</summary>
    public const int Clones = 45;
}

/// <summary>One kind of manifest: how it is read, checked, observed, compared and turned into steps. Values in, values out.</summary>
public interface IKind
{
    string Name { get; }

    /// <summary>One of <see cref="Stages"/>.</summary>
    int Stage { get; }

    /// <summary>True for kinds that hold data: once recorded and gone, they are never silently made again.</summary>
    bool HoldsData { get; }

    /// <summary>True for what stands on a dataset and goes with it when that one's announced time is over.</summary>
    bool EndsWithItsDataset => false;

    /// <summary>Makes the typed spec from a document that the schema has passed.</summary>
    ResourceSpec Parse(string name, JObject spec);

    /// <summary>Other resources that the spec names; declared ones are applied first.</summary>
    IEnumerable<Reference> References(Manifest manifest);

    /// <summary>Rules across fields and manifests, beyond schema and references.</summary>
    IEnumerable<ManifestProblem> Check(Manifest manifest, ManifestSet manifests);

    /// <summary>Resources that others imply without a manifest of their own, as shares imply a server with the hardened defaults.</summary>
    IEnumerable<Manifest> Implied(ManifestSet manifests) => [];

    /// <summary>What to ask the host. Called again with the answers so far until it asks nothing new.</summary>
    IEnumerable<Probe> Probes(ObservationContext context);

    /// <summary>Reads the answers. A failed command makes the facts Unknown, never empty.</summary>
    Reading<KindFacts> Observe(ObservationContext context, List<UnmanagedThing> unmanaged);

    /// <summary>Renames and returns that manifests ask for and that are possible now; the planner looks at the host as it will be after them.</summary>
    IEnumerable<Move> Moves(PlanInput input) => [];

    /// <summary>Compares what is wanted with what is there.</summary>
    Assessment Assess(Manifest manifest, PlanInput input);

    /// <summary>The steps that make the given fields as wanted; only these, in this action.</summary>
    Work Build(Manifest manifest, ChangeAction action, IReadOnlyList<FieldChange> fields, PlanInput input);

    /// <summary>Resources of this kind that the host says are ours, by mark or by file.</summary>
    IEnumerable<ResourceId> Owned(PlanInput input);

    /// <summary>What the agent does at times because of an applied resource.</summary>
    IEnumerable<RecurringJob> Jobs(Applied record) => [];

    /// <summary>The steps of one run of such a job, where they are known beforehand.</summary>
    IReadOnlyList<Step> JobSteps(RecurringJob job, ManifestSet manifests) => [];

    /// <summary>Manifests that describe what the host has of this kind, so that a first plan on them adopts and changes nothing.</summary>
    ImportOffer Import(ImportContext context) => ImportOffer.Nothing;

    /// <summary>What the absence of a manifest means for something that was ours.</summary>
    Absence Absent(ResourceId id, PlanInput input);
}

/// <summary>Something of ours that comes to its manifest before anything else is compared: a rename (never delete and create), or the return from quarantine.</summary>
/// <param name="Apply">The observed host as it is afterwards.</param>
public sealed record Move(ResourceId From, ResourceId To, IReadOnlyList<Step> Steps, Func<PlanInput, PlanInput> Apply)
{
    /// <summary>Move or Restore.</summary>
    public ChangeAction Action { get; init; } = ChangeAction.Move;

    public Risk Risk { get; init; } = Risk.Disruptive;

    /// <summary>What it changes by itself.</summary>
    public IReadOnlyList<FieldChange> Fields { get; init; } = [];
}

public enum Existence
{
    Present,
    Absent,
    Unknown,
}

/// <summary>One field of a resource: what is wanted, what is there, and whether that is the same.</summary>
/// <param name="Desired">Canonical; what the applied record keeps.</param>
/// <param name="Actual">Null where nothing is there.</param>
/// <param name="Blocker">Why this field, if it differs, cannot be changed.</param>
/// <param name="FromCommit">Set where the kind itself knows that a commit caused the difference (a property taken out of the manifest).</param>
public sealed record Field(
    string Name, string? Desired, string? Actual, bool Equal, string Source = "", Risk Risk = Risk.Safe, string? Note = null, Blocker? Blocker = null, bool FromCommit = false)
{
    /// <summary>Whether it lives in our own books alone (the applied record, a mark), and nothing that the host serves can show it.</summary>
    public bool Recorded { get; init; }

    /// <summary>Whether changing it cannot be undone, so that a person must approve it.</summary>
    public bool NeedsApproval { get; init; }

    /// <summary>Whether it gives a pool redundancy back that it lacks, so that it is not held back because of that.</summary>
    public bool Mends { get; init; }

    /// <summary>Whether it is made anew at every start of the host (a loaded key): nobody's drift, and done whatever the drift mode.</summary>
    public bool AtEveryStart { get; init; }

    /// <summary>Whether others cannot use the resource while this field differs (mounted, key loaded).</summary>
    public bool Essential { get; init; }

    /// <summary>Whether correcting it only makes reachable what is there.</summary>
    public bool Opens { get; init; }
}

/// <summary>What a kind finds about one declared resource.</summary>
public sealed record Assessment(Existence Existence, IReadOnlyList<Field> Fields)
{
    /// <summary>Whether it carries our mark, where the kind has marks; an unmarked one is adopted.</summary>
    public bool Owned { get; init; } = true;

    /// <summary>Why nothing may be done to it now.</summary>
    public Blocker? Blocker { get; init; }

    /// <summary>What to do when it is absent: create or import.</summary>
    public ChangeAction WhenAbsent { get; init; } = ChangeAction.Create;

    /// <summary>Risk of making or adopting it, apart from its fields.</summary>
    public Risk Risk { get; init; } = Risk.Safe;

    /// <summary>Whether making it needs a person's approval.</summary>
    public bool NeedsApproval { get; init; }

    public AtStake AtStake { get; init; } = AtStake.Nothing;

    public IReadOnlyList<Notice> Notices { get; init; } = [];

    /// <summary>What is to be done to it because its time is over; null while it is not.</summary>
    public Absence? End { get; init; }

    /// <summary>Whether its time was over and it is gone: nothing is to be done.</summary>
    public bool IsOver { get; init; }

    /// <summary>Whether too little can be seen yet to record what is wanted: the next round shows more.</summary>
    public bool RecordsNothing { get; init; }

    /// <summary>For Unknown: why.</summary>
    public string UnknownReason { get; init; } = "";

    public static Assessment Unknown(string reason) => new(Existence.Unknown, []) { UnknownReason = reason };
}

/// <summary>The steps of a change, and what else must be done first.</summary>
public sealed record Work(IReadOnlyList<Step> Steps)
{
    public IReadOnlyList<ResourceId> Needs { get; init; } = [];
}

/// <summary>What becomes of something that was ours and has no manifest any more.</summary>
/// <param name="Action">Null where nothing is done (it is gone, or an orphan).</param>
/// <param name="Orphan">What to tell about an orphan; null where there is nothing to tell.</param>
public sealed record Absence(ChangeAction? Action, IReadOnlyList<Step> Steps, IReadOnlyList<FieldChange> Fields, Notice? Orphan)
{
    public Risk Risk { get; init; } = Risk.Disruptive;

    public Cause Cause { get; init; } = Cause.Commit;

    public AtStake AtStake { get; init; } = AtStake.Nothing;

    public Blocker? Blocker { get; init; }

    /// <summary>Whether a person must approve it.</summary>
    public bool NeedsApproval { get; init; }

    /// <summary>Resources that must be gone first, where they go in the same plan.</summary>
    public IReadOnlyList<ResourceId> Needs { get; init; } = [];

    public static Absence Nothing { get; } = new(null, [], [], null);

    public static Absence Orphaned(ResourceId id, string message) => new(null, [], [], new Notice(id, "Orphaned", message, Degraded: false));
}

using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;

namespace NasGitOps.Storage;

/// <summary>One step from the layout that a pool has to the one that its manifest wants.</summary>
public abstract record LayoutMove
{
    /// <summary>Disks that the pool takes in; what they carry is lost.</summary>
    public abstract IReadOnlyList<string> Taken { get; }

    /// <summary>Disks that the pool gives back.</summary>
    public abstract IReadOnlyList<LeafState> Left { get; }
}

/// <summary>A whole vdev more.</summary>
public sealed record AddVdev(VdevLayout Vdev) : LayoutMove
{
    public override IReadOnlyList<string> Taken => Vdev.Disks;

    public override IReadOnlyList<LeafState> Left => [];
}

/// <summary>A vdev gets one disk more.</summary>
public sealed record AttachDisk(VdevState To, string Disk) : LayoutMove
{
    public override IReadOnlyList<string> Taken => [Disk];

    public override IReadOnlyList<LeafState> Left => [];
}

/// <summary>A disk takes the place of another.</summary>
public sealed record ReplaceDisk(VdevState In, LeafState Old, string Disk) : LayoutMove
{
    public override IReadOnlyList<string> Taken => [Disk];

    public override IReadOnlyList<LeafState> Left => [Old];
}

/// <summary>A vdev gets one disk less.</summary>
/// <param name="Wanted">How many disks the manifest wants it to have.</param>
public sealed record DetachDisk(VdevState From, LeafState Disk, int Wanted) : LayoutMove
{
    /// <summary>The spare that stands in for it and takes its place for good.</summary>
    public LeafState? Spare { get; init; }

    public override IReadOnlyList<string> Taken => [];

    public override IReadOnlyList<LeafState> Left => [Disk];
}

/// <summary>A whole vdev less.</summary>
public sealed record RemoveVdev(VdevState Vdev) : LayoutMove
{
    public override IReadOnlyList<string> Taken => [];

    public override IReadOnlyList<LeafState> Left => Vdev.Disks;
}

/// <summary>What a backend says of a move.</summary>
/// <param name="Blocker">Why it cannot be made, or not by itself, or not now; null where it can.</param>
/// <param name="Note">What to know of it.</param>
/// <param name="NeedsApproval">Whether a person must agree first: it cannot be undone, or takes redundancy away.</param>
public sealed record LayoutVerdict(Blocker? Blocker, string? Note = null, bool NeedsApproval = false)
{
    public static LayoutVerdict Blocked(string reason, string message, string wayOut) => new(new Blocker(reason, message, wayOut));
}

/// <summary>What else counts for a move.</summary>
/// <param name="Version">Of the backend's tools; empty where it is not known.</param>
/// <param name="Bytes">Size of a new disk; 0 where it is not known.</param>
public sealed record LayoutContext(string Version, Func<string, ulong> Bytes);

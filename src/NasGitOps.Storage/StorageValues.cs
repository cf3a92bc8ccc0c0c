using NasGitOps.Core.Observation;

namespace NasGitOps.Storage;

/// <summary>A top-level vdev as a manifest names it.</summary>
/// <param name="Type"><c>stripe</c>, <c>mirror</c>, <c>raidz1</c>…</param>
/// <param name="Class"><c>data</c>, <c>special</c>, <c>log</c>, <c>cache</c>, <c>spare</c>, <c>dedup</c>.</param>
public sealed record VdevLayout(string Type, string Class, IReadOnlyList<string> Disks);

/// <summary>A pool to make, with its root dataset.</summary>
/// <param name="Options">Pool properties.</param>
/// <param name="Properties">Of its root dataset.</param>
/// <param name="Resource">Whose mark it gets.</param>
/// <param name="Force">Overwrite what the disks carry, as an approval said.</param>
public sealed record NewPool(
    string Name,
    IReadOnlyList<VdevLayout> Vdevs,
    IReadOnlyDictionary<string, string> Options,
    IReadOnlyDictionary<string, string> Properties,
    string? Mountpoint,
    string Resource,
    bool Force);

/// <summary>A dataset to make, unmounted.</summary>
/// <param name="VolumeSize">Bytes, exact; null for a filesystem.</param>
public sealed record NewDataset(
    string Name, string? VolumeSize, bool Sparse, IReadOnlyDictionary<string, string> Properties, EncryptionKey? Encryption, string Resource, string DeletionPolicy);

/// <param name="Snapshot">Full name, with <c>@</c>.</param>
/// <param name="Resource">Whose mark it gets.</param>
/// <param name="Place">Where it is seen; null for nowhere.</param>
public sealed record NewClone(string Name, string Snapshot, IReadOnlyDictionary<string, string> Properties, string Resource, string? Place);

/// <param name="Format"><c>passphrase</c>, <c>hex</c> or <c>raw</c>.</param>
public sealed record EncryptionKey(string Algorithm, string Format, string SecretRef);

/// <param name="Set">Property to value.</param>
/// <param name="Clear">Properties to give back: inherited again, or <c>none</c>.</param>
/// <param name="Mark">The mark it carries afterwards; null leaves it.</param>
public sealed record DatasetChange(DatasetState State, IReadOnlyDictionary<string, string> Set, IReadOnlyList<string> Clear, Mark? Mark)
{
    /// <summary>The dataset itself and those below it that are mounted and have another place after the change; parents first.</summary>
    public IReadOnlyList<Relocation> Relocations { get; init; } = [];

    /// <summary>What the mark names and does not hold any more: nothing is to be set, and nothing of it is to be kept.</summary>
    public IReadOnlyList<string> GivenBack { get; init; } = [];

    /// <summary>Where it is mounted once what is above it has changed; null for nowhere.</summary>
    public string? Place { get; init; }

    /// <summary>Every property as it is afterwards.</summary>
    public Dictionary<string, string> After()
    {
        var values = State.Values();
        foreach (var property in Clear) values.Remove(property);
        foreach (var (property, value) in Set) values[property] = value;
        return values;
    }

    /// <summary>The mark that is written before anything is set, so that a kill right behind that leaves nothing of ours that looks like somebody else's: it names what is set already, and still what is given back.</summary>
    public Mark? MarkBefore => Mark is { } mark && Set.Count > 0
        ? mark with { SetProperties = [.. mark.SetProperties.Union(Leaving.Where(c => State.Mark?.SetProperties.Contains(c) == true)).Order(StringComparer.Ordinal)] }
        : null;

    /// <summary>The mark that is written when all is done, where the one before did not say the same.</summary>
    public Mark? MarkAfter => Set.Count == 0 || Leaving.Any() ? Mark : null;

    private IEnumerable<string> Leaving => Clear.Concat(GivenBack);
}

/// <param name="From">Where it is mounted.</param>
/// <param name="To">Where it is mounted next; null for nowhere.</param>
/// <param name="Properties">Of the dataset, after the change.</param>
public sealed record Relocation(string Dataset, string From, string? To, IReadOnlyDictionary<string, string> Properties);

/// <param name="Properties">Canonical values of the dataset; some are flags of its mount.</param>
public sealed record MountPlace(string Dataset, string Path, IReadOnlyDictionary<string, string> Properties);

/// <param name="State">Of the dataset, under its old name.</param>
/// <param name="Relocations">What is mounted of it and below it, under new names; parents first.</param>
public sealed record DatasetRename(DatasetState State, string To, IReadOnlyList<Relocation> Relocations)
{
    public string From => State.Name;
}

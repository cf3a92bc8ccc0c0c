namespace NasGitOps.Testing.Laws;

/// <summary>Random choices from one seed that FsCheck gives; what comes out is plain data, which FsCheck then shrinks.</summary>
public sealed class Dice(int seed)
{
    private readonly Random random = new(seed);

    /// <summary>Pools of this case that are btrfs.</summary>
    public IReadOnlyList<string> BtrfsPools { get; set; } = [];

    public bool IsBtrfs(string dataset) => BtrfsPools.Contains(dataset.Split('/')[0]);

    public int Below(int limit) => random.Next(limit);

    public bool Chance(int percent) => random.Next(100) < percent;

    public T One<T>(params IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];

    public IReadOnlyList<T> Some<T>(int percent, params IEnumerable<T> choices) => [.. choices.Where(_ => Chance(percent))];
}

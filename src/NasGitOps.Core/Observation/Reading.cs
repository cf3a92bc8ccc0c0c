using System.Diagnostics.CodeAnalysis;

namespace NasGitOps.Core.Observation;

public enum ReadingState
{
    Known,
    Absent,
    Unknown,
}

/// <summary>What an observation says of one thing. An unreadable host never looks like an empty one.</summary>
/// <param name="Reason">For Unknown: the command with its exit code and standard error.</param>
public sealed record Reading<T>(ReadingState State, T? Value, string? Reason)
    where T : class
{
    public static Reading<T> Known(T value) => new(ReadingState.Known, value, null);

    public static Reading<T> Absent { get; } = new(ReadingState.Absent, null, null);

    public static Reading<T> Unknown(string reason) => new(ReadingState.Unknown, null, reason);

    [MemberNotNullWhen(true, nameof(Value))]
    public bool IsKnown([NotNullWhen(true)] out T? value)
    {
        value = Value;
        return State == ReadingState.Known && Value is not null;
    }

    public Reading<TOther> Select<TOther>(Func<T, TOther> map)
        where TOther : class
        => State switch
        {
            ReadingState.Known => Reading<TOther>.Known(map(Value!)),
            ReadingState.Absent => Reading<TOther>.Absent,
            _ => Reading<TOther>.Unknown(Reason ?? ""),
        };
}

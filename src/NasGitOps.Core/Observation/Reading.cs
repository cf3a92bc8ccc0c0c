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

    /// <summary>What was read, read further. Where that cannot be understood, a damaged output, it is Unknown: one bad line is no end of a pass.</summary>
    public Reading<TOther> Select<TOther>(Func<T, TOther> map)
        where TOther : class
    {
        if (State != ReadingState.Known) return State == ReadingState.Absent ? Reading<TOther>.Absent : Reading<TOther>.Unknown(Reason ?? "");
        try
        {
            return Reading<TOther>.Known(map(Value!));
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            return Reading<TOther>.Unknown($"the output of a tool cannot be understood: {e.Message}");
        }
    }
}

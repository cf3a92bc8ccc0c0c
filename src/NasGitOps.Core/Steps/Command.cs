namespace NasGitOps.Core.Steps;

/// <summary>A program and its arguments: always a list, never a line for a shell.</summary>
/// <param name="Tool">The program's name, found on the host's path: <c>zfs</c>, <c>testparm</c>.</param>
/// <param name="Timeout">After this long it and its children are killed.</param>
public sealed record Command(string Tool, IReadOnlyList<string> Arguments, TimeSpan Timeout)
{
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(2);

    public static Command Of(string tool, params IEnumerable<string> arguments) => new(tool, [.. arguments], DefaultTimeout);

    /// <summary>For people to read and paste: quoted where a shell would need it.</summary>
    public override string ToString() => string.Join(' ', Arguments.Prepend(Tool).Select(Quote));

    public bool Equals(Command? other) => other is not null && Tool == other.Tool && Arguments.SequenceEqual(other.Arguments);

    public override int GetHashCode() => HashCode.Combine(Tool, Arguments.Count);

    private static string Quote(string argument) =>
        argument.Length > 0 && argument.All(c => char.IsAsciiLetterOrDigit(c) || "@%+=:,./_-".Contains(c, StringComparison.Ordinal))
            ? argument
            : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}

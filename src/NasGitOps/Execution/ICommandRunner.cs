using NasGitOps.Core.Steps;

namespace NasGitOps.Execution;

/// <summary>The one way to another process. A failed command is information here; the caller decides what it means.</summary>
internal interface ICommandRunner
{
    /// <summary>Runs the command to its end. Never throws for what the command does: a missing tool, a time-out or a cancellation is told in the result.</summary>
    Task<CommandResult> RunAsync(Command command, CommandOptions options, CancellationToken ct);
}

/// <summary>What a run needs beyond the command itself; nothing of it is ever logged or journalled.</summary>
internal sealed record CommandOptions
{
    public const int DefaultMaxOutputBytes = 64 * 1024 * 1024;

    public static CommandOptions None { get; } = new();

    /// <summary>Written to standard input, which is then closed. Secrets go here, never into arguments.</summary>
    public ReadOnlyMemory<byte>? Stdin { get; init; }

    /// <summary>Added to the small environment that every command gets.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    public string? WorkingDirectory { get; init; }

    /// <summary>For standard output and for standard error, each; beyond it the command is killed.</summary>
    public int MaxOutputBytes { get; init; } = DefaultMaxOutputBytes;

    /// <summary>Standard output is a secret: it is handed out as bytes, and is in no text.</summary>
    public bool OutputIsSecret { get; init; }
}

/// <summary>What became of a command: all the evidence an error message needs.</summary>
/// <param name="ExitCode">As the shell would tell it (137 for a kill); -1 when it never started.</param>
/// <param name="Output">Standard output, UTF-8, at most the bound.</param>
/// <param name="Errors">Standard error, likewise.</param>
/// <param name="Failure">Why the run itself failed (not started, timed out, cancelled, too much output), in words; null when the command ended by itself.</param>
internal sealed record CommandResult(Command Command, int ExitCode, string Output, string Errors, TimeSpan Duration, string? Failure)
{
    /// <summary>Standard output where it is a secret, for the caller to zero.</summary>
    public byte[]? SecretOutput { get; init; }

    public bool Succeeded => Failure is null && ExitCode == 0;

    /// <summary>One line for the person at 3 a.m.: the command, how it ended, and what it said.</summary>
    public string Evidence()
    {
        var end = Failure ?? $"exit code {ExitCode}";
        var said = Errors.Trim();
        if (said.Length == 0) said = Output.Trim();
        return said.Length == 0 ? $"'{Command}': {end}" : $"'{Command}': {end}: {Shorten(said)}";
    }

    private static string Shorten(string text) => text.Length <= 2000 ? text : $"{text[..1000]} … {text[^1000..]}";
}

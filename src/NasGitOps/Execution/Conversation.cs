using System.Buffers;
using System.Diagnostics;
using System.IO.Pipes;
using System.Text;

namespace NasGitOps.Execution;

internal enum Ending
{
    ByItself,
    NotStarted,
    TimedOut,
    Cancelled,
    TooMuchOutput,
}

/// <summary>Whether the kernel let the process go.</summary>
internal enum Fate
{
    Gone,

    /// <summary>It hangs in the kernel and does not die even of SIGKILL, as a tool does that waits for a suspended pool.</summary>
    Stuck,
}

/// <summary>How a process ended, with what it printed up to then.</summary>
internal sealed record Ended(Ending End, Fate Fate, int ExitCode, string Output, string Errors, string Detail)
{
    public byte[]? SecretOutput { get; init; }

    public static Ended NeverStarted(Ending end, string detail) => new(end, Fate.Gone, -1, "", "", detail);
}

/// <summary>Feeds one running process and drains it, in one thread and without ever blocking on a pipe.</summary>
/// <remarks>
/// .NET's own reads of a pipe cannot be cancelled, and a pipe stays open as long as any grandchild holds it; so pipes are only read when poll says that there is
/// something, and given up a moment after the process itself has ended.
/// </remarks>
internal sealed class Conversation : IDisposable
{
    /// <summary>How long output may still arrive after the process itself has ended while something else holds its pipes.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a killed process may take to end; one that waits inside of the kernel may never.</summary>
    private static readonly TimeSpan KillPatience = TimeSpan.FromSeconds(5);

    private const int PollMilliseconds = 50;

    /// <summary>A pipe that polls writable takes at least this much without blocking (PIPE_BUF).</summary>
    private const int SafeWrite = 4096;

    private readonly Process process;
    private readonly CommandOptions options;
    private readonly TimeSpan limit;
    private readonly long started = Stopwatch.GetTimestamp();
    private readonly Drain output;
    private readonly Drain errors;
    private readonly Stream stdin;
    private ReadOnlyMemory<byte> toWrite;
    private bool stdinOpen = true;

    public Conversation(Process process, CommandOptions options, TimeSpan limit)
    {
        this.process = process;
        this.options = options;
        this.limit = limit;
        // A secret must not be left behind in the buffers of one that grows.
        output = new Drain(process.StandardOutput.BaseStream, options.OutputIsSecret ? options.MaxOutputBytes + (2 * Drain.ChunkBytes) : 0);
        errors = new Drain(process.StandardError.BaseStream, 0);
        stdin = process.StandardInput.BaseStream;
        toWrite = options.Stdin ?? ReadOnlyMemory<byte>.Empty;
    }

    /// <param name="kill">Ends the process and everything that it started.</param>
    public Ended Run(Action kill, CancellationToken ct)
    {
        var end = Talk(ct);
        if (end == Ending.ByItself) return Result(end, Fate.Gone);
        kill();
        var fate = process.WaitForExit(KillPatience) ? Fate.Gone : Fate.Stuck;
        DrainTheRest();
        return Result(end, fate);
    }

    public void Dispose()
    {
        CloseStdin();
        output.Dispose();
        errors.Dispose();
    }

    /// <summary>Until the process has ended and its pipes are empty, or there is a reason to end it.</summary>
    private Ending Talk(CancellationToken ct)
    {
        long? exitedAt = null;
        if (toWrite.IsEmpty) CloseStdin();
        while (true)
        {
            if (ct.IsCancellationRequested) return Ending.Cancelled;
            if (Stopwatch.GetElapsedTime(started) > limit) return process.HasExited ? Ending.ByItself : Ending.TimedOut;
            if (output.Length > options.MaxOutputBytes || errors.Length > options.MaxOutputBytes) return Ending.TooMuchOutput;
            if (!output.Open && !errors.Open)
            {
                if (process.WaitForExit(PollMilliseconds)) return Ending.ByItself;
                continue;
            }

            var busy = Exchange();
            if (exitedAt is { } since && !busy && Stopwatch.GetElapsedTime(since) > Grace) return Ending.ByItself;
            if (!busy && exitedAt is null && process.HasExited) exitedAt = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>After a kill: what still lies in the pipes, without waiting for anything that survived.</summary>
    private void DrainTheRest()
    {
        while ((output.Open || errors.Open) && output.Length <= options.MaxOutputBytes && errors.Length <= options.MaxOutputBytes && Exchange())
        {
        }
    }

    private bool Exchange()
    {
        Span<Posix.PollEntry> entries =
        [
            new() { Fd = output.Fd, Events = Posix.PollIn },
            new() { Fd = errors.Fd, Events = Posix.PollIn },
            new() { Fd = stdinOpen ? FdOf(stdin) : -1, Events = Posix.PollOut },
        ];
        if (Posix.Poll(entries, PollMilliseconds) <= 0) return false;
        if (entries[0].Returned != 0) output.ReadSome();
        if (entries[1].Returned != 0) errors.ReadSome();
        if (entries[2].Returned != 0) WriteSome();
        return true;
    }

    private void WriteSome()
    {
        try
        {
            var chunk = toWrite[..Math.Min(toWrite.Length, SafeWrite)];
            stdin.Write(chunk.Span);
            toWrite = toWrite[chunk.Length..];
            if (toWrite.IsEmpty) CloseStdin();
        }
        catch (IOException)
        {
            CloseStdin(); // it does not want more; its exit code tells whether that is a failure
        }
    }

    private void CloseStdin()
    {
        if (!stdinOpen) return;
        stdinOpen = false;
        try
        {
            stdin.Dispose();
        }
        catch (IOException)
        {
            // the reader is gone: nothing is left to tell it
        }
    }

    private Ended Result(Ending end, Fate fate)
    {
        var exitCode = -1;
        if (fate == Fate.Gone)
        {
            process.WaitForExit(Timeout.InfiniteTimeSpan);
            exitCode = process.ExitCode;
        }

        var text = options.OutputIsSecret ? "" : output.Text(options.MaxOutputBytes);
        return new Ended(end, fate, exitCode, text, errors.Text(options.MaxOutputBytes), "") { SecretOutput = options.OutputIsSecret ? output.TakeSecret(options.MaxOutputBytes) : null };
    }

    private static int FdOf(Stream stream) => (int)((PipeStream)stream).SafePipeHandle.DangerousGetHandle();

    /// <summary>Collects one pipe's bytes.</summary>
    /// <param name="capacity">Room from the start; 0 where it may grow.</param>
    private sealed class Drain(Stream stream, int capacity) : IDisposable
    {
        public const int ChunkBytes = 64 * 1024;

        private readonly ArrayBufferWriter<byte> bytes = capacity == 0 ? new() : new(capacity);

        public bool Open { get; private set; } = true;

        public int Fd => Open ? FdOf(stream) : -1;

        public int Length => bytes.WrittenCount;

        public void ReadSome()
        {
            var count = stream.Read(bytes.GetSpan(ChunkBytes));
            if (count == 0) Open = false;
            else bytes.Advance(count);
        }

        public string Text(int atMost) => Encoding.UTF8.GetString(bytes.WrittenSpan[..Math.Min(Length, atMost)]);

        public byte[] TakeSecret(int atMost)
        {
            var taken = bytes.WrittenSpan[..Math.Min(Length, atMost)].ToArray();
            bytes.Clear(); // zeroes what was written
            return taken;
        }

        public void Dispose() => stream.Dispose();
    }
}

using System.Security.Cryptography;
using System.Text;

namespace NasGitOps.Execution;

/// <summary>Where a journal stops being whole.</summary>
/// <param name="Line">From 1.</param>
internal sealed record JournalBreak(int Line, string Reason);

/// <summary>What was done to this host and by which commit: append-only, each line chained to the one before. It is evidence, never input.</summary>
internal sealed class Journal : IDisposable
{
    /// <summary>More than any line: the end of the chain is found in it without reading years of history.</summary>
    private const int TailBytes = 1024 * 1024;

    private const int LongestText = 4000;

    private readonly FileStream stream;
    private readonly TimeProvider clock;
    private long seq;
    private long end = -1;
    private string prev = JournalEntry.NoHash;

    private Journal(FileStream stream, TimeProvider clock)
    {
        this.stream = stream;
        this.clock = clock;
    }

    /// <summary>Opens it for appending, or makes it. A line that a crash cut off stays, is ended, and a note after it says so. A pass and jobs may write at the same time: each line is appended under the file's lock.</summary>
    public static Journal Open(string path, TimeProvider clock, JournalLimits? limits = null)
    {
        var isNew = !File.Exists(path);
        // .NET's own open takes a shared flock for the stream's life, on which two writers would wait for each other.
        var stream = new FileStream(Posix.OpenPrivate(path), FileAccess.ReadWrite, bufferSize: 0);
        var journal = new Journal(stream, clock);
        journal.Locked(journal.CatchUp);
        if (isNew) Posix.SyncDirectory(Path.GetDirectoryName(path)!);
        return journal;
    }

    /// <summary>Says what is about to be done; on disk when this returns.</summary>
    /// <param name="step">The argument list, or the step in words.</param>
    /// <returns>The entry's number, for <see cref="Done"/>.</returns>
    public JournalEntry Intent(string commit, string resource, string step)
    {
        var entry = Append(JournalEntry.Intent, commit, resource, Shorten(step), null, null, null, null);
        stream.Flush(flushToDisk: true);
        return entry;
    }

    /// <summary>Says how it ended. Not synced: after a crash the host is observed anyway, and the intent is there.</summary>
    public void Done(JournalEntry intent, int exit, TimeSpan took, string? error) =>
        Append(JournalEntry.Done, intent.Commit, intent.Resource, intent.Step, intent.Seq, exit, (long)took.TotalMilliseconds, error is null ? null : Shorten(error));

    public void Dispose() => stream.Dispose();

    /// <summary>All entries that can be read, oldest first.</summary>
    public static IEnumerable<JournalEntry> Read(string path) => ReadLines(path).Select(JournalEntry.Open).OfType<(JournalEntry Entry, string Hash)>().Select(e => e.Entry);

    /// <summary>The first place where the chain does not hold; null when it is whole. A line that a crash cut off is no break when the note after it names that very line.</summary>
    public static JournalBreak? Verify(string path)
    {
        var prev = JournalEntry.NoHash;
        long seq = 0;
        var number = 0;
        string? torn = null;
        foreach (var line in ReadLines(path))
        {
            number++;
            if (JournalEntry.Open(line) is not var (entry, hash))
            {
                if (torn is not null) return new JournalBreak(number - 1, "the line is no entry, or was changed");
                torn = line;
                continue;
            }

            if (torn is not null && (entry.Phase != JournalEntry.Note || entry.Step != TornText(torn))) return new JournalBreak(number - 1, "the line is no entry, or was changed");
            if (entry.Prev != prev) return new JournalBreak(number, "the entry does not follow the one before: something between them was taken out, put in or changed");
            if (entry.Seq != seq + 1) return new JournalBreak(number, $"the entry has the number {entry.Seq} where {seq + 1} is due");
            (prev, seq, torn) = (hash, entry.Seq, null);
        }

        return torn is null ? null : new JournalBreak(number, "the last line was cut off; the next pass will note that");
    }

    /// <summary>Goes on behind what others appended since.</summary>
    private void CatchUp()
    {
        if (stream.Length == end) return;
        var start = Math.Max(0, stream.Length - TailBytes);
        var tail = new byte[stream.Length - start];
        stream.Position = start;
        stream.ReadExactly(tail);
        if (tail.Length == 0) return;
        var ended = tail[^1] == (byte)'\n';
        var lines = Encoding.UTF8.GetString(tail).Split('\n')[..(ended ? ^1 : ^0)];
        if (!ended) stream.Write("\n"u8);
        var last = Array.FindLastIndex(lines, l => JournalEntry.Open(l) is not null);
        if (last >= 0)
        {
            var (entry, hash) = JournalEntry.Open(lines[last])!.Value;
            (seq, prev) = (entry.Seq, hash);
        }

        end = stream.Length;
        if (last == lines.Length - 1) return;
        Write(JournalEntry.Note, "", "", TornText(lines[^1]), null, null, null, null);
        stream.Flush(flushToDisk: true);
    }

    private T Locked<T>(Func<T> write)
    {
        Posix.Lock(stream.SafeFileHandle);
        try
        {
            return write();
        }
        finally
        {
            Posix.Unlock(stream.SafeFileHandle);
        }
    }

    private void Locked(Action write) => Locked(() =>
    {
        write();
        return true;
    });

    private JournalEntry Append(string phase, string commit, string resource, string step, long? of, int? exit, long? ms, string? error) => Locked(() =>
    {
        CatchUp();
        return Write(phase, commit, resource, step, of, exit, ms, error);
    });

    private JournalEntry Write(string phase, string commit, string resource, string step, long? of, int? exit, long? ms, string? error)
    {
        var entry = new JournalEntry(seq + 1, clock.GetUtcNow(), phase, commit, resource, step, of, exit, ms, error, prev);
        var (line, hash) = entry.Seal();
        stream.Position = stream.Length;
        stream.Write(Encoding.UTF8.GetBytes(line + "\n"));
        (seq, prev, end) = (entry.Seq, hash, stream.Length);
        return entry;
    }

    private static string TornText(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line);
        return $"the line before was cut off by a crash ({bytes.Length} bytes, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(bytes))})";
    }

    private static string Shorten(string text) => text.Length <= LongestText ? text : $"{text[..LongestText]}… ({text.Length} characters)";

    private static IEnumerable<string> ReadLines(string path)
    {
        using var stream = new FileStream(Posix.OpenRead(path), FileAccess.Read);
        using var reader = new StreamReader(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), detectEncodingFromByteOrderMarks: false);
        var line = new StringBuilder();
        for (var c = reader.Read(); c >= 0; c = reader.Read())
        {
            if (c != '\n')
            {
                line.Append((char)c);
                continue;
            }

            yield return line.ToString();
            line.Clear();
        }

        if (line.Length > 0) yield return line.ToString();
    }
}

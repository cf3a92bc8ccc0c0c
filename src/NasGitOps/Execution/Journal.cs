using System.Text;

namespace NasGitOps.Execution;

/// <summary>The journal cannot be written, so that nothing may be done.</summary>
internal sealed class JournalException(string message, Exception cause) : IOException(message, cause);

/// <summary>What was done to this host and by which commit: append-only, each line chained to the one before. It is evidence, never input.</summary>
/// <remarks>
/// A file that has grown too large is put aside, and whoever writes first into the new one chains it to the newest that was put aside. So a kill between the two leaves a whole chain, and a
/// writer that still has the old file open notices under the lock that it is not the named one any more, and opens that.
/// </remarks>
internal sealed class Journal : IDisposable
{
    private const int LongestText = 4000;

    private readonly string path;
    private readonly TimeProvider clock;
    private readonly JournalLimits limits;
    private FileStream stream;
    private long seq;
    private long end = -1;
    private string prev = JournalEntry.NoHash;

    private Journal(string path, TimeProvider clock, JournalLimits limits)
    {
        (this.path, this.clock, this.limits) = (path, clock, limits);
        stream = OpenFile();
    }

    /// <summary>Opens it for appending, or makes it. A line that a crash cut off stays, is ended, and a note after it says so. A pass and jobs may write at the same time: each line is appended under the file's lock.</summary>
    public static Journal Open(string path, TimeProvider clock, JournalLimits? limits = null)
    {
        var journal = new Journal(path, clock, limits ?? JournalLimits.Default);
        journal.Locked(journal.CatchUp);
        return journal;
    }

    /// <summary>Says what is about to be done; on disk when this returns.</summary>
    /// <param name="step">The argument list, or the step in words.</param>
    /// <returns>The entry's number, for <see cref="Done"/>.</returns>
    /// <exception cref="JournalException">It is not: then it must not be done.</exception>
    public JournalEntry Intent(string commit, string resource, string step)
    {
        try
        {
            var entry = Append(JournalEntry.Intent, commit, resource, Shorten(step), null, null, null, null);
            stream.Flush(flushToDisk: true);
            return entry;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JournalException(
                $"'{Clip(step)}' was not done: the journal {path} cannot be written ({e.Message}), and nothing is done to this host that is not in it first. Make room or mend it ('df -h {Path.GetDirectoryName(path)}'); the next pass goes on", e);
        }
    }

    /// <summary>Says how it ended. Not synced: after a crash the host is observed anyway, and the intent is there.</summary>
    public void Done(JournalEntry intent, int exit, TimeSpan took, string? error)
    {
        try
        {
            Append(JournalEntry.Done, intent.Commit, intent.Resource, intent.Step, intent.Seq, exit, (long)took.TotalMilliseconds, error is null ? null : Shorten(error));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What was done is done, and the caller knows how it ended; the next intent fails for the same reason, and tells it.
        }
    }

    public void Dispose() => stream.Dispose();

    /// <summary>All entries that can be read, of all files, oldest first.</summary>
    public static IEnumerable<JournalEntry> Read(string path)
    {
        foreach (var (_, content) in JournalFiles.OpenAll(path))
        {
            foreach (var line in JournalFiles.Lines(content))
            {
                if (JournalEntry.Open(line) is var (entry, _)) yield return entry;
            }
        }
    }

    /// <summary>The first place where the chain does not hold; null when it is whole.</summary>
    public static JournalBreak? Verify(string path) => JournalChain.Check(path).Break;

    private FileStream OpenFile()
    {
        var isNew = !File.Exists(path);
        // .NET's own open takes a shared flock for the stream's life, on which two writers would wait for each other.
        var opened = new FileStream(Posix.OpenPrivate(path), FileAccess.ReadWrite, bufferSize: 0);
        if (isNew) Posix.SyncDirectory(Path.GetDirectoryName(path)!);
        end = -1;
        return opened;
    }

    /// <summary>Goes on behind what others appended since.</summary>
    private void CatchUp()
    {
        if (stream.Length == end) return;
        var lines = JournalFiles.Tail(stream, out var ended);
        if (!ended) Put("\n"u8);
        var last = Array.FindLastIndex(lines, l => JournalEntry.Open(l) is not null);
        var before = last >= 0 ? JournalEntry.Open(lines[last]) : JournalFiles.LastPutAside(path);
        (seq, prev) = before is var (entry, hash) ? (entry.Seq, hash) : (0, JournalEntry.NoHash);
        end = stream.Length;
        if (last == lines.Length - 1) return;
        Write(JournalEntry.Note, "", "", JournalChain.Torn(lines[^1]), null, null, null, null);
        stream.Flush(flushToDisk: true);
    }

    private JournalEntry Append(string phase, string commit, string resource, string step, long? of, int? exit, long? ms, string? error)
    {
        JournalEntry? entry = null;
        Locked(() =>
        {
            CatchUp();
            if (stream.Length > limits.MaxBytes) Rotate();
            entry = Write(phase, commit, resource, step, of, exit, ms, error);
        });
        return entry!;
    }

    /// <summary>Under the lock of the named file: whoever waited for the lock of one that was put aside meanwhile goes on with its successor.</summary>
    private void Locked(Action write)
    {
        Lock();
        try
        {
            write();
        }
        finally
        {
            Posix.Unlock(stream.SafeFileHandle);
        }
    }

    private void Lock()
    {
        while (true)
        {
            Posix.Lock(stream.SafeFileHandle);
            if (Posix.IsNamed(stream.SafeFileHandle, path)) return;
            Exchange();
        }
    }

    /// <summary>The old one stays open until the new one is: where that fails, the next try finds it.</summary>
    private void Exchange()
    {
        var next = OpenFile();
        Posix.Unlock(stream.SafeFileHandle);
        stream.Dispose();
        stream = next;
    }

    /// <summary>Puts the file aside and goes on with a new one. What has no number in its first line, or another file of its name beside it, stays: something was done to it, and that must show.</summary>
    private void Rotate()
    {
        if (JournalFiles.First(path) is not { } first || File.Exists(JournalFiles.PutAsideName(path, first.Seq))) return;
        stream.Flush(flushToDisk: true);
        File.Move(path, JournalFiles.PutAsideName(path, first.Seq));
        Posix.SyncDirectory(Path.GetDirectoryName(path)!);
        Exchange();
        Lock();
        CatchUp();
        Prune();
    }

    /// <summary>Removes the oldest, once it is written that they go: without that entry their absence is a break.</summary>
    private void Prune()
    {
        var files = JournalFiles.PutAside(path);
        var doomed = files.Take(Math.Max(0, files.Count - limits.Keep)).ToList();
        if (doomed.Count == 0 || JournalFiles.First(files[doomed.Count]) is not { } next) return;
        Write(JournalEntry.Note, "", "", JournalChain.Removed(next, limits.Keep), null, null, null, null);
        stream.Flush(flushToDisk: true);
        foreach (var file in doomed) File.Delete(file);
    }

    private JournalEntry Write(string phase, string commit, string resource, string step, long? of, int? exit, long? ms, string? error)
    {
        var entry = new JournalEntry(seq + 1, clock.GetUtcNow(), phase, commit, resource, step, of, exit, ms, error, prev);
        var (line, hash) = entry.Seal();
        Put(Encoding.UTF8.GetBytes(line + "\n"));
        (seq, prev, end) = (entry.Seq, hash, stream.Length);
        return entry;
    }

    /// <summary>The whole of it or nothing: a disk that becomes full in the middle of a line takes the line back.</summary>
    private void Put(ReadOnlySpan<byte> bytes)
    {
        var start = stream.Length;
        stream.Position = start;
        try
        {
            stream.Write(bytes);
        }
        catch (IOException)
        {
            stream.SetLength(start);
            throw;
        }
    }

    private static string Clip(string text) => text.Length <= 200 ? text : text[..200] + "…";

    private static string Shorten(string text) => text.Length <= LongestText ? text : $"{text[..LongestText]}… ({text.Length} characters)";
}

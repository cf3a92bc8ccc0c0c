using System.Text;
using Microsoft.Win32.SafeHandles;
using NasGitOps.Execution;

namespace NasGitOps.State;

/// <summary>An exclusive flock on a file; the kernel drops it with the process, however that ends.</summary>
internal sealed class FileLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly SafeFileHandle handle;

    private FileLock(SafeFileHandle handle) => this.handle = handle;

    /// <param name="who">Written into the file for the next one who finds it held.</param>
    /// <param name="heldBy">What the holder wrote, as <c>pid 812 (agent)</c>.</param>
    public static FileLock? TryTake(string path, string who, out string heldBy)
    {
        heldBy = "";
        var handle = Posix.OpenPrivate(path);
        if (!Posix.TryLock(handle))
        {
            Span<byte> holder = stackalloc byte[100];
            heldBy = Encoding.UTF8.GetString(holder[..RandomAccess.Read(handle, holder, 0)]).Trim();
            if (heldBy.Length == 0) heldBy = "another process";
            handle.Dispose();
            return null;
        }

        Sign(handle, $"pid {Environment.ProcessId} ({who})\n");
        return new FileLock(handle);
    }

    /// <summary>For people. The lock is the kernel's, and holds without a name on a full disk too.</summary>
    private static void Sign(SafeFileHandle handle, string name)
    {
        try
        {
            RandomAccess.SetLength(handle, 0);
            RandomAccess.Write(handle, Encoding.UTF8.GetBytes(name), 0);
        }
        catch (IOException)
        {
            // Who holds it cannot be written; that it is held is known all the same.
        }
    }

    /// <summary>Waits for it; null when it is still held after <paramref name="patience"/>.</summary>
    public static async Task<FileLock?> TakeAsync(string path, string who, TimeSpan patience, CancellationToken ct)
    {
        for (var waited = TimeSpan.Zero; ; waited += Pause)
        {
            if (TryTake(path, who, out _) is { } taken) return taken;
            if (waited >= patience) return null;
            await Task.Delay(Pause, ct);
        }
    }

    /// <summary>The file stays: removing it would let two processes lock two files of one name.</summary>
    public void Dispose()
    {
        Sign(handle, "");
        Posix.Unlock(handle);
        handle.Dispose();
    }
}

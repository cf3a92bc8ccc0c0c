using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NasGitOps.Execution;

/// <summary>The few system calls that .NET does not offer.</summary>
internal static partial class Posix
{
    private const int NoEntry = 2;
    public const int SigKill = 9;
    public const short PollIn = 1;
    public const short PollOut = 4;

    private const int CurrentDirectory = -100;
    private const int EmptyPath = 0x1000;
    private const int NoFollow = 0x100;
    private const uint BasicFacts = 0x7ff;
    private const uint MountIdFact = 0x1000;
    private const int ReadWrite = 2;
    private const int Create = 0x40;
    private const int CloseOnExec = 0x80000;
    private const int LockExclusive = 2;
    private const int LockNonBlocking = 4;
    private const int Release = 8;

    /// <summary>Owner, group, mode with its type bits, size in bytes, link count and change time (to the second) of a file.</summary>
    public readonly record struct Facts(uint Uid, uint Gid, ushort Mode, ulong Size, uint Links, DateTimeOffset Changed)
    {
        public bool IsRegular => (Mode & 0xF000) == 0x8000;

        public bool IsDirectory => (Mode & 0xF000) == 0x4000;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Fd;
        public short Events;
        public short Returned;
    }

    /// <summary>Which bits new files and directories lack, of this process and of those that it starts.</summary>
    public static void SetUmask(uint mask) => _ = NativeUmask(mask);

    /// <summary>A negative <paramref name="pid"/> means the whole process group.</summary>
    public static void Kill(int pid, int signal) => _ = NativeKill(pid, signal);

    /// <summary>Waits until one of the entries is ready or the time is over; a signal counts as the time being over.</summary>
    public static int Poll(Span<PollEntry> entries, int milliseconds) => NativePoll(ref MemoryMarshal.GetReference(entries), (nuint)entries.Length, milliseconds);

    /// <summary>Facts of what an open handle stands for, so that nothing can be exchanged between the check and the use.</summary>
    public static Facts? FactsOf(SafeFileHandle handle) => Stat((int)handle.DangerousGetHandle(), "", EmptyPath);

    /// <summary>Facts of a name in an open folder, a link's own where it is one; null when there is none.</summary>
    public static Facts? FactsOf(SafeFileHandle folder, string name) => Stat((int)folder.DangerousGetHandle(), name, NoFollow);

    /// <summary>Facts of a path, links followed; null when it cannot be read.</summary>
    public static Facts? FactsOf(string path) => Stat(CurrentDirectory, path, 0);

    /// <summary>Whether a path still stands for the file of an open handle.</summary>
    public static unsafe bool IsNamed(SafeFileHandle handle, string path)
    {
        // struct statx: ino at 32, dev_major 136, dev_minor 140.
        var open = stackalloc byte[256];
        var named = stackalloc byte[256];
        return NativeStatx((int)handle.DangerousGetHandle(), "", EmptyPath, BasicFacts, open) == 0
            && NativeStatx(CurrentDirectory, path, 0, BasicFacts, named) == 0
            && *(ulong*)(open + 32) == *(ulong*)(named + 32)
            && *(ulong*)(open + 136) == *(ulong*)(named + 136);
    }

    /// <summary>The kernel's id of the mount that a handle is on (Linux 5.8 and later).</summary>
    public static unsafe ulong MountIdOf(SafeFileHandle handle)
    {
        var buffer = stackalloc byte[256];
        return NativeStatx((int)handle.DangerousGetHandle(), "", EmptyPath, MountIdFact, buffer) == 0 ? *(ulong*)(buffer + 144) : 0;
    }

    /// <summary>Takes an exclusive flock without waiting; false when another open file holds it.</summary>
    public static bool TryLock(SafeFileHandle handle) => NativeFlock((int)handle.DangerousGetHandle(), LockExclusive | LockNonBlocking) == 0;

    /// <summary>Takes an exclusive flock, and waits for it: for moments only.</summary>
    public static void Lock(SafeFileHandle handle)
    {
        while (NativeFlock((int)handle.DangerousGetHandle(), LockExclusive) != 0)
        {
            // A signal broke the wait.
        }
    }

    /// <summary>Gives a flock back. Closing alone is not enough: a child that is just being forked still has the file open until it execs, and would hold the lock.</summary>
    public static void Unlock(SafeFileHandle handle) => _ = NativeFlock((int)handle.DangerousGetHandle(), Release);

    /// <summary>Opens or makes a private file for locking. .NET's own streams take locks of their own, which would get in the way.</summary>
    public static SafeFileHandle OpenPrivate(string path)
    {
        var fd = NativeOpen(path, ReadWrite | Create | CloseOnExec, 0x180 /* 0600 */);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw new IOException($"cannot open {path}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Opens a file for reading, without the lock that .NET takes.</summary>
    public static SafeFileHandle OpenRead(string path)
    {
        var fd = NativeOpen(path, CloseOnExec, 0);
        if (fd >= 0) return new SafeFileHandle(fd, ownsHandle: true);
        var why = $"cannot open {path}: {Marshal.GetLastPInvokeErrorMessage()}";
        throw Marshal.GetLastPInvokeError() == NoEntry ? new FileNotFoundException(why) : new IOException(why);
    }

    /// <summary>Makes renames and new names in a folder survive a power cut.</summary>
    public static void SyncDirectory(string path)
    {
        var fd = NativeOpen(path, CloseOnExec, 0);
        if (fd < 0) throw new IOException($"cannot open the folder {path} to sync it: {Marshal.GetLastPInvokeErrorMessage()}");
        using var handle = new SafeFileHandle(fd, ownsHandle: true);
        if (NativeFsync(fd) != 0) throw new IOException($"cannot sync the folder {path}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    private static unsafe Facts? Stat(int folder, string path, int flags)
    {
        // struct statx has one layout on every architecture, which struct stat has not: nlink at 16, uid 20, gid 24, mode 28, size 40, ctime 96.
        var buffer = stackalloc byte[256];
        if (NativeStatx(folder, path, flags, BasicFacts, buffer) != 0) return null;
        return new Facts(*(uint*)(buffer + 20), *(uint*)(buffer + 24), *(ushort*)(buffer + 28), *(ulong*)(buffer + 40), *(uint*)(buffer + 16), DateTimeOffset.FromUnixTimeSeconds(*(long*)(buffer + 96)));
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int NativeKill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint NativeUmask(uint mask);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int NativePoll(ref PollEntry entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int NativeFlock(int fd, int operation);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int NativeFsync(int fd);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeOpen(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int NativeStatx(int folder, string path, int flags, uint mask, byte* buffer);
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NasGitOps.Core.Observation;

namespace NasGitOps.Execution;

/// <summary>Directories below a root, reached without ever following a link, leaving the root, or crossing into another file system. Users can write there, and we are root. Source: openat2(2).</summary>
internal static partial class Beneath
{
    private const int RemoveDirectory = 0x200;

    private const int OpenPath = 0x200000;
    private const int OpenDirectory = 0x10000;
    private const int OpenNoFollow = 0x20000;
    private const int OpenCloseOnExec = 0x80000;
    private const ulong ResolveNoCrossing = 0x01;
    private const ulong ResolveNoMagicLinks = 0x02;
    private const ulong ResolveNoSymlinks = 0x04;
    private const ulong ResolveBeneath = 0x08;
    private const ulong Resolve = ResolveNoCrossing | ResolveNoMagicLinks | ResolveNoSymlinks | ResolveBeneath;
    private const long SyscallOpenAt2 = 437;
    private const int CurrentDirectory = -100;
    private const int ErrorNoEntry = 2;
    private const int ErrorExists = 17;
    private const int ErrorNotDirectory = 20;
    private const int ErrorLoop = 40;

    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    /// <summary>Facts of a path below the root (empty: the root itself); null when there is nothing.</summary>
    public static FileFacts? Facts(string root, string relative)
    {
        using var rootHandle = OpenRoot(root, out var error);
        if (rootHandle is null) return error is ErrorLoop or ErrorNotDirectory ? FactsOfPath(root) : null;
        if (relative.Length == 0) return FactsOf(rootHandle);
        using var handle = Open(rootHandle, relative, OpenPath | OpenNoFollow, out error);
        if (handle is not null) return FactsOf(handle);
        return error switch
        {
            ErrorNoEntry or ErrorNotDirectory => null,
            ErrorLoop => new FileFacts(0, 0, "0777", IsLink: true, IsDirectory: false, IsEmpty: false),
            _ => throw new IOException($"cannot look at {root}/{relative}: {Marshal.GetPInvokeErrorMessage(error)}"),
        };
    }

    /// <summary>Makes the directory if it is missing and sets owner and mode; null leaves one as it is. Throws with the reason where a link or a file stands in the way.</summary>
    /// <param name="mountId">The kernel's id of the mount that the root must be; see <see cref="Mounts"/>.</param>
    public static void Ensure(string root, ulong mountId, string relative, uint? uid, uint? gid, string? mode)
    {
        using var rootHandle = OpenRoot(root, out var error) ?? throw new IOException($"cannot open {root}: {Marshal.GetPInvokeErrorMessage(error)}");
        if (Posix.MountIdOf(rootHandle) != mountId) throw new IOException($"{root} is not the dataset's mount any more");
        using var folder = Walk(rootHandle, relative, $"{root}/{relative}");
        using var writable = Open(folder ?? rootHandle, ".", OpenDirectory, out error) ?? throw new IOException($"cannot open {root}/{relative}: {Marshal.GetPInvokeErrorMessage(error)}");
        if (uid is not null || gid is not null) Check(FChown(writable, uid ?? uint.MaxValue, gid ?? uint.MaxValue), "chown", root, relative);
        if (mode is not null) Check(FChmod(writable, Convert.ToUInt32(mode, 8)), "chmod", root, relative);
    }

    /// <summary>An open directory below a mount, made where it is missing: a place to mount something at. Throws with the reason where a link or a file stands in the way.</summary>
    /// <param name="mountId">The kernel's id of the mount that the root must be.</param>
    public static SafeFileHandle Place(string root, ulong mountId, string relative)
    {
        using var rootHandle = OpenRoot(root, out var error) ?? throw new IOException($"cannot open {root}: {Marshal.GetPInvokeErrorMessage(error)}");
        if (Posix.MountIdOf(rootHandle) != mountId) throw new IOException($"another file system was mounted at {root} just now");
        return Walk(rootHandle, relative, $"{root.TrimEnd('/')}/{relative}") ?? throw new IOException($"{root} is a mount already");
    }

    /// <summary>Enters each part, and makes those that are missing. Null for no parts.</summary>
    private static SafeFileHandle? Walk(SafeFileHandle root, string relative, string whole)
    {
        SafeFileHandle? current = null;
        foreach (var part in relative.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            using var above = current;
            current = Enter(above ?? root, part, whole);
        }

        return current;
    }

    /// <summary>Removes what was moved into a directory before a time, and directories that became empty; a name that is a link is removed as such. Nothing where there is no such directory.</summary>
    /// <returns>How many files were removed.</returns>
    public static int Purge(string root, ulong mountId, string relative, DateTimeOffset before)
    {
        using var rootHandle = OpenRoot(root, out var error) ?? throw new IOException($"cannot open {root}: {Marshal.GetPInvokeErrorMessage(error)}");
        if (Posix.MountIdOf(rootHandle) != mountId) throw new IOException($"{root} is not the dataset's mount any more");
        using var folder = Open(rootHandle, relative, OpenDirectory | OpenNoFollow, out error);
        if (folder is not null) return PurgeBelow(folder, before, 0);
        if (error == ErrorNoEntry) return 0;
        throw new IOException(error is ErrorLoop or ErrorNotDirectory
            ? $"a part of {root}/{relative} is a link or a file, and nothing is removed through it"
            : $"cannot open {root}/{relative}: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    /// <summary>The time of a move is the change time, which no user can set.</summary>
    private static int PurgeBelow(SafeFileHandle folder, DateTimeOffset before, int depth)
    {
        if (depth > 200) return 0; // nobody made such a tree by deleting files
        var removed = 0;
        foreach (var path in Directory.EnumerateFileSystemEntries($"/proc/self/fd/{folder.DangerousGetHandle()}").ToList())
        {
            var name = Path.GetFileName(path);
            if (Posix.FactsOf(folder, name) is not { } facts) continue;
            if (!facts.IsDirectory)
            {
                if (facts.Changed < before && UnlinkAt(folder, name, 0) == 0) removed++;
                continue;
            }

            using var below = Open(folder, name, OpenDirectory | OpenNoFollow, out _);
            if (below is null) continue; // exchanged for a link just now, or another file system
            removed += PurgeBelow(below, before, depth + 1);
            // Fails where something is left in it. A young one may just have been made for a file on its way.
            if (facts.Changed < before) _ = UnlinkAt(folder, name, RemoveDirectory);
        }

        return removed;
    }

    private static SafeFileHandle Enter(SafeFileHandle parent, string name, string whole)
    {
        if (MkdirAt(parent, name, 0x1ED) != 0 && Marshal.GetLastPInvokeError() is var made && made != ErrorExists)
        {
            throw new IOException($"cannot make {whole}: {Marshal.GetPInvokeErrorMessage(made)}");
        }

        return Open(parent, name, OpenPath | OpenDirectory | OpenNoFollow, out var error)
            ?? throw new IOException(error is ErrorLoop or ErrorNotDirectory
                ? $"'{name}' on the way to {whole} is a link or a file, and nothing is done through it"
                : $"cannot enter '{name}' on the way to {whole}: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    private static FileFacts FactsOf(SafeFileHandle handle)
    {
        var facts = Posix.FactsOf(handle) ?? throw new IOException("cannot read a file's facts");
        var isDirectory = facts.IsDirectory;
        var isEmpty = isDirectory && !Directory.EnumerateFileSystemEntries($"/proc/self/fd/{handle.DangerousGetHandle()}").Any();
        return new FileFacts(facts.Uid, facts.Gid, Octal(facts.Mode), (facts.Mode & 0xF000) == 0xA000, isDirectory, isEmpty);
    }

    /// <summary>The root itself is a link or no directory.</summary>
    private static FileFacts? FactsOfPath(string path)
    {
        using var handle = OpenPlain(path, OpenPath | OpenNoFollow);
        return handle is null ? null : FactsOf(handle);
    }

    private static string Octal(ushort mode) => Convert.ToString(mode & 0xFFF, 8).PadLeft(4, '0');

    private static SafeFileHandle? OpenRoot(string root, out int error)
    {
        var handle = OpenPlain(root, OpenPath | OpenDirectory | OpenNoFollow);
        error = handle is null ? Marshal.GetLastPInvokeError() : 0;
        return handle;
    }

    private static SafeFileHandle? OpenPlain(string path, int flags)
    {
        var fd = NativeOpenAt(CurrentDirectory, path, flags | OpenCloseOnExec);
        return fd < 0 ? null : new SafeFileHandle(fd, ownsHandle: true);
    }

    private static SafeFileHandle? Open(SafeFileHandle folder, string path, int flags, out int error)
    {
        var how = new OpenHow { Flags = (ulong)(flags | OpenCloseOnExec), Resolve = Resolve };
        var fd = OpenAt2(SyscallOpenAt2, folder, path, ref how, (nuint)Marshal.SizeOf<OpenHow>());
        error = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
        return fd < 0 ? null : new SafeFileHandle((nint)fd, ownsHandle: true);
    }

    private static void Check(int result, string what, string root, string relative)
    {
        if (result != 0) throw new IOException($"{what} of {root}/{relative}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long OpenAt2(long number, SafeFileHandle folder, string path, ref OpenHow how, nuint size);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeOpenAt(int folder, string path, int flags);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MkdirAt(SafeFileHandle folder, string name, uint mode);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnlinkAt(SafeFileHandle folder, string path, int flags);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    private static partial int FChown(SafeFileHandle file, uint uid, uint gid);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    private static partial int FChmod(SafeFileHandle file, uint mode);
}

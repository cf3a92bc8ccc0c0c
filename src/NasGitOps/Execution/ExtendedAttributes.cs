using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using NasGitOps.Core.Observation;

namespace NasGitOps.Execution;

/// <summary>Extended attributes and flags of directories. Source: xattr(7), ioctl_iflags(2).</summary>
internal static partial class ExtendedAttributes
{
    private const int OpenDirectory = 0x10000;
    private const int OpenNoFollow = 0x20000;
    private const int OpenCloseOnExec = 0x80000;
    private const int ErrorNoEntry = 2;
    private const int ErrorNoData = 61;
    private const nuint GetFlags = 0x80086601;
    private const long NoCow = 0x00800000;

    /// <summary>Null where there is no such directory.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static PathAttributes? Read(string path, IReadOnlyList<string> prefixes)
    {
        using var folder = Open(path);
        if (folder is null) return null;
        var names = Filled(buffer => List(folder, buffer, (nuint)(buffer?.Length ?? 0)), path);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in Encoding.UTF8.GetString(names).Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(n => prefixes.Any(p => n.StartsWith(p, StringComparison.Ordinal))))
        {
            values[name] = Encoding.UTF8.GetString(Filled(buffer => Get(folder, name, buffer, (nuint)(buffer?.Length ?? 0)), path));
        }

        long flags = 0;
        return new PathAttributes(values, IoCtl(folder, GetFlags, ref flags) == 0 && (flags & NoCow) != 0);
    }

    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Change(string path, IEnumerable<KeyValuePair<string, string>> set, IEnumerable<string> remove)
    {
        using var folder = Open(path) ?? throw new IOException($"there is no directory {path}");
        foreach (var name in remove)
        {
            if (Remove(folder, name) != 0 && Marshal.GetLastPInvokeError() is var error && error != ErrorNoData) throw Failed($"remove {name} from", path);
        }

        foreach (var (name, value) in set)
        {
            var bytes = Encoding.UTF8.GetBytes(value);
            if (Set(folder, name, bytes, (nuint)bytes.Length, 0) != 0) throw Failed($"set {name} of", path);
        }
    }

    private static SafeFileHandle? Open(string path)
    {
        var fd = NativeOpen(path, OpenDirectory | OpenNoFollow | OpenCloseOnExec, 0);
        if (fd >= 0) return new SafeFileHandle(fd, ownsHandle: true);
        return Marshal.GetLastPInvokeError() == ErrorNoEntry ? null : throw Failed("open", path);
    }

    /// <summary>Asked with no room it tells how much it needs; by then it may have grown.</summary>
    private static byte[] Filled(Func<byte[]?, nint> read, string path)
    {
        while (true)
        {
            var size = read(null);
            if (size < 0) throw Failed("read the attributes of", path);
            var buffer = new byte[size];
            if (size == 0) return buffer;
            var got = read(buffer);
            if (got >= 0) return buffer[..(int)got];
        }
    }

    private static IOException Failed(string what, string path) => new($"cannot {what} {path}: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeOpen(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "flistxattr", SetLastError = true)]
    private static partial nint List(SafeFileHandle file, byte[]? buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "fgetxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Get(SafeFileHandle file, string name, byte[]? buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "fsetxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Set(SafeFileHandle file, string name, byte[] value, nuint size, int flags);

    [LibraryImport("libc", EntryPoint = "fremovexattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Remove(SafeFileHandle file, string name);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoCtl(SafeFileHandle file, nuint request, ref long value);
}

using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using NasGitOps.Core.Observation;
using NasGitOps.Execution;

namespace NasGitOps.Observing;

/// <summary>Looks whether a disk is blank: a holder in the kernel, or anything but zeros in its first or last MiB, where every partition table, label and superblock stands.</summary>
internal static partial class DiskReader
{
    private const int Edge = 1024 * 1024;
    private const int Exclusive = 0x80;
    private const int CloseOnExec = 0x80000;
    private const int ErrorBusy = 16;
    private const int SeekEnd = 2;

    public static DiskFacts? Read(string path)
    {
        if (!File.Exists(path)) return null;
        var isFile = !path.StartsWith("/dev/", StringComparison.Ordinal);
        var carries = new List<string>();
        if (!isFile && IsHeld(path)) carries.Add("something in use (mounted, or held by another driver)");
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = SizeOf(handle, path);
        var first = ReadAt(handle, 0, Math.Min(Edge, bytes));
        var last = ReadAt(handle, Math.Max(0, bytes - Edge), Math.Min(Edge, bytes));
        if (first.AsSpan().ContainsAnyExcept((byte)0)) carries.Add(Signature(first));
        else if (last.AsSpan().ContainsAnyExcept((byte)0)) carries.Add("data in its last MiB");
        return new DiskFacts((ulong)bytes, isFile, carries);
    }

    /// <summary>Bytes of a disk or file; null where there is none.</summary>
    public static ulong? SizeOf(string path)
    {
        if (!File.Exists(path)) return null;
        using var handle = Posix.OpenRead(path);
        return (ulong)SizeOf(handle, path);
    }

    /// <summary>A block device tells its size by its end only: its length as a file is 0, and a disk of length 0 would look blank.</summary>
    private static long SizeOf(SafeFileHandle handle, string path)
    {
        var bytes = NativeSeek(handle, 0, SeekEnd);
        return bytes > 0 ? bytes : throw new IOException($"the size of {path} cannot be told, so what it carries cannot be either");
    }

    /// <summary>What the first MiB looks like, in words; for the message only, the decision is that it is not blank.</summary>
    internal static string Signature(ReadOnlySpan<byte> first)
    {
        if (Has(first, 512, "EFI PART")) return "a GPT partition table";
        if (Has(first, 0, "LUKS")) return "a LUKS volume";
        if (Has(first, 0, "XFSB")) return "an XFS file system";
        if (Has(first, 0x218, "LVM2") || Has(first, 512, "LABELONE")) return "an LVM physical volume";
        if (Has(first, 0x10040, "_BHRfS_M")) return "a btrfs file system";
        if (Has(first, 4086, "SWAPSPACE2")) return "swap space";
        if (first.Length > 0x43A && first[0x438] == 0x53 && first[0x439] == 0xEF) return "an ext file system";
        if (first.Length > 512 && first[510] == 0x55 && first[511] == 0xAA) return "a partition table";
        return "data in its first MiB";
    }

    private static bool Has(ReadOnlySpan<byte> bytes, int offset, string magic) =>
        bytes.Length >= offset + magic.Length && bytes.Slice(offset, magic.Length).SequenceEqual(Encoding.ASCII.GetBytes(magic));

    private static byte[] ReadAt(SafeFileHandle handle, long offset, long length)
    {
        var buffer = new byte[length];
        for (var done = 0; done < buffer.Length;)
        {
            var read = RandomAccess.Read(handle, buffer.AsSpan(done), offset + done);
            if (read == 0) throw new IOException($"the disk ended at {offset + done}, before its size");
            done += read;
        }

        return buffer;
    }

    /// <summary>An exclusive open of a block device fails while the kernel or another driver holds it. Source: open(2), O_EXCL.</summary>
    private static bool IsHeld(string path)
    {
        var fd = NativeOpen(path, Exclusive | CloseOnExec);
        if (fd < 0) return Marshal.GetLastPInvokeError() == ErrorBusy;
        new SafeFileHandle(fd, ownsHandle: true).Dispose();
        return false;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeOpen(string path, int flags);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long NativeSeek(SafeFileHandle handle, long offset, int whence);
}

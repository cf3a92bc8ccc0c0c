using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Steps;

namespace NasGitOps.Execution;

/// <summary>Shows directories at other places, and takes them away again. Source: mount(2), umount(2).</summary>
internal static partial class Binds
{
    private const ulong ReadOnly = 1;
    private const ulong NoSuid = 2;
    private const ulong NoDev = 4;
    private const ulong NoExec = 8;
    private const ulong Remount = 32;
    private const ulong NoAccessTimes = 1024;
    private const ulong Bind = 4096;
    private const ulong RelativeAccessTimes = 1UL << 21;
    private const int NoFollow = 8;
    private const int ErrorInvalid = 22;
    private const int ErrorNoEntry = 2;
    private const int ErrorBusy = 16;

    /// <exception cref="IOException">It cannot be mounted, with the reason.</exception>
    public static void Mount(BindMount step)
    {
        var table = Mounts.Read();
        if (!Shows(table.At(step.Target), step.Source, table))
        {
            var around = table.Around(step.Target) ?? throw new IOException($"nothing is mounted around {step.Target}");
            // What users may write on the way is gone by the handle: between here and the mount nothing can be put in its place.
            using var target = Beneath.Place(around.Point, around.Id, step.Target[around.Point.TrimEnd('/').Length..].Trim('/'));
            Call(NativeMount(step.Source, Handle(target), "none", Bind, null), $"mount {step.Source} at {step.Target}");
        }

        Call(NativeMount("none", step.Target, "none", Remount | Bind | step.Flags.Aggregate(RelativeAccessTimes, (flags, f) => flags | Flag(f)), null), $"set {string.Join(',', step.Flags)} of the mount at {step.Target}");
    }

    /// <exception cref="IOException">It is in use, or cannot be taken away.</exception>
    public static void Take(Unmount step)
    {
        var target = step.Target;
        if (step.Of is { } source && Mounts.Read() is var table && !Shows(table.At(target), source, table)) return;
        if (NativeUnmount(target, NoFollow) == 0) return;
        var error = Marshal.GetLastPInvokeError();
        // Nothing is mounted there, or there is nothing.
        if (error is ErrorInvalid or ErrorNoEntry) return;
        throw new IOException(error == ErrorBusy
            ? $"{target} is in use{MountUsers.Describe(target)}"
            : $"cannot unmount {target}: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    /// <summary>Whether a mount shows that very directory.</summary>
    private static bool Shows(MountEntry? mount, string source, MountTable table)
    {
        if (mount is null || table.Around(source) is not { } holder || mount.Device != holder.Device) return false;
        return mount.Root == $"{holder.Root.TrimEnd('/')}/{source[holder.Point.TrimEnd('/').Length..].Trim('/')}";
    }

    private static ulong Flag(string name) => name switch
    {
        "ro" => ReadOnly,
        "nosuid" => NoSuid,
        "nodev" => NoDev,
        "noexec" => NoExec,
        "noatime" => NoAccessTimes,
        _ => throw new ArgumentException($"no flag of a mount: {name}"),
    };

    private static string Handle(SafeFileHandle file) => $"/proc/self/fd/{file.DangerousGetHandle()}";

    private static void Call(int result, string what)
    {
        if (result != 0) throw new IOException($"cannot {what}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeMount(string source, string target, string type, ulong flags, string? data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeUnmount(string target, int flags);
}

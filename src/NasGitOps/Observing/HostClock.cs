using System.Runtime.InteropServices;
using NasGitOps.Core.Observation;

namespace NasGitOps.Observing;

/// <summary>Reads the kernel's clocks. Source: adjtimex(2), clock_gettime(2), random(4).</summary>
internal static partial class HostClock
{
    private const string BootId = "/proc/sys/kernel/random/boot_id";
    private const int BootTime = 7;
    private const int StatusOffset = 40;
    private const int Unsynchronised = 0x40;

    public static ClockReading Read(TimeProvider time) => new(time.GetUtcNow(), SinceBoot(), File.ReadAllText(BootId).Trim(), IsSynchronised());

    private static TimeSpan SinceBoot()
    {
        Span<long> parts = stackalloc long[2];
        return NativeGetTime(BootTime, parts) == 0 ? TimeSpan.FromSeconds(parts[0]) : throw new IOException($"cannot read the clock: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    private static bool IsSynchronised()
    {
        // With no mode set the kernel only tells.
        Span<byte> buffer = stackalloc byte[512];
        buffer.Clear();
        return NativeAdjust(buffer) >= 0 && (BitConverter.ToInt32(buffer[StatusOffset..]) & Unsynchronised) == 0;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int NativeGetTime(int clock, Span<long> time);

    [LibraryImport("libc", EntryPoint = "adjtimex", SetLastError = true)]
    private static partial int NativeAdjust(Span<byte> settings);
}

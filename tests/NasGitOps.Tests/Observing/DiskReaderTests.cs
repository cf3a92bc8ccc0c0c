using System.Diagnostics;
using NasGitOps.Observing;

namespace NasGitOps.Tests.Observing;

/// <summary>On a real block device of the kernel: a loop device over a file. Making one needs root, as the product does.</summary>
public sealed class DiskReaderTests : IDisposable
{
    private const int Size = 8 * 1024 * 1024;

    private readonly string image = Path.GetTempFileName();
    private string? device;

    public DiskReaderTests() => File.WriteAllBytes(image, new byte[Size]);

    public void Dispose()
    {
        if (device is not null) Run("losetup", "-d", device);
        File.Delete(image);
    }

    [Fact]
    public void A_block_device_of_zeros_is_blank_and_has_its_size()
    {
        var disk = DiskReader.Read(Attach());

        Assert.NotNull(disk);
        Assert.Equal((ulong)Size, disk.Bytes);
        Assert.Empty(disk.Carries);
    }

    [Theory]
    [InlineData(12 * 1024)]
    [InlineData(Size - 4096)]
    public void A_block_device_with_a_single_byte_near_an_end_is_not_blank(int offset)
    {
        using (var file = File.OpenWrite(image))
        {
            file.Position = offset;
            file.WriteByte(1);
        }

        Assert.Single(DiskReader.Read(Attach())!.Carries);
    }

    [Fact]
    public void A_disk_image_with_data_is_not_blank()
    {
        using (var file = File.OpenWrite(image)) file.Write("somebody's"u8);

        Assert.Single(DiskReader.Read(image)!.Carries);
    }

    [Fact]
    public void A_disk_whose_size_cannot_be_told_is_an_error_and_not_a_blank_disk()
    {
        File.WriteAllBytes(image, []);

        Assert.Throws<IOException>(() => DiskReader.Read(image));
    }

    private string Attach() => device = Run("losetup", "--find", "--show", image).Trim();

    private static string Run(string tool, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{tool} {string.Join(' ', arguments)} ended with {process.ExitCode}");
        return output;
    }
}

using NasGitOps.Execution;

namespace NasGitOps.Tests.Execution;

/// <summary>A bin lies where users can write, and we are root: what they put there must lead nowhere.</summary>
public sealed class PurgeTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_older_goes_with_its_empty_directories_and_what_is_younger_stays()
    {
        Make("root/.recycle/alice/docs/old.txt");
        Make("root/.recycle/bob/new.txt");

        Assert.Equal(0, Purge(DateTimeOffset.UtcNow.AddHours(-1)));
        Assert.Equal(2, Purge(DateTimeOffset.UtcNow.AddHours(1)));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder["root/.recycle"]));
    }

    [Fact]
    public void A_link_is_removed_as_a_link_and_what_it_names_stays()
    {
        Make("outside/precious.txt");
        Make("root/.recycle/alice/x");
        Directory.CreateSymbolicLink(folder["root/.recycle/alice/trap"], folder["outside"]);
        File.CreateSymbolicLink(folder["root/.recycle/alice/trap2"], folder["outside/precious.txt"]);

        Purge(DateTimeOffset.UtcNow.AddHours(1));

        Assert.True(File.Exists(folder["outside/precious.txt"]));
        Assert.False(Directory.Exists(folder["root/.recycle/alice"]));
    }

    [Fact]
    public void A_bin_that_was_replaced_by_a_link_is_refused()
    {
        Make("outside/precious.txt");
        Directory.CreateDirectory(folder["root"]);
        Directory.CreateSymbolicLink(folder["root/.recycle"], folder["outside"]);

        var refused = Assert.Throws<IOException>(() => Purge(DateTimeOffset.UtcNow.AddHours(1)));
        Assert.Contains("nothing is removed through it", refused.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(folder["outside/precious.txt"]));
    }

    [Fact]
    public void No_bin_is_no_fault()
    {
        Directory.CreateDirectory(folder["root"]);

        Assert.Equal(0, Purge(DateTimeOffset.UtcNow));
    }

    private void Make(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder[path])!);
        File.WriteAllText(folder[path], "x");
    }

    private int Purge(DateTimeOffset before)
    {
        using var handle = Posix.OpenRead(folder["root"]);
        return Beneath.Purge(folder["root"], Posix.MountIdOf(handle), ".recycle", before);
    }
}

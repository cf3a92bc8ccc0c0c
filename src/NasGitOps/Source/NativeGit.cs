using LibGit2Sharp;

namespace NasGitOps.Source;

/// <summary>The git objects cannot be read on this machine, or not in this mirror.</summary>
internal sealed class SourceException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Makes LibGit2Sharp use the system's libgit2, since its own native package is not to be had.</summary>
internal static class NativeGit
{
    /// <summary>The name under which LibGit2Sharp 0.29.0 looks for its library.</summary>
    private const string ExpectedName = "git2-a2bde63.so";

    private static readonly Lazy<string> Loaded = new(Load);

    /// <summary>The version of the library; loads it on the first call.</summary>
    /// <exception cref="SourceException">There is no usable library; the message names the package.</exception>
    public static string EnsureLoaded() => Loaded.Value;

    private static string Load()
    {
        var library = Find() ?? throw new SourceException(
            "libgit2 is not installed: no libgit2.so.1.* in the usual library folders (Debian 12: 'apt-get install libgit2-1.5', Debian 13: 'apt-get install libgit2-1.9')");
        var folder = Directory.CreateTempSubdirectory("nasgitops-").FullName; // 0700, so that nobody can exchange the link
        try
        {
            File.CreateSymbolicLink(Path.Combine(folder, ExpectedName), library);
            GlobalSettings.NativeLibraryPath = folder;
            var version = GlobalSettings.Version.InformationalVersion; // loads it; the link is not needed any more then

            // Nobody's personal or system-wide git settings may change what we read or write.
            foreach (var level in (ConfigurationLevel[])[ConfigurationLevel.Global, ConfigurationLevel.Xdg, ConfigurationLevel.System])
            {
                GlobalSettings.SetConfigSearchPaths(level, folder);
            }

            return version;
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or EntryPointNotFoundException or LibGit2SharpException)
        {
            throw new SourceException($"{library} cannot be used as libgit2: {(e.InnerException ?? e).Message} (reinstall the package that owns it: 'dpkg -S {library}')", e);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string? Find()
    {
        string[] roots = ["/usr/lib", "/usr/local/lib", "/usr/lib64", "/lib", "/lib64"];
        var folders = roots.Where(Directory.Exists).SelectMany(root => Directory.EnumerateDirectories(root, "*-linux-gnu").Append(root));
        return folders
            .SelectMany(folder => Directory.EnumerateFiles(folder, "libgit2.so.1.*"))
            .OrderBy(file => file.Count(c => c == '.'))
            .ThenByDescending(file => file, StringComparer.Ordinal)
            .FirstOrDefault();
    }
}

namespace NasGitOps.Execution;

/// <summary>Replaces files so that a reader, or a power cut, finds the old content or the new one and nothing between.</summary>
internal static class AtomicFile
{
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Temporary file in the same folder, synced, renamed, folder synced.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        var folder = Path.GetDirectoryName(path)!;
        var temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.tmp");
        try
        {
            using (var stream = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Private }))
            {
                stream.Write(content);
                File.SetUnixFileMode(stream.SafeFileHandle, mode); // not at creation: the umask would take bits away
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        Posix.SyncDirectory(folder);
    }

    /// <summary>Moves something unreadable out of the way, so that it can be looked at later.</summary>
    /// <returns>The new path.</returns>
    public static string MoveAside(string path, string why, DateTimeOffset now)
    {
        var aside = $"{path}.{why}-{now:yyyyMMdd'T'HHmmss'Z'}";
        for (var i = 2; Path.Exists(aside); i++) aside = $"{path}.{why}-{now:yyyyMMdd'T'HHmmss'Z'}-{i}";
        Directory.Move(path, aside); // renames files as well
        return aside;
    }
}

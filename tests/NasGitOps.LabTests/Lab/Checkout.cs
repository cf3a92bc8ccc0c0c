namespace NasGitOps.LabTests.Lab;

/// <summary>Where things lie in the working copy that these tests were built from.</summary>
public static class Checkout
{
    public static string Root { get; } = FindRoot();

    public static string At(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>The nasgitops to test: named by NASGITOPS_BINARY, published, or the newest that was built here.</summary>
    public static string Binary()
    {
        var named = Environment.GetEnvironmentVariable("NASGITOPS_BINARY");
        if (!string.IsNullOrEmpty(named))
            return named;
        var published = Environment.GetEnvironmentVariable("NASGITOPS_PUBLISH_DIR");
        if (!string.IsNullOrEmpty(published))
            return Path.Combine(published, "nasgitops");
        return new[] { "Release", "Debug" }
            .Select(configuration => new FileInfo(At("src", "NasGitOps", "bin", configuration, "net10.0", "nasgitops")))
            .Where(file => file.Exists)
            .OrderByDescending(file => file.LastWriteTimeUtc)
            .FirstOrDefault()?.FullName
            ?? throw new FileNotFoundException("nasgitops is not built: run 'dotnet build src/NasGitOps', or set NASGITOPS_BINARY");
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "NasGitOps.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"no NasGitOps.sln above {AppContext.BaseDirectory}");
    }
}

namespace NasGitOps.Kinds.Tests.Architecture;

internal static class Repository
{
    /// <summary>The checkout that the tests were built in.</summary>
    public static string Folder { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder) => File.Exists(Path.Combine(folder, "NasGitOps.sln")) ? folder : Find(Path.GetDirectoryName(folder)!);
}

using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.CommandLine;

/// <summary>The program as it is built, on repositories in a temporary folder; needs neither a host nor Git.</summary>
internal static class Validate
{
    public static Task<ShellResult> Folder(string folder, params string[] more)
        => Shell.Run(Checkout.Binary(), ["validate", folder, .. more], limit: TimeSpan.FromSeconds(60));

    public static async Task<ShellResult> Files(params (string Path, string Content)[] files)
    {
        var folder = Directory.CreateTempSubdirectory("nasgitops-validate-").FullName;
        try
        {
            foreach (var (path, content) in files)
            {
                var file = Path.Combine(folder, path);
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                await File.WriteAllTextAsync(file, content);
            }

            return await Folder(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

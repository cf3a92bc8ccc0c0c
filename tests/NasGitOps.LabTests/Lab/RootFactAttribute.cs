namespace NasGitOps.LabTests.Lab;

/// <summary>A test on this machine as root, with tools of its own. Where something is missing, it says what.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootFactAttribute : FactAttribute
{
    private static readonly string[] Folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    public RootFactAttribute(params string[] tools)
    {
        Tools = tools;
        if (Environment.UserName != "root") Skip = "changes this machine: needs root";
        else if (tools.FirstOrDefault(t => !Folders.Any(f => File.Exists(Path.Combine(f, t)))) is { } missing) Skip = $"{missing} is not installed";
    }

    public IReadOnlyList<string> Tools { get; }
}

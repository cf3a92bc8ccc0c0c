namespace NasGitOps.Execution;

/// <summary>The environment of commands: small, so that nothing of the agent's own (notify socket, credentials folder) leaks into them, and always in the C locale.</summary>
internal static class CommandEnvironment
{
    /// <summary>Where a NAS keeps its tools; a user's path often lacks the sbin folders.</summary>
    private static readonly string[] StandardFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>What is handed on: the person's identity for tools that look for it, proxies and certificates for git.</summary>
    private static readonly string[] HandedOn =
    [
        "HOME", "USER", "LOGNAME", "TMPDIR", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR",
        "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
    ];

    public static Dictionary<string, string> For(IReadOnlyDictionary<string, string>? additions)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["LC_ALL"] = "C", ["PATH"] = SearchPath() };
        foreach (var name in HandedOn)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value) environment[name] = value;
        }

        foreach (var (name, value) in additions ?? new Dictionary<string, string>()) environment[name] = value;
        return environment;
    }

    /// <summary>The executable file that a tool's name stands for; null when there is none.</summary>
    public static string? Find(string tool, string path)
    {
        if (tool.Contains('/', StringComparison.Ordinal)) return Path.IsPathRooted(tool) && IsExecutable(tool) ? tool : null;
        return path.Split(':').Where(Path.IsPathRooted).Select(folder => Path.Combine(folder, tool)).FirstOrDefault(IsExecutable);
    }

    /// <summary>Likewise, where commands are looked for.</summary>
    public static string? Find(string tool) => Find(tool, SearchPath());

    private static string SearchPath()
    {
        // Relative folders are left out: a root process must not run what happens to lie in the current folder.
        var inherited = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Where(Path.IsPathRooted);
        return string.Join(':', inherited.Concat(StandardFolders).Distinct(StringComparer.Ordinal));
    }

    private static bool IsExecutable(string file) =>
        Posix.FactsOf(file) is { IsRegular: true } facts && (facts.Mode & 0b001_001_001) != 0;
}

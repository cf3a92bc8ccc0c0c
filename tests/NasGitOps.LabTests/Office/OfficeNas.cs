using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Office;

/// <summary>The first host of the office example, with the things of others that a real host has.</summary>
public sealed class OfficeNas : ManagedNas
{
    public static readonly IReadOnlyDictionary<string, string> Secrets = new Dictionary<string, string>
    {
        ["smb-alice"] = "Alice-Winter-19",
        ["smb-bob"] = "Bob-Summer-27",
        ["smb-carol"] = "Carol-Autumn-33",
        ["accounting-key"] = "seven grey herons at dusk",
    };

    protected override string AgentConfiguration => """
        host: nas1
        repository:
          url: file:///srv/git/storage.git
          branch: main
          interval: 5s
        status:
          file: /var/lib/nasgitops/status.yaml
          branch: nasgitops/status/nas1
        reconcile: {driftInterval: 30s, mode: enforce}
        safety: {maxRemovals: 5}
        http: {listen: 127.0.0.1:9753}
        """;

    protected override IReadOnlyDictionary<string, string> HostSecrets => Secrets;

    /// <summary>What belongs to others, as it was before nasgitops did anything.</summary>
    public Foreign Foreign { get; private set; } = Foreign.None;

    /// <summary>The repository of the office example, as path → content.</summary>
    public static IReadOnlyDictionary<string, string> Example { get; } = ReadExample("office");

    protected override async Task Prepare() => Foreign = await Foreign.Settle(this);

    /// <summary>The office example is in force and every resource of it is ready, whatever an earlier test left behind.</summary>
    public async Task<StatusYaml> EnsureOfficeApplied()
    {
        if (!Committed.OrderBy(f => f.Key, StringComparer.Ordinal).SequenceEqual(Example.OrderBy(f => f.Key, StringComparer.Ordinal)))
            await PushTree("The office as it should be", Example);
        await EnsureAgent();
        return await WaitForApplied(await Tip());
    }

    private static Dictionary<string, string> ReadExample(string name)
    {
        var folder = Checkout.At("examples-repo", name);
        return Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => file.EndsWith(".yaml", StringComparison.Ordinal))
            .Select(file => (Path: Path.GetRelativePath(folder, file), File: file))
            .Where(file => file.Path.StartsWith("common/", StringComparison.Ordinal) || file.Path.StartsWith("hosts/", StringComparison.Ordinal))
            .ToDictionary(file => file.Path, file => File.ReadAllText(file.File));
    }
}

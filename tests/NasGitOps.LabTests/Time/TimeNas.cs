using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Time;

/// <summary>A NAS whose storage is applied once; tests add what happens at times.</summary>
public sealed class TimeNas : ManagedNas
{
    public const string Storage = "common/storage.yaml";

    private const string Manifests = """
        apiVersion: nasgitops.io/v1
        kind: Pool
        metadata: {name: tank}
        spec:
          vdevs: [{type: mirror, disks: [/dev/disk/by-id/virtio-NAS01, /dev/disk/by-id/virtio-NAS02]}]
          mountpoint: /tank
        ---
        apiVersion: nasgitops.io/v1
        kind: Group
        metadata: {name: media}
        spec: {gid: 3000}
        ---
        apiVersion: nasgitops.io/v1
        kind: User
        metadata: {name: alice}
        spec: {uid: 2001, primaryGroup: media, smb: {password: {secretRef: smb-alice}}}
        ---
        apiVersion: nasgitops.io/v1
        kind: Dataset
        metadata: {name: tank/media}
        spec: {permissions: {owner: alice, group: media, mode: "2770"}}
        ---
        apiVersion: nasgitops.io/v1
        kind: Dataset
        metadata: {name: tank/media/nested}
        spec: {permissions: {owner: alice, group: media, mode: "2770"}}
        ---
        apiVersion: nasgitops.io/v1
        kind: Dataset
        metadata: {name: tank/media/scratch}
        spec: {permissions: {owner: alice, group: media, mode: "2770"}}
        ---
        apiVersion: nasgitops.io/v1
        kind: Dataset
        metadata: {name: tank/backups}
        spec: {refquota: 200MiB, permissions: {owner: alice, group: media, mode: "2770"}}
        ---
        apiVersion: nasgitops.io/v1
        kind: SambaServer
        metadata: {name: default}
        spec: {}
        ---
        apiVersion: nasgitops.io/v1
        kind: SmbShare
        metadata: {name: media}
        spec:
          dataset: tank/media
          access: {readWrite: [alice]}
          previousVersions: true
          recycleBin: {keepFor: 60s}
        ---
        apiVersion: nasgitops.io/v1
        kind: SmbShare
        metadata: {name: backups}
        spec:
          dataset: tank/backups
          access: {readWrite: [alice]}
          timeMachine: {maxSize: 200MiB}

        """;

    protected override string AgentConfiguration => """
        host: nas1
        repository: {url: "file:///srv/git/storage.git", branch: main, paths: [common], interval: 5s}
        status: {file: /var/lib/nasgitops/status.yaml, branch: nasgitops/status/nas1}
        reconcile: {driftInterval: 20s}
        hooks:
          before: [/usr/bin/touch, /root/hook-ran]
          broken: [/usr/bin/false]

        """;

    protected override IReadOnlyDictionary<string, string> HostSecrets { get; } = new Dictionary<string, string> { ["smb-alice"] = "Alice-Winter-19" };

    /// <summary>The storage alone, and what a test adds to it, is applied.</summary>
    public async Task<StatusYaml> Apply(string message, params (string Path, string? Content)[] files)
    {
        var tree = new Dictionary<string, string> { [Storage] = Manifests };
        foreach (var (path, content) in files) tree[path] = content!;
        var commit = await PushTree(message, tree);
        await EnsureAgent();
        return await WaitForApplied(commit);
    }

    /// <summary>Names of a dataset's snapshots behind the @, in the order they were made.</summary>
    public async Task<string[]> Snapshots(string dataset) =>
        [.. (await Must($"zfs list -H -d 1 -t snapshot -s createtxg -o name {dataset}")).Lines.Select(l => l.Split('@')[1])];
}

[CollectionDefinition(Name)]
public sealed class TimeNasCollection : ICollectionFixture<TimeNas>
{
    public const string Name = "a NAS over time";
}

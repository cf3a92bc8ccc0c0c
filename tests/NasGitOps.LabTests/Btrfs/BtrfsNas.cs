using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Btrfs;

/// <summary>A NAS on btrfs alone: two disks that hold the same, served by kernel NFS and Samba.</summary>
public sealed class BtrfsNas : ManagedNas
{
    public const string Storage = "common/storage.yaml";

    public const string Top = "/run/nasgitops-btrfs/shelf";

    public const string Manifests = """
        apiVersion: nasgitops.io/v1
        kind: Pool
        metadata: {name: shelf}
        spec:
          backend: btrfs
          devices: [/dev/disk/by-id/virtio-NAS01, /dev/disk/by-id/virtio-NAS02]
          dataProfile: raid1
          metadataProfile: raid1
          options: {quotas: "on"}
          properties: {compression: zstd, atime: "off"}
          mountpoint: /shelf
        ---
        apiVersion: nasgitops.io/v1
        kind: Group
        metadata: {name: household}
        spec: {gid: 3000}
        ---
        apiVersion: nasgitops.io/v1
        kind: User
        metadata: {name: ada}
        spec: {uid: 2001, primaryGroup: household, smb: {password: {secretRef: smb-ada}}}
        ---
        apiVersion: nasgitops.io/v1
        kind: Dataset
        metadata: {name: shelf/photos}
        spec: {refquota: 200MiB, permissions: {owner: ada, group: household, mode: "2770"}}
        ---
        apiVersion: nasgitops.io/v1
        kind: Dataset
        metadata: {name: shelf/photos/raw}
        spec: {permissions: {owner: ada, group: household, mode: "2770"}}
        ---
        apiVersion: nasgitops.io/v1
        kind: Dataset
        metadata: {name: shelf/software}
        spec: {mountpoint: /srv/software, permissions: {mode: "0755"}}
        ---
        apiVersion: nasgitops.io/v1
        kind: SmbShare
        metadata: {name: photos}
        spec:
          dataset: shelf/photos
          access: {readWrite: [ada]}
          previousVersions: true
        ---
        apiVersion: nasgitops.io/v1
        kind: NfsExport
        metadata: {name: photos}
        spec: {dataset: shelf/photos, clients: [{host: 10.0.0.0/16, access: rw, squash: root}]}
        ---
        apiVersion: nasgitops.io/v1
        kind: NfsExport
        metadata: {name: software}
        spec: {dataset: shelf/software, clients: [{host: 10.0.0.0/16, access: ro, squash: all}, {host: "lab.example", access: ro}]}

        """;

    protected override string AgentConfiguration => """
        host: nas1
        repository: {url: "file:///srv/git/storage.git", branch: main, paths: [common], interval: 5s}
        status: {file: /var/lib/nasgitops/status.yaml, branch: nasgitops/status/nas1}
        reconcile: {driftInterval: 20s}
        http: {listen: 127.0.0.1:9753}
        """;

    protected override IReadOnlyDictionary<string, string> HostSecrets { get; } = new Dictionary<string, string> { ["smb-ada"] = "Ada-Autumn-71" };

    public async Task<StatusYaml> EnsureApplied()
    {
        if (!Committed.TryGetValue(Storage, out var there) || there != Manifests || Committed.Count != 1)
            await PushTree("The shelf", new Dictionary<string, string> { [Storage] = Manifests });
        await EnsureAgent();
        return await WaitForApplied(await Tip());
    }

    /// <summary>A name that only this machine's own files know.</summary>
    protected override async Task Prepare() => await Must($"echo '{Address} lab.example' >>/etc/hosts");
}

[CollectionDefinition(Name)]
public sealed class BtrfsNasCollection : ICollectionFixture<BtrfsNas>
{
    public const string Name = "a NAS on btrfs";
}

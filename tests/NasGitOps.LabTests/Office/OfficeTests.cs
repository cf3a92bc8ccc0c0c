using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Office;

/// <summary>
/// What the product must show on real OpenZFS, kernel NFS and Samba. Every test makes its own preconditions true and cleans up
/// after itself, so each can be run alone; the order only saves time.
/// </summary>
public abstract class OfficeTests(OfficeNas machine)
{
    protected readonly OfficeNas nas = machine;

    protected const string Pool = "hosts/nas1/pool.yaml";
    protected const string Datasets = "hosts/nas1/datasets.yaml";
    protected const string Exports = "hosts/nas1/exports.yaml";
    protected const string Shares = "hosts/nas1/shares.yaml";
    protected const string Extra = "hosts/nas1/extra.yaml";

    /// <summary>The disk of <see cref="ScratchPool"/>.</summary>
    protected const string ScratchDisk = "/dev/disk/by-id/virtio-NAS03";

    /// <summary>A pool on a disk of its own; others stand behind it.</summary>
    protected const string ScratchPool = $$"""
        apiVersion: nasgitops.io/v1
        kind: Pool
        metadata: {name: scratch}
        spec:
          backend: zfs
          vdevs: [{type: stripe, disks: [{{ScratchDisk}}]}]
          mountpoint: /scratch
        ---

        """;

    /// <summary>A plain dataset's manifest.</summary>
    protected static string DatasetManifest(string name, string spec = "{}")
        => $$"""
            apiVersion: nasgitops.io/v1
            kind: Dataset
            metadata: {name: {{name}}}
            spec: {{spec}}

            """;

    /// <summary>As new: a disk that carries anything is refused.</summary>
    protected Task Wipe(string disk) => nas.Must($"zpool labelclear -f {disk}-part1 2>/dev/null; wipefs -qa {disk}-part* {disk} 2>/dev/null; blkdiscard -z {disk} || dd if=/dev/zero of={disk} bs=1M oflag=direct status=none; udevadm settle");

    /// <summary>Takes what a test declared out of the repository, off the host and out of the records, so that the next test finds the office alone.</summary>
    protected async Task RestoreOffice(params string[] resources)
    {
        var tip = await nas.PushTree("The office as it should be", OfficeNas.Example);
        await nas.WaitForStatus("the office's manifests are in force", s => s.InForceCommit == tip, TimeSpan.FromSeconds(240));
        foreach (var resource in resources)
        {
            if (resource.StartsWith("Dataset/", StringComparison.Ordinal))
            {
                var dataset = resource["Dataset/".Length..];
                await nas.Must($"! zfs list -H '{dataset}' >/dev/null 2>&1 || zfs destroy -r '{dataset}'");
            }

            // The agent may be in the middle of a pass and hold the lock.
            await nas.Run($"for attempt in 1 2 3; do nasgitops forget '{resource}' && break; sleep 3; done");
        }

        await nas.EnsureOfficeApplied();
    }

    /// <summary>Ends the scratch pool, and its disk is as new.</summary>
    protected async Task RestoreWithoutScratch()
    {
        await nas.EnsureOfficeApplied();
        await nas.Must("zpool destroy scratch");
        await Wipe(ScratchDisk);
        await RestoreOffice("Dataset/scratch/data", "Pool/scratch");
    }
}

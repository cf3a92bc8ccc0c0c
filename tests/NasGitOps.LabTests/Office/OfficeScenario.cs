using NasGitOps.LabTests.Lab;
using Xunit.Abstractions;

namespace NasGitOps.LabTests.Office;

/// <summary>
/// What the product must show on real OpenZFS, kernel NFS and Samba. Every test makes its own preconditions true and cleans up
/// after itself, so each can be run alone; the order only saves time.
/// </summary>
[Collection(OfficeNasCollection.Name)]
[Trait("Category", "Lab")]
[TestCaseOrderer(ByOrder.Type, ByOrder.Assembly)]
public sealed partial class OfficeScenario(OfficeNas nas, ITestOutputHelper output)
{
    private const string Pool = "hosts/nas1/pool.yaml";
    private const string Datasets = "hosts/nas1/datasets.yaml";
    private const string Exports = "hosts/nas1/exports.yaml";
    private const string Shares = "hosts/nas1/shares.yaml";
    private const string Extra = "hosts/nas1/extra.yaml";

    /// <summary>Written, and mended after its first run, which ended at a fault of the test itself.</summary>
    private const string NotSeen = "no run of this scenario has come to its end yet: take the Skip away and run it alone first";

    /// <summary>A plain dataset's manifest.</summary>
    private static string DatasetManifest(string name, string spec = "{}")
        => $"""
            apiVersion: nasgitops.io/v1
            kind: Dataset
            metadata: {"{"}name: {name}{"}"}
            spec: {spec}

            """;

    /// <summary>As new: a disk that carries anything is refused.</summary>
    private Task Wipe(string disk) => nas.Must($"zpool labelclear -f {disk}-part1 2>/dev/null; wipefs -qa {disk}-part* {disk} 2>/dev/null; blkdiscard -z {disk} || dd if=/dev/zero of={disk} bs=1M oflag=direct status=none; udevadm settle");

    /// <summary>Takes what a test declared out of the repository, off the host and out of the records, so that the next test finds the office alone.</summary>
    private async Task RestoreOffice(params string[] resources)
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
}

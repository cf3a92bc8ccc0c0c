using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Office;

public sealed partial class TroubleScenario
{
    [LabFact(73)]
    public async Task A_suspended_pool_is_told_hangs_nothing_and_everything_else_goes_on_until_it_is_cleared()
    {
        await nas.EnsureOfficeApplied();
        await nas.Push("Room to scratch", (Extra, ScratchPool + DatasetManifest("scratch/data", "{directories: [{path: in}]}") + """
            ---
            apiVersion: nasgitops.io/v1
            kind: NfsExport
            metadata: {name: scratch}
            spec: {dataset: scratch/data, subpath: in, clients: [{host: 10.0.0.0/16, access: ro}]}

            """));
        await nas.WaitForApplied(await nas.Tip());
        await nas.Must("echo keep >/scratch/data/keep.txt && sync");
        var slot = await nas.Unplug(ScratchDisk);
        try
        {
            // A write makes ZFS notice. It hangs, as whoever writes there does.
            await nas.Must("setsid dd if=/dev/zero of=/scratch/data/fill bs=64k count=64 conv=fsync >/dev/null 2>&1 </dev/null & true");
            await nas.WaitUntil("the pool is suspended", "zpool list -H -o health scratch", text => text == "SUSPENDED");
            var status = await nas.WaitForStatus("the pool is told as suspended, its dataset as unknown", s =>
                s.Find("Pool", "scratch")?.Says("PoolSuspended") == true && s.Find("Dataset", "scratch/data")?.Says("Unknown") == true);
            Assert.Contains("suspended", status.Find("Dataset", "scratch/data")!.ToString(), StringComparison.Ordinal);

            // Whoever looks at the very moment hangs in the kernel, and is given up: those may be ours. Nobody follows them.
            const string Hanging = "for task in /proc/$(systemctl show -P MainPID nasgitops)/task/*; do ! grep -q '^State:.D' $task/status || echo $task; done | wc -l";
            var hanging = int.Parse(await nas.Text(Hanging), null);
            await nas.Must("zfs set recordsize=16K tank/projects");
            await nas.WaitUntil("drift elsewhere is corrected", "zfs get -Hp -o value recordsize tank/projects", value => value == "1048576");
            await nas.AgentPass();
            Assert.True((await nas.Status())!.Find("SmbShare", "projects")?.IsReady);
            Assert.True((await nas.Run("nasgitops status", limit: TimeSpan.FromSeconds(20))).Ok);
            await nas.AgentPass();
            await nas.WaitUntil("no further thread hangs", Hanging, count => int.Parse(count, null) <= hanging);
            await nas.WaitUntil("no command hangs", "systemd-cgls --no-pager -u nasgitops.service 2>/dev/null | grep -E ' (zfs|zpool|exportfs) ' || true", text => text.Length == 0);
        }
        finally
        {
            await nas.PlugIn(slot);
            await nas.Must("timeout 60 zpool clear scratch");
        }

        await nas.WaitUntil("it heals by itself", async () => (await nas.Status()) is { } s && s.Find("Dataset", "scratch/data")?.IsReady == true && s.Find("Pool", "scratch")?.Says("PoolSuspended") == false ? null : (await nas.Status())?.Text);
        Assert.Equal("keep", await nas.Text("cat /scratch/data/keep.txt"));
        await RestoreWithoutScratch();
    }

    [LabFact(74)]
    public async Task A_disk_pulled_from_the_mirror_is_told_everything_is_served_and_its_return_is_told_too()
    {
        await nas.EnsureOfficeApplied();
        await nas.Must("echo before >/tank/projects/incoming/pulled.txt && chmod 644 /tank/projects/incoming/pulled.txt && sync");
        var slot = await nas.Unplug("/dev/disk/by-id/virtio-NAS02");
        try
        {
            await nas.Must("dd if=/dev/zero of=/tank/projects/pulled.bin bs=64k count=16 conv=fsync status=none");
            await nas.WaitForStatus("the pool is degraded, with the disk's name", s => s.Find("Pool", "tank") is { } pool && pool.Says("PoolDegraded") && pool.ToString().Contains("virtio-NAS02", StringComparison.Ordinal));
            Assert.True((await nas.Smb("alice", "projects", "get incoming/pulled.txt /tmp/pulled.back")).Ok);
            Assert.True((await nas.Status())!.Find("Dataset", "tank/projects")?.IsReady);
        }
        finally
        {
            await nas.PlugIn(slot);
            await nas.Must("zpool online tank /dev/disk/by-id/virtio-NAS02-part1; zpool clear tank");
        }

        await nas.WaitUntil("the mirror is whole again", "zpool list -H -o health tank", text => text == "ONLINE");
        await nas.WaitForStatus("and the status says so", s => s.Find("Pool", "tank")?.Says("PoolDegraded") == false);
        await nas.Must("rm /tank/projects/pulled.bin");
    }

    [LabFact(75)]
    public async Task With_smbd_down_exportfs_failing_or_a_dataset_unmounted_the_rest_goes_on_and_each_heals_by_itself()
    {
        await nas.EnsureOfficeApplied();

        await nas.Must("systemctl stop smbd && zfs set recordsize=16K tank/projects");
        await nas.WaitUntil("with smbd down drift is corrected", "zfs get -Hp -o value recordsize tank/projects", value => value == "1048576");
        await nas.PushEdit("Said while smbd is down", Shares, "comment: The books", "comment: The books, closed");
        await nas.WaitForApplied(await nas.Tip());
        await nas.Must("systemctl start smbd");
        await nas.WaitUntil("smbd serves what was applied", async () => (await nas.Smb("alice", "accounting", "ls")) is { Ok: false } failed ? failed.ToString() : null);

        // A tool that fails: the new export is told with the evidence, and the exports that stand are not touched.
        await nas.Must("printf '#!/bin/sh\\necho out of order >&2\\nexit 1\\n' >/root/broken && chmod 755 /root/broken && mount --bind /root/broken /usr/sbin/exportfs");
        try
        {
            await nas.Push("For the new wing", (Extra, Exported("wing", "tank/projects/archive")));
            var said = await nas.WaitForStatus("the export failed, with what exportfs said", s => s.Find("NfsExport", "wing") is { IsReady: false } export && export.ToString().Contains("out of order", StringComparison.Ordinal));
            Assert.True(said.Find("NfsExport", "projects")?.IsReady, said.Text);
            Assert.False(await nas.Succeeds("test -e /etc/exports.d/nasgitops-wing.exports"));
        }
        finally
        {
            await nas.Must("umount /usr/sbin/exportfs");
        }

        await nas.WaitForApplied(await nas.Tip());
        Assert.Contains("/tank/projects/archive", await nas.Text("exportfs -s"), StringComparison.Ordinal);

        // Unmounted by hand: what lies below the mount point is exported to nobody, and the dataset comes back.
        await nas.Must("echo inside >/srv/software/inside.txt && chmod 644 /srv/software/inside.txt && systemctl stop nasgitops && zfs unmount tank/software && touch /srv/software/below && exportfs -f");
        var empty = await nas.ThroughNfs("/srv/software", "ls /mnt/lab");
        Assert.DoesNotContain("below", empty.Output, StringComparison.Ordinal);
        await nas.Must("rm /srv/software/below && systemctl start --no-block nasgitops");
        await nas.WaitUntil("it is mounted again", "cat /srv/software/inside.txt", text => text == "inside");
        await nas.WaitUntil("and served again", async () => (await nas.ThroughNfs("/srv/software", "cat /mnt/lab/inside.txt")) is { Ok: false } failed ? failed.ToString() : null);
        await RestoreOffice();
    }

    [LabFact(76)]
    public async Task A_clock_that_jumps_either_way_keeps_no_drift_from_being_corrected_and_runs_nothing_twice()
    {
        await nas.EnsureOfficeApplied();
        foreach (var (set, back) in new[] { ("-2 days", "+2 days"), ("+400 days", "-400 days") })
        {
            await nas.Must($"date -s '{set}' && zfs set recordsize=16K tank/projects");
            var passes = await Passes();
            await nas.WaitUntil($"after a jump of {set} drift is corrected", "zfs get -Hp -o value recordsize tank/projects", value => value == "1048576", TimeSpan.FromSeconds(75));
            Assert.True(await Passes() - passes < 10, "a storm of passes");
            Assert.True((await nas.Run("nasgitops journal verify")).Ok);
            await nas.Must($"date -s '{back}' && zfs set recordsize=16K tank/projects");
            await nas.WaitUntil("and after the way back", "zfs get -Hp -o value recordsize tank/projects", value => value == "1048576", TimeSpan.FromSeconds(75));
        }

        await nas.EnsureOfficeApplied();

        async Task<double> Passes() => double.Parse(await nas.Text("curl -fsS http://127.0.0.1:9753/metrics | awk '/^nasgitops_passes_total/ { n += $2 } END { print n + 0 }'"), System.Globalization.CultureInfo.InvariantCulture);
    }

    [LabFact(77)]
    public async Task Links_in_the_place_of_shared_and_exported_directories_lead_nobody_out_of_the_dataset()
    {
        await nas.EnsureOfficeApplied();
        await nas.Must("mkdir -p /root/outside/sub && echo secret >/root/outside/sub/secret.txt && echo secret >/root/outside/secret.txt && chmod 755 /root/outside /root/outside/sub && mkdir -p /srv/door && mount --bind /root/outside /srv/door");
        const string Outside = "find /srv/door -printf '%p %u %g %m %C@ %T@\\n' | sort";
        var before = await nas.Text(Outside);
        await nas.Push("Directories for everybody", (Extra,
            DatasetManifest("tank/open", "{permissions: {mode: \"0777\"}, directories: [{path: way/sub, owner: alice, mode: \"0770\"}, {path: box, owner: alice, mode: \"0770\"}]}") + """
            ---
            apiVersion: nasgitops.io/v1
            kind: SmbShare
            metadata: {name: box}
            spec: {dataset: tank/open, subpath: box, access: {readWrite: [alice]}}
            ---
            apiVersion: nasgitops.io/v1
            kind: NfsExport
            metadata: {name: way}
            spec: {dataset: tank/open, subpath: way/sub, clients: [{host: 10.0.0.0/16, access: rw, squash: none}]}
            ---
            apiVersion: nasgitops.io/v1
            kind: Dataset
            metadata: {name: tank/closed}
            spec: {directories: [{path: sub, owner: alice, mode: "0770"}]}
            ---
            apiVersion: nasgitops.io/v1
            kind: NfsExport
            metadata: {name: closed}
            spec: {dataset: tank/closed, subpath: sub, clients: [{host: 10.0.0.0/16, access: rw}]}

            """));

        // Whoever may write above an exported directory could lead exportfs anywhere; where only root may, it is exported.
        await nas.WaitForStatus("the open one is refused, the others are served", s =>
            s.Find("NfsExport", "way")?.Says("PathReplaceable") == true && s.Find("NfsExport", "closed")?.IsReady == true && s.Find("SmbShare", "box")?.IsReady == true);
        Assert.DoesNotContain("/tank/open", await nas.Text("exportfs -s"), StringComparison.Ordinal);

        // Carol, who may not enter the box, puts a link in its place, and one in that of the way, and somebody reloads.
        await nas.Must("cd /tank/open && runuser -u carol -- sh -c 'mv box box2 && ln -s /srv/door box && mv way way2 && ln -s /srv/door way' && exportfs -ra && ! exportfs -s | grep -E '/srv/door|/root/outside'");
        await nas.WaitForStatus("the share is withdrawn, with the reason", s => s.Find("SmbShare", "box")?.Says("LinkInPath") == true && s.Find("Dataset", "tank/open") is { IsReady: false });
        Assert.False((await nas.Smb("alice", "box", "get secret.txt /tmp/stolen")).Ok);
        Assert.False(await nas.Succeeds("test -e /tmp/stolen"));
        Assert.Equal(before, await nas.Text(Outside));

        await nas.Must("cd /tank/open && rm box way && mv box2 box && mv way2 way");
        await nas.WaitUntil("the directory is back, and so is the share", async () => (await nas.Smb("alice", "box", "ls")) is { Ok: false } failed ? failed.ToString() : null);
        Assert.Equal(before, await nas.Text(Outside));
        await nas.Must("umount /srv/door && rmdir /srv/door");
        await RestoreOffice("Dataset/tank/open", "Dataset/tank/closed");
    }
}

using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Office;

public sealed partial class OfficeScenario
{
    [LabFact(30)]
    public async Task A_property_changed_by_hand_is_corrected_at_the_next_drift_pass_and_named_in_the_status()
    {
        await nas.EnsureOfficeApplied();
        var tip = await nas.StatusTip();

        await nas.Must("zfs set recordsize=16K tank/projects");

        await nas.WaitUntil("recordsize is 1 MiB again", "zfs get -Hp -o value recordsize tank/projects", value => value == "1048576");
        await nas.WaitForDriftNamed(tip, "Dataset", "tank/projects");
    }

    [LabFact(31)]
    public async Task A_share_file_deleted_by_hand_is_corrected_at_the_next_drift_pass_and_named_in_the_status()
    {
        await nas.EnsureOfficeApplied();
        var tip = await nas.StatusTip();

        // Whatever files hold the share's section: all that are not the host's own smb.conf.
        var files = await nas.Text("grep -rlE '^\\[projects\\]' /etc/samba --include='*' | grep -v '^/etc/samba/smb.conf$'");
        Assert.NotEmpty(files);
        foreach (var file in files.Split('\n'))
            await nas.Must($"rm '{file}'");
        await nas.Must("smbcontrol all reload-config");

        await nas.WaitUntil(
            "the share works again",
            async () => (await nas.Smb("alice", "projects", "ls")) is { Ok: false } failed ? failed.ToString() : null);
        await nas.WaitForDriftNamed(tip, "SmbShare", "projects");
    }

    [LabFact(32)]
    public async Task An_export_removed_by_hand_is_corrected_at_the_next_drift_pass_and_named_in_the_status()
    {
        await nas.EnsureOfficeApplied();
        var tip = await nas.StatusTip();

        await nas.Must("exportfs -u 10.0.0.0/16:/tank/projects && ! exportfs -s | grep -q ^/tank/projects");

        await nas.WaitUntil("it is exported again", "exportfs -s", text => text.Contains("/tank/projects", StringComparison.Ordinal));
        await nas.WaitForDriftNamed(tip, "NfsExport", "projects");

        tip = await nas.StatusTip();
        await nas.Must("rm /etc/exports.d/nasgitops-software.exports && exportfs -ra");

        await nas.WaitUntil("its file and its export are back", "cat /etc/exports.d/nasgitops-software.exports && exportfs -s", text => text.Contains("\n/srv/software", StringComparison.Ordinal));
        await nas.WaitForDriftNamed(tip, "NfsExport", "software");
    }

    [LabFact(33)]
    public async Task With_drift_report_a_change_by_hand_is_named_and_not_touched()
    {
        await nas.EnsureOfficeApplied();
        await nas.PushEdit("Leave the hands of the office alone", Datasets, "spec:\n  mountpoint: /srv/software\n", "spec:\n  drift: report\n  mountpoint: /srv/software\n");
        await nas.WaitForApplied(await nas.Tip());
        var tip = await nas.StatusTip();

        await nas.Must("zfs set recordsize=64K tank/software");
        await nas.AgentPass();

        await nas.WaitForDriftNamed(tip, "Dataset", "tank/software");
        Assert.Equal("65536", await nas.Property("tank/software", "recordsize"));

        await nas.EnsureOfficeApplied();
        Assert.Equal("1048576", await nas.Property("tank/software", "recordsize"));
    }

    [LabFact(34)]
    public async Task While_Git_is_unreachable_drift_is_still_corrected()
    {
        await nas.EnsureOfficeApplied();
        await nas.Must($"mv {OfficeNas.Bare} {OfficeNas.Bare}.away");
        try
        {
            await nas.WaitForStatus(
                "the status says that the source cannot be reached",
                s => s.Conditions.Any(c => (c.Reason + c.Message).Contains("unreachable", StringComparison.OrdinalIgnoreCase)
                    || (c.Reason + c.Message).Contains("fetch", StringComparison.OrdinalIgnoreCase)));
            await nas.Must("zfs set recordsize=32K tank/projects");
            await nas.WaitUntil("recordsize is 1 MiB again", "zfs get -Hp -o value recordsize tank/projects", value => value == "1048576");
        }
        finally
        {
            await nas.Must($"mv {OfficeNas.Bare}.away {OfficeNas.Bare}");
        }

        await nas.Push("After the outage", ("hosts/nas1/note.yaml", "# nothing yet\n"));
        await nas.WaitForApplied(await nas.Tip());
    }
}

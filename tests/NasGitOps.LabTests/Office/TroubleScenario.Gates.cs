using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Office;

public sealed partial class TroubleScenario
{
    [LabFact(54)]
    public async Task What_waits_for_a_person_a_pool_or_a_window_goes_on_when_it_comes_and_not_before()
    {
        await nas.EnsureOfficeApplied();
        string[] doors = ["w1", "w2", "w3", "w4", "w5", "w6", "w7"];
        var agentYaml = await nas.Text("cat /etc/nasgitops/agent.yaml") + "\n";
        try
        {
            await nas.Push("Seven doors to the archive", (Extra, string.Concat(doors.Select(Door))));
            await nas.WaitForApplied(await nas.Tip());
            await TooManyRemovalsAreApprovedAndAStaleApprovalIsRefused(doors);
            await WhatCutsClientsOffWaitsForTheMirror();
            await WhatCutsClientsOffWaitsForTheWindow(agentYaml);
        }
        finally
        {
            await nas.Must("zpool online tank /dev/disk/by-id/virtio-NAS02; true");
            await nas.WriteFile("/etc/nasgitops/agent.yaml", agentYaml);
            await nas.Must("systemctl restart nasgitops", limit: TimeSpan.FromMinutes(3));
        }

        await nas.EnsureOfficeApplied();
    }

    private async Task TooManyRemovalsAreApprovedAndAStaleApprovalIsRefused(string[] doors)
    {
        await nas.Push("Six of them go", (Extra, Door("w7")));
        await nas.WaitForStatus("six removals wait", s => doors[..6].All(d => s.Find("SmbShare", d)?.Says("BlastRadius") == true));
        var early = (await nas.Run("nasgitops approve")).Lines.Single(l => l.StartsWith("NasGitOps-Approve: ", StringComparison.Ordinal));

        await nas.Push($"The seventh too\n\n{early}", (Extra, null));
        var stale = (await nas.WaitForStatus("the approval does not cover the seventh", s => doors.All(d => s.Find("SmbShare", d)?.Says("ApprovalStale") == true))).Find("SmbShare", "w1")!;
        Assert.Contains("now it would also remove SmbShare/w7", stale.ToString(), StringComparison.Ordinal);
        Assert.True((await nas.Smb("bob", "w1", "ls")).Ok);

        var approve = await nas.Run("nasgitops approve");
        Assert.Contains("An approval was given and does not match", approve.Error, StringComparison.Ordinal);
        var trailer = approve.Lines.Single(l => l.StartsWith("NasGitOps-Approve: ", StringComparison.Ordinal));
        Assert.NotEqual(early, trailer);
        await nas.Push($"All seven\n\n{trailer}");
        await nas.WaitForApplied(await nas.Tip());
        Assert.DoesNotContain("[w", await nas.Text("testparm -s 2>/dev/null"), StringComparison.Ordinal);
    }

    private async Task WhatCutsClientsOffWaitsForTheMirror()
    {
        await nas.Must("zpool offline tank /dev/disk/by-id/virtio-NAS02");
        await nas.PushEdit("No programs in the archive", Datasets, "{compression: zstd-9}", "{compression: zstd-9, exec: \"off\"}");
        var waiting = await nas.WaitForStatus("it waits for the mirror", s => s.Find("Dataset", "tank/projects/archive")?.Says("PoolDegraded") == true);
        Assert.Contains("pool tank is DEGRADED", waiting.Text, StringComparison.Ordinal);
        Assert.Equal("on", await nas.Property("tank/projects/archive", "exec"));

        await nas.Must("zpool online tank /dev/disk/by-id/virtio-NAS02");
        await nas.WaitForApplied(await nas.Tip());
        Assert.Equal("off", await nas.Property("tank/projects/archive", "exec"));
    }

    private async Task WhatCutsClientsOffWaitsForTheWindow(string agentYaml)
    {
        // A drift interval that would come too late by far: the agent wakes for the window.
        var opens = long.Parse(await nas.Text("date -u -d '+4 minutes' +%s"), null) / 60 * 60;
        var window = $"maintenanceWindows: [{{cron: \"{await nas.Text($"date -u -d @{opens} '+%-M %-H'")} * * *\", duration: 30m}}]\n";
        await nas.WriteFile("/etc/nasgitops/agent.yaml", agentYaml.Replace("driftInterval: 30s", "driftInterval: 1h", StringComparison.Ordinal) + window);
        await nas.Must("systemctl restart nasgitops", limit: TimeSpan.FromMinutes(3));
        await nas.PushEdit("Programs again, and a new door", Datasets, ", exec: \"off\"}", "}");
        await nas.Push("A new door", (Extra, Door("w8")));
        var waiting = await nas.WaitForStatus("it waits for the window", s => s.Find("Dataset", "tank/projects/archive")?.Says("MaintenanceWindow") == true && s.Find("SmbShare", "w8")?.IsReady == true);
        Assert.Contains("no maintenance window is open; the next opens at ", waiting.Text, StringComparison.Ordinal);
        Assert.Equal("off", await nas.Property("tank/projects/archive", "exec"));
        Assert.True(long.Parse(await nas.Text("date +%s"), null) < opens, "the window opened before the test had looked");

        await nas.WaitUntil("the window opens and it is done", "zfs get -Hp -o value exec tank/projects/archive", value => value == "on", TimeSpan.FromMinutes(8));
        Assert.True(long.Parse(await nas.Text("date +%s"), null) >= opens, "it was done before the window");
        await nas.WaitForApplied(await nas.Tip());
    }

    private static string Door(string name) => $"""
        apiVersion: nasgitops.io/v1
        kind: SmbShare
        metadata: {"{"}name: {name}{"}"}
        spec:
          dataset: tank/projects/archive
          access: {"{"}readOnly: ["@office"]{"}"}
        ---

        """;
}

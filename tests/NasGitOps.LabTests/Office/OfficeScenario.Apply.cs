using System.Globalization;
using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Office;

public sealed partial class OfficeScenario
{
    [LabFact(0)]
    [Trait("Scenario", "Smoke")]
    public async Task A_push_makes_a_pool_and_a_dataset_and_says_so()
    {
        await nas.PushTree("A pool and a dataset", new Dictionary<string, string>
        {
            [Pool] = OfficeNas.Example[Pool],
            [Extra] = DatasetManifest("tank/software", "{mountpoint: /srv/software, properties: {recordsize: 1M}}"),
        });
        await nas.EnsureAgent();
        var status = await nas.WaitForApplied(await nas.Tip());

        Assert.Equal("ONLINE", await nas.Text("zpool list -H -o health tank"));
        Assert.Equal("/srv/software", await nas.Property("tank/software", "mountpoint"));
        Assert.True(await nas.Succeeds("mountpoint -q /srv/software"));
        Assert.True(status.Find("Pool", "tank")?.IsReady, status.Text);
        Assert.True(status.Find("Dataset", "tank/software")?.IsReady, status.Text);
        await nas.WaitUntil("the status branch has a commit", $"git -C {OfficeNas.Bare} ls-tree --name-only {OfficeNas.StatusBranch}", files => files.Contains("status.yaml", StringComparison.Ordinal));
    }

    [LabFact(10)]
    public async Task A_push_of_the_office_example_makes_everything_that_it_declares()
    {
        var status = await nas.EnsureOfficeApplied();

        var topology = await nas.Text("zpool status -P tank");
        Assert.Contains("mirror-0", topology, StringComparison.Ordinal);
        Assert.Contains("/dev/disk/by-id/virtio-NAS01", topology, StringComparison.Ordinal);
        Assert.Contains("/dev/disk/by-id/virtio-NAS02", topology, StringComparison.Ordinal);
        Assert.Equal("12", await nas.Text("zpool get -Hp -o value ashift tank"));
        Assert.Equal("zstd", await nas.Property("tank", "compression"));

        Assert.Equal("1048576", await nas.Property("tank/projects", "recordsize"));
        Assert.Equal((400L << 30).ToString(CultureInfo.InvariantCulture), await nas.Property("tank/projects", "quota"));
        Assert.Equal((50L << 30).ToString(CultureInfo.InvariantCulture), await nas.Property("tank/projects", "userquota@bob"));
        Assert.Equal((300L << 30).ToString(CultureInfo.InvariantCulture), await nas.Property("tank/projects", "groupquota@office"));
        Assert.Equal("zstd-9", await nas.Property("tank/projects/archive", "compression"));
        Assert.Equal("root:office 2775", await nas.Text("stat -c '%U:%G %a' /tank/projects"));
        Assert.Equal("alice:office 2770", await nas.Text("stat -c '%U:%G %a' /tank/projects/incoming"));

        Assert.Equal("volume", await nas.Property("tank/vm/build", "type"));
        Assert.Equal((20L << 30).ToString(CultureInfo.InvariantCulture), await nas.Text("blockdev --getsize64 /dev/zvol/tank/vm/build"));
        Assert.Equal("0", await nas.Property("tank/vm/build", "refreservation"));

        Assert.Equal("aes-256-gcm", await nas.Property("tank/accounting", "encryption"));
        Assert.Equal("available", await nas.Property("tank/accounting", "keystatus"));
        Assert.Equal("yes", await nas.Property("tank/accounting", "mounted"));
        Assert.Equal("root:accounting 2770", await nas.Text("stat -c '%U:%G %a' /tank/accounting"));

        Assert.Equal("uid=2001(alice) gid=3000(office) groups=3000(office),3001(accounting)", await nas.Text("id alice"));
        Assert.Equal("uid=2003(carol) gid=3000(office) groups=3000(office)", await nas.Text("id carol"));
        Assert.EndsWith("nologin", await nas.Text("getent passwd alice"), StringComparison.Ordinal);

        var exported = await nas.Text("exportfs -s");
        Assert.Matches(@"(?m)^/tank/projects\s+10\.0\.0\.0/16\(.*\bcrossmnt\b.*\brw\b.*\broot_squash\b", exported);
        Assert.Matches(@"(?m)^/srv/software\s+10\.0\.0\.0/16\(.*\bro\b.*\ball_squash\b", exported);
        var shared = await nas.Text("testparm -s 2>/dev/null");
        Assert.Contains("[projects]", shared, StringComparison.Ordinal);
        Assert.Contains("[accounting]", shared, StringComparison.Ordinal);
        Assert.Contains("workgroup = OFFICE", shared, StringComparison.Ordinal);

        foreach (var (kind, name) in new[] { ("Pool", "tank"), ("Dataset", "tank/vm/build"), ("NfsExport", "projects"), ("SmbShare", "accounting"), ("User", "alice"), ("Group", "office"), ("SambaServer", "default") })
            Assert.True(status.Find(kind, name)?.IsReady, $"{kind}/{name} is not ready in\n{status.Text}");
    }

    [LabFact(11)]
    public async Task Data_is_read_and_written_through_a_kernel_NFS_mount()
    {
        await nas.EnsureOfficeApplied();

        var written = await nas.ThroughNfs("/tank/projects", "runuser -u alice -- sh -c 'echo by-nfs >/mnt/lab/incoming/nfs.txt && cat /mnt/lab/incoming/nfs.txt'");
        Assert.True(written.Ok, written.ToString());
        Assert.Equal("by-nfs", written.Text);
        Assert.Equal("by-nfs", await nas.Text("cat /tank/projects/incoming/nfs.txt"));
        Assert.Equal("alice:office", await nas.Text("stat -c %U:%G /tank/projects/incoming/nfs.txt"));

        var rootIsNobody = await nas.ThroughNfs("/tank/projects", "touch /mnt/lab/incoming/root.txt");
        Assert.False(rootIsNobody.Ok, rootIsNobody.ToString());

        await nas.Must("echo setup >/srv/software/setup.txt");
        Assert.Equal("setup", (await nas.ThroughNfs("/srv/software", "cat /mnt/lab/setup.txt")).Text);
        var readOnly = await nas.ThroughNfs("/srv/software", "runuser -u alice -- touch /mnt/lab/no.txt");
        Assert.Contains("Read-only file system", readOnly.Error, StringComparison.Ordinal);

        var stranger = await nas.Run("mkdir -p /mnt/stranger && timeout 60 mount -t nfs4 -o soft,retry=0 127.0.0.1:/tank/projects /mnt/stranger");
        Assert.False(stranger.Ok, "127.0.0.1 is no client of the export and mounted it all the same");
    }

    [LabFact(12)]
    public async Task Each_user_reads_and_writes_through_SMB_and_a_user_without_rights_is_refused()
    {
        await nas.EnsureOfficeApplied();
        await nas.Must("echo by-smb >/tmp/smb.txt");

        foreach (var user in new[] { "alice", "bob" })
        {
            var put = await nas.Smb(user, "projects", $"put /tmp/smb.txt smb-{user}.txt; get smb-{user}.txt /tmp/back-{user}.txt");
            Assert.True(put.Ok, put.ToString());
            Assert.Equal("by-smb", await nas.Text($"cat /tmp/back-{user}.txt"));
            Assert.Equal($"{user}:office", await nas.Text($"stat -c %U:%G /tank/projects/smb-{user}.txt"));
        }

        var carolReads = await nas.Smb("carol", "projects", "get smb-alice.txt /tmp/back-carol.txt");
        Assert.True(carolReads.Ok, carolReads.ToString());
        var carolWrites = await nas.Smb("carol", "projects", "put /tmp/smb.txt smb-carol.txt");
        Assert.False(carolWrites.Ok, carolWrites.ToString());
        Assert.Contains("NT_STATUS_", carolWrites.Output + carolWrites.Error, StringComparison.Ordinal);
        Assert.False(await nas.Succeeds("test -e /tank/projects/smb-carol.txt"));

        var aliceAccounts = await nas.Smb("alice", "accounting", "put /tmp/smb.txt books.txt; ls");
        Assert.True(aliceAccounts.Ok, aliceAccounts.ToString());
        foreach (var user in new[] { "bob", "carol" })
        {
            var refused = await nas.Smb(user, "accounting", "ls");
            Assert.False(refused.Ok, refused.ToString());
            Assert.Contains("NT_STATUS_ACCESS_DENIED", refused.Output + refused.Error, StringComparison.Ordinal);
        }

        var wrongPassword = await nas.Run("smbclient //127.0.0.1/accounting -U 'alice%wrong' -c ls");
        Assert.Contains("NT_STATUS_LOGON_FAILURE", wrongPassword.Output + wrongPassword.Error, StringComparison.Ordinal);
        var guest = await nas.Run("smbclient //127.0.0.1/projects -N -c ls");
        Assert.False(guest.Ok, guest.ToString());
    }

    [LabFact(13)]
    public async Task Nested_datasets_are_read_through_one_NFS_export_and_one_share()
    {
        await nas.EnsureOfficeApplied();
        await nas.Must("echo deep >/tank/projects/archive/deep.txt && chmod 644 /tank/projects/archive/deep.txt");

        var byNfs = await nas.ThroughNfs("/tank/projects", "runuser -u bob -- cat /mnt/lab/archive/deep.txt");
        Assert.True(byNfs.Ok, byNfs.ToString());
        Assert.Equal("deep", byNfs.Text);

        var bySmb = await nas.Smb("bob", "projects", "get archive\\deep.txt /tmp/deep.back");
        Assert.True(bySmb.Ok, bySmb.ToString());
        Assert.Equal("deep", await nas.Text("cat /tmp/deep.back"));
    }

    [LabFact(20)]
    public async Task A_second_pass_changes_nothing()
    {
        await nas.EnsureOfficeApplied();
        await nas.AgentPass();
        var journal = await nas.Journal();
        var tip = await nas.StatusTip();

        await nas.AgentPass();

        Assert.Equal(journal, await nas.Journal());
        Assert.Equal(tip, await nas.StatusTip());
        var plan = await nas.Run("nasgitops plan --exit-code -o json");
        Assert.True(plan.Ok, $"the plan after an apply is not empty\n{plan}");
    }

    [LabFact(21)]
    public async Task No_secret_is_in_a_log_a_status_the_journal_or_Git()
    {
        await nas.EnsureOfficeApplied();
        foreach (var secret in OfficeNas.Secrets.Values)
        {
            var found = await nas.Run($"""
                grep -rlF '{secret}' /var/lib/nasgitops /etc/samba/*.conf* /etc/exports.d
                journalctl --no-pager -u nasgitops | grep -F '{secret}'
                git -C {OfficeNas.Bare} log --all -p | grep -F '{secret}'
                curl -s http://127.0.0.1:9753/status.json | grep -F '{secret}'
                """);
            Assert.Equal("", found.Text);
        }
    }

    [LabFact(22)]
    public async Task The_metrics_are_clean_and_the_health_pages_answer()
    {
        await nas.EnsureOfficeApplied();
        var check = await nas.Run("curl -sf http://127.0.0.1:9753/metrics | tee /tmp/metrics | promtool check metrics");
        Assert.True(check.Ok && check.Output.Length + check.Error.Length == 0, check.ToString());
        Assert.True(await nas.Succeeds("test -s /tmp/metrics && grep -q '^nasgitops_' /tmp/metrics"));
        Assert.True(await nas.Succeeds("curl -sf http://127.0.0.1:9753/healthz && curl -sf http://127.0.0.1:9753/readyz"));
        Assert.StartsWith("{", await nas.Text("curl -sf http://127.0.0.1:9753/status.json"), StringComparison.Ordinal);
    }
}

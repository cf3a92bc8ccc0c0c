using System.Globalization;
using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Office;

public sealed partial class OfficeScenario
{
    [LabFact(40)]
    public async Task A_changed_quota_and_recordsize_are_applied()
    {
        await nas.EnsureOfficeApplied();
        await nas.Must("echo precious >/tank/projects/precious.txt");

        await nas.Push(
            "More room for the projects",
            (Datasets, OfficeNas.Example[Datasets]
                .Replace("quota: 400GiB", "quota: 450GiB", StringComparison.Ordinal)
                .Replace("recordsize: 1M, xattr", "recordsize: 512K, xattr", StringComparison.Ordinal)));
        await nas.WaitForApplied(await nas.Tip());

        Assert.Equal((450L << 30).ToString(CultureInfo.InvariantCulture), await nas.Property("tank/projects", "quota"));
        Assert.Equal("524288", await nas.Property("tank/projects", "recordsize"));
        Assert.Equal("precious", await nas.Text("cat /tank/projects/precious.txt"));
    }

    [LabFact(41)]
    public async Task A_property_taken_from_a_manifest_is_inherited_again_only_where_we_set_it()
    {
        await nas.EnsureOfficeApplied();
        await nas.Must("zfs set logbias=throughput tank/projects/archive");

        await nas.PushEdit("The archive compresses as the rest", Datasets, "  properties: {compression: zstd-9}\n", "");
        await nas.WaitForApplied(await nas.Tip());

        Assert.Equal("zstd\tinherited from tank", await nas.Text("zfs get -Hp -o value,source compression tank/projects/archive"));
        Assert.Equal("throughput\tlocal", await nas.Text("zfs get -Hp -o value,source logbias tank/projects/archive"));
        await nas.Must("zfs inherit logbias tank/projects/archive");
    }

    [LabFact(42)]
    public async Task A_changed_client_of_an_export_is_applied()
    {
        await nas.EnsureOfficeApplied();

        await nas.PushEdit(
            "Projects only for the new wing",
            Exports,
            "    - {host: 10.0.0.0/16, access: rw, squash: root}",
            "    - {host: 10.7.0.0/24, access: rw, squash: root}\n    - {host: 10.0.2.0/24, access: ro, squash: root}");
        await nas.WaitForApplied(await nas.Tip());

        var exported = await nas.Text("exportfs -s | grep ^/tank/projects");
        Assert.Contains("10.7.0.0/24(", exported, StringComparison.Ordinal);
        Assert.Contains("10.0.2.0/24(", exported, StringComparison.Ordinal);
        Assert.DoesNotContain("10.0.0.0/16(", exported, StringComparison.Ordinal);
        var write = await nas.ThroughNfs("/tank/projects", "runuser -u alice -- touch /mnt/lab/incoming/later.txt");
        Assert.Contains("Read-only file system", write.Error, StringComparison.Ordinal);
    }

    [LabFact(43)]
    public async Task A_user_taken_from_a_share_loses_access()
    {
        await nas.EnsureOfficeApplied();
        Assert.True((await nas.Smb("bob", "projects", "ls")).Ok);

        await nas.PushEdit("Bob leaves the projects", Shares, "readWrite: [alice, bob]", "readWrite: [alice]");
        await nas.WaitForApplied(await nas.Tip());

        var refused = await nas.Smb("bob", "projects", "ls");
        Assert.False(refused.Ok, refused.ToString());
        Assert.Contains("NT_STATUS_ACCESS_DENIED", refused.Output + refused.Error, StringComparison.Ordinal);
        Assert.True((await nas.Smb("alice", "projects", "ls")).Ok);
    }

    [LabFact(44)]
    public async Task A_dataset_renamed_by_movedFrom_keeps_its_data_and_snapshots()
    {
        await nas.EnsureOfficeApplied();
        await nas.Push("A draft", (Extra, DatasetManifest("tank/draft", "{properties: {compression: lz4}}")));
        await nas.WaitForApplied(await nas.Tip());
        await nas.Must("echo thesis >/tank/draft/thesis.txt && zfs snapshot tank/draft@monday");
        var guid = await nas.Property("tank/draft", "guid");

        await nas.Push("The draft is final", (Extra, DatasetManifest("tank/final", "{movedFrom: tank/draft, properties: {compression: lz4}}")));
        await nas.WaitForApplied(await nas.Tip());

        Assert.Equal(guid, await nas.Property("tank/final", "guid"));
        Assert.Equal("thesis", await nas.Text("cat /tank/final/thesis.txt"));
        Assert.Equal("thesis", await nas.Text("cat /tank/final/.zfs/snapshot/monday/thesis.txt"));
        Assert.False(await nas.Succeeds("zfs list -H tank/draft"));

        await RestoreOffice("Dataset/tank/final");
    }

    [LabFact(45)]
    public async Task A_deleted_manifest_unshares_and_leaves_the_dataset_orphaned_with_all_its_data()
    {
        await nas.EnsureOfficeApplied();
        const string Share = """
            ---
            apiVersion: nasgitops.io/v1
            kind: SmbShare
            metadata: {name: fair}
            spec: {dataset: tank/fair, access: {readWrite: [alice]}}
            ---
            apiVersion: nasgitops.io/v1
            kind: NfsExport
            metadata: {name: fair}
            spec: {dataset: tank/fair, clients: [{host: 10.0.0.0/16, access: ro}]}

            """;
        await nas.Push("The fair", (Extra, DatasetManifest("tank/fair", "{permissions: {owner: alice, group: office, mode: \"0770\"}}") + Share));
        await nas.WaitForApplied(await nas.Tip());
        await nas.Must("echo stand 7 >/tank/fair/stand.txt && zfs snapshot tank/fair@open");
        Assert.True((await nas.Smb("alice", "fair", "ls")).Ok);

        await nas.Push("The fair is over", (Extra, null));
        await nas.WaitForApplied(await nas.Tip());
        var status = await nas.WaitForStatus("the dataset is an orphan", s => s.Find("Dataset", "tank/fair")?.Says("Orphaned") == true);

        Assert.Contains("NT_STATUS_BAD_NETWORK_NAME", (await nas.Smb("alice", "fair", "ls")) is var gone ? gone.Output + gone.Error : "", StringComparison.Ordinal);
        Assert.DoesNotContain("/tank/fair", await nas.Text("exportfs -s"), StringComparison.Ordinal);
        Assert.False(await nas.Succeeds("test -e /etc/exports.d/nasgitops-fair.exports"));
        Assert.Equal("stand 7", await nas.Text("cat /tank/fair/stand.txt"));
        Assert.True(await nas.Succeeds("zfs list -H tank/fair@open"));
        Assert.True(status.Find("Dataset", "tank/projects")?.IsReady, status.Text);

        await RestoreOffice("Dataset/tank/fair");
    }

    [LabFact(46)]
    public async Task An_empty_commit_removes_nothing()
    {
        await nas.EnsureOfficeApplied();
        var journal = await nas.Journal();

        await nas.PushTree("Oops", new Dictionary<string, string>());
        var tip = await nas.Tip();
        await nas.WaitForStatus("the empty source is named", s => s.LastAttemptedCommit == tip && s.Text.Contains("EmptySource", StringComparison.Ordinal));
        await nas.AgentPass();

        Assert.Equal(journal, await nas.Journal());
        Assert.True((await nas.Smb("alice", "projects", "ls")).Ok);
        Assert.Contains("/tank/projects", await nas.Text("exportfs -s"), StringComparison.Ordinal);
    }

    [LabFact(47)]
    public async Task An_invalid_commit_is_not_applied_and_the_last_good_state_is_enforced()
    {
        var good = (await nas.EnsureOfficeApplied()).LastAppliedCommit;
        var journal = await nas.Journal();

        await nas.Push(
            "A good quota, and a typo",
            (Datasets, OfficeNas.Example[Datasets].Replace("quota: 400GiB", "quota: 410GiB", StringComparison.Ordinal)),
            (Extra, DatasetManifest("tank/typo", "{\n  qouta: 1GiB}")));
        var bad = await nas.Tip();
        var status = await nas.WaitForStatus("the invalid commit is named", s => s.LastAttemptedCommit == bad && s.Problems.Count > 0);

        var problem = Assert.Single(status.Problems, p => p.File.EndsWith("extra.yaml", StringComparison.Ordinal));
        Assert.Equal(5, problem.Line);
        Assert.Contains("qouta", problem.FieldPath + problem.Message, StringComparison.Ordinal);
        Assert.Equal(good, status.InForceCommit);
        Assert.Equal(good, status.LastAppliedCommit);
        Assert.False(await nas.Succeeds("zfs list -H tank/typo"));
        Assert.Equal((400L << 30).ToString(CultureInfo.InvariantCulture), await nas.Property("tank/projects", "quota"));
        Assert.Equal(journal, await nas.Journal());

        await nas.Must("zfs set recordsize=16K tank/projects");
        await nas.WaitUntil("the last good state is enforced", "zfs get -Hp -o value recordsize tank/projects", value => value == "1048576");
    }

    [LabFact(48)]
    public async Task A_commit_with_option_injection_touches_nothing()
    {
        await nas.EnsureOfficeApplied();
        var before = await nas.Text("sha256sum /etc/samba/* /etc/exports /etc/exports.d/* /etc/passwd 2>/dev/null; testparm -s 2>/dev/null; exportfs -s");
        var journal = await nas.Journal();

        await nas.Push("Not nice", ("hosts/nas1/nasty.yaml", """
            apiVersion: nasgitops.io/v1
            kind: SmbShare
            metadata: {name: "evil]\n  root preexec = touch /tmp/owned\n[x"}
            spec: {dataset: tank/projects, access: {readWrite: [alice]}}
            ---
            apiVersion: nasgitops.io/v1
            kind: SmbShare
            metadata: {name: evil2}
            spec: {dataset: tank/projects, comment: "a\nroot preexec = touch /tmp/owned", access: {readWrite: [alice]}}
            ---
            apiVersion: nasgitops.io/v1
            kind: NfsExport
            metadata: {name: evil3}
            spec: {dataset: tank/projects, clients: [{host: "10.0.0.1 (rw,no_root_squash)", access: ro}]}
            ---
            apiVersion: nasgitops.io/v1
            kind: Dataset
            metadata: {name: "tank/$(touch /tmp/owned)"}
            spec: {}

            """));
        var bad = await nas.Tip();
        var status = await nas.WaitForStatus("the commit is refused", s => s.LastAttemptedCommit == bad && s.Problems.Count >= 4);

        Assert.All(status.Problems, problem => Assert.True(problem.Line > 0, problem.ToString()));
        Assert.Equal(before, await nas.Text("sha256sum /etc/samba/* /etc/exports /etc/exports.d/* /etc/passwd 2>/dev/null; testparm -s 2>/dev/null; exportfs -s"));
        Assert.Equal(journal, await nas.Journal());
        Assert.False(await nas.Succeeds("test -e /tmp/owned"));
    }
}

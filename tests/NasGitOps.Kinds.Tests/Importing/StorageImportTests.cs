using NasGitOps.Core.Planning;

namespace NasGitOps.Kinds.Tests.Importing;

public sealed class StorageImportTests
{
    [Fact]
    public void A_pool_and_its_datasets_are_written_as_a_person_would_and_adopted()
    {
        var scene = Imports.ByHand(
            ("tank/media", """{"quota":"500GiB","properties":{"recordsize":"1M","compression":"zstd"},"mountpoint":"/srv/media"}"""),
            ("tank/vm", """{"type":"volume","volumeSize":"32MiB","sparse":true}"""));

        var imported = Imports.Of(scene);

        Assert.Equal(
            """
            # What nas had when 'nasgitops import' ran.
            apiVersion: nasgitops.io/v1
            kind: Pool
            metadata:
              name: tank
            spec:
              backend: zfs
              vdevs:
                - type: mirror
                  disks:
                    - /dev/disk/by-id/d0
                    - /dev/disk/by-id/d1

            """,
            Imports.Text(imported, "pools.yaml"));
        Assert.Equal(
            """
            # What nas had when 'nasgitops import' ran.
            apiVersion: nasgitops.io/v1
            kind: Dataset
            metadata:
              name: tank/media
            spec:
              quota: 500GiB
              properties:
                compression: zstd
                recordsize: 1MiB
              mountpoint: /srv/media
            ---
            apiVersion: nasgitops.io/v1
            kind: Dataset
            metadata:
              name: tank/vm
            spec:
              type: volume
              volumeSize: 32MiB
              sparse: true

            """,
            Imports.Text(imported, "datasets.yaml"));
        Assert.Empty(imported.LeftOut);
        var plan = Imports.Commit(scene, imported).Plan();
        Assert.Equal(3, plan.Changes.Count);
        Assert.All(plan.Changes, c => Assert.Equal((ChangeAction.Adopt, 0), (c.Action, c.Fields.Count)));
        Assert.Empty(scene.Apply().Plan().Changes);
    }

    [Fact]
    public void An_encrypted_dataset_with_its_key_loaded_is_adopted_without_the_secret_and_says_where_to_put_it()
    {
        var scene = Imports.ByHand(("tank/papers", """{"encryption":{"key":{"secretRef":"key-1"}}}"""));

        var imported = Imports.Of(scene);

        Assert.Contains("# Put its key into /etc/nasgitops/secrets/tank-papers-key (root, mode 0600)", Imports.Text(imported, "datasets.yaml"), StringComparison.Ordinal);
        Assert.Contains("secretRef: tank-papers-key", Imports.Text(imported, "datasets.yaml"), StringComparison.Ordinal);
        Assert.Empty(Imports.Commit(scene, imported).Apply().Plan().Changes);
    }

    [Fact]
    public void A_dataset_of_the_system_or_one_that_is_not_mounted_is_left_out_with_the_reason()
    {
        var scene = Imports.ByHand(("tank/a", "{}"), ("tank/b", "{}"))
            .Type("zfs", "set", "mountpoint=/var/lib/data", "tank/a")
            .Edit(host => host.With(host.Datasets["tank/b"] with { MountedAt = null }));

        var imported = Imports.Of(scene);

        var text = Imports.Text(imported, "left-out.yaml");
        Assert.Contains("# - Dataset/tank/a: /var/lib/data belongs to the system\n", text, StringComparison.Ordinal);
        Assert.Contains("# - Dataset/tank/b: it is not mounted, and a pass would mount it;", text, StringComparison.Ordinal);
        Assert.Equal("Pool/tank", Assert.Single(imported.Manifests).Id.ToString());
    }

    [Fact]
    public void A_layout_that_no_manifest_can_say_is_left_out_and_the_pool_adopted_as_it_is()
    {
        var scene = Imports.ByHand()
            .Edit(host => host with { Pools = host.Pools.SetItem("tank", host.Pools["tank"] with { Vdevs = [host.Pools["tank"].Vdevs[0] with { Type = "draid1:1d:2c:0s" }] }) });

        var imported = Imports.Of(scene);

        Assert.Contains("# vdevs left out, because no manifest can say 'draid1'", Imports.Text(imported, "pools.yaml"), StringComparison.Ordinal);
        Assert.Empty(Imports.Commit(scene, imported).Apply().Plan().Changes);
    }
}

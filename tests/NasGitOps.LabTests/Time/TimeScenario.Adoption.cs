using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Time;

/// <summary>Before this NAS is managed: another, set up by hand on the same machine, moves over and back.</summary>
public sealed partial class TimeScenario
{
    private const string ByHand = """
        set -e
        zpool create -o autotrim=on -O compression=zstd -m /adopted adopted mirror /dev/disk/by-id/virtio-NAS05 /dev/disk/by-id/virtio-NAS06
        zfs create -o quota=200M adopted/docs && zfs create -o recordsize=1M adopted/docs/scans && zfs create -s -V 32M adopted/vol
        useradd -u 2150 -M -s /usr/sbin/nologin greta && printf 'Greta-Spring-7\nGreta-Spring-7\n' | smbpasswd -s -a greta
        echo 'held by clients' >/adopted/docs/paper && chown -R greta /adopted/docs
        printf '# by hand\n/adopted/docs  10.0.2.0/24(rw,no_root_squash,no_subtree_check)\n/home 10.0.2.0/24(ro,no_subtree_check)\n' >>/etc/exports && exportfs -ra
        printf '\n; papers\n[docs]\n   comment = Papers\n   path = /adopted/docs\n   valid users = greta\n   writeable = yes\n\n; films\n[films]\n   path = /home\n' >>/etc/samba/smb.conf
        mkdir -p /etc/sanoid && printf '[adopted/docs]\n\tuse_template = production\n\trecursive = yes\n[template_production]\n\thourly = 36\n\tdaily = 30\n' >/etc/sanoid/sanoid.conf
        systemctl enable -q --now smbd && smbcontrol smbd reload-config
        cp /etc/exports /root/exports.was && cp /etc/samba/smb.conf /root/smb.conf.was
        mkdir -p /mnt/adopted && mount -t nfs4 -o soft,timeo=50,actimeo=0 10.0.2.15:/adopted/docs /mnt/adopted
        mkdir -p /root/adopt && git init -q --bare /srv/git/adopt.git && git init -q /root/adopt/tree && git -C /root/adopt/tree remote add origin file:///srv/git/adopt.git
        printf 'host: nas1\nrepository: {url: "file:///srv/git/adopt.git", branch: main}\nstateDirectory: /root/adopt/state\nstatus: {file: /root/adopt/status.yaml}\n' >/root/adopt/agent.yaml
        """;

    private const string Back = """
        set -e
        umount /mnt/adopted && rm -r /etc/sanoid
        cp /etc/exports.before-nasgitops /etc/exports && cp /etc/samba/smb.conf.before-nasgitops /root/smb.conf.kept
        rm -f /etc/exports.d/nasgitops-* /etc/samba/nasgitops.conf /etc/samba/nasgitops.d/* && cp /root/smb.conf.was /etc/samba/smb.conf
        exportfs -ra && smbcontrol smbd reload-config
        """;

    [LabFact(0)]
    public async Task A_NAS_that_was_made_by_hand_is_imported_adopted_and_served_as_before()
    {
        await nas.Must(ByHand);
        const string smb = "smbclient //127.0.0.1/docs -U greta%Greta-Spring-7 -c 'get paper -'";
        Assert.Contains("held by clients", (await nas.Must(smb)).Output, StringComparison.Ordinal);
        var properties = await nas.Text("zfs get -Hp -r -s local -o name,property,value all adopted | grep -v nasgitops:");

        await nas.Must("nasgitops import --config /root/adopt/agent.yaml --take-over --output /root/adopt/tree");
        await nas.Must("cd /root/adopt/tree && git add -A && git commit -q -m 'As it is' && git push -q origin HEAD:main");
        var tree = await nas.Text("cat /root/adopt/tree/hosts/nas1/*.yaml");
        Assert.Contains("/dev/disk/by-id/virtio-NAS05", tree, StringComparison.Ordinal);
        Assert.Contains("# - share [films]: it lies on no mounted dataset that is described", tree, StringComparison.Ordinal);

        var plan = await nas.Text("nasgitops plan --config /root/adopt/agent.yaml -o json | tr -d ' \\n'");
        foreach (var id in new[] { "Pool/adopted", "Dataset/adopted/docs", "Dataset/adopted/docs/scans", "Dataset/adopted/vol", "User/greta", "NfsExport/docs", "SmbShare/docs", "SnapshotSchedule/production" })
            Assert.Contains($"{{\"kind\":\"{id.Split('/', 2)[0]}\",\"name\":\"{id.Split('/', 2)[1]}\"}},\"action\":\"adopt\"", plan, StringComparison.Ordinal);
        Assert.DoesNotMatch("\"action\":\"(?!adopt)", plan);
        Assert.DoesNotContain("\"disruptive\"", plan, StringComparison.Ordinal);

        await nas.Must("nasgitops apply --config /root/adopt/agent.yaml", limit: TimeSpan.FromMinutes(3));
        await nas.Must("nasgitops plan --config /root/adopt/agent.yaml --exit-code");

        Assert.Equal("held by clients", await nas.Text("cat /mnt/adopted/paper"));
        Assert.True((await nas.ThroughNfs("/adopted/docs", "grep -q 'held by clients' /mnt/lab/paper && touch /mnt/lab/new")).Ok, "a new NFS mount does not work");
        Assert.Contains("held by clients", (await nas.Must(smb)).Output, StringComparison.Ordinal);
        Assert.Equal(properties, await nas.Text("zfs get -Hp -r -s local -o name,property,value all adopted | grep -v nasgitops:"));
        Assert.DoesNotContain("/adopted/docs", await nas.Text("cat /etc/exports"), StringComparison.Ordinal);
        Assert.Contains("/home 10.0.2.0/24(ro,no_subtree_check)", await nas.Text("cat /etc/exports"), StringComparison.Ordinal);
        Assert.Equal("[films]", await nas.Text("grep -x '\\[docs\\]\\|\\[films\\]' /etc/samba/smb.conf"));

        // The way back: what was kept is what was there.
        await nas.Must(Back);
        await nas.Must("cmp /etc/exports /root/exports.was && grep -q '^   comment = Papers$' /root/smb.conf.kept");
        Assert.Contains("held by clients", (await nas.Must(smb)).Output, StringComparison.Ordinal);
        await nas.Must("zpool destroy adopted && userdel greta && pdbedit -x greta && sed -i '/adopted\\|by hand\\|^.home/d' /etc/exports && exportfs -ra && sed -i '/^; papers/,$d' /etc/samba/smb.conf && smbcontrol smbd reload-config && for disk in 5 6; do wipefs -qa /dev/disk/by-id/virtio-NAS0$disk; done; rm -rf /root/adopt");
    }
}

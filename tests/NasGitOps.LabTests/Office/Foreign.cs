using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Office;

/// <summary>What others own on the host, as it was before nasgitops ran: a pool, exports, Samba shares and globals, an account.</summary>
public sealed record Foreign(string SambaConfiguration, string Exports, string Pool, string Accounts)
{
    public static Foreign None { get; } = new("", "", "", "");

    // Everything `zfs get all` tells but what changes by itself: usage and whether a dataset is mounted.
    private const string ReadPool = """
        zfs get -Hp -o name,property,value,source -r all attic \
          | awk -F '\t' '$2 !~ /^(used|usedby.*|available|referenced|written.*|logicalused|logicalreferenced|compressratio|refcompressratio|filesystem_count|snapshot_count|objsetid)$/'
        zpool get -Hp -o property,value,source all attic | awk -F '\t' '$1 !~ /^(allocated|free|freeing|fragmentation|capacity|dedupratio|load_guid|leaked|checkpoint|expandsize|bclone.*|dedup.*)$/'
        find /attic -type f -exec sha256sum {} +
        """;

    private const string ReadAccounts = "grep -E '^(legacy|root|nobody):' /etc/passwd /etc/shadow; pdbedit -L -w -u legacy";

    /// <summary>Puts foreign things on the host and remembers them.</summary>
    public static async Task<Foreign> Settle(OfficeNas nas)
    {
        await nas.Must("""
            set -e
            zpool create -m /attic attic /dev/disk/by-id/virtio-NAS08
            zfs create -o compression=lz4 attic/old
            zfs set mine:note=hello attic/old
            echo 'older than all of you' >/attic/old/letter.txt
            zfs snapshot attic/old@before
            useradd -M -s /usr/sbin/nologin legacy
            printf 'Legacy-Spring-08\nLegacy-Spring-08\n' | smbpasswd -s -a legacy
            printf '# by hand, years ago\n/attic/old 10.9.0.0/16(ro,sync,no_subtree_check)\n' >>/etc/exports
            exportfs -ra
            """);
        // Globals after a share, as hosts that grew have them: an include in the wrong place would swallow them.
        await nas.Must("cat >>/etc/samba/smb.conf && smbcontrol all reload-config", """

            [attic]
               path = /attic/old
               valid users = legacy
               read only = yes

            [global]
               server string = An old NAS

            """);
        return await Read(nas);
    }

    public static async Task<Foreign> Read(OfficeNas nas)
        => new((await nas.Must("cat /etc/samba/smb.conf")).Output, (await nas.Must("cat /etc/exports")).Output, (await nas.Must(ReadPool)).Output, (await nas.Must(ReadAccounts)).Output);

    /// <summary>The same things are there, byte for byte; smb.conf may have gained one marked block at its very end.</summary>
    public async Task MustBeUntouched(OfficeNas nas)
    {
        var now = await Read(nas);
        Assert.Equal(Exports, now.Exports);
        Assert.Equal(Pool, now.Pool);
        Assert.Equal(Accounts, now.Accounts);
        Assert.StartsWith(SambaConfiguration, now.SambaConfiguration, StringComparison.Ordinal);
        var ours = now.SambaConfiguration[SambaConfiguration.Length..].Trim();
        if (ours.Length > 0)
        {
            Assert.StartsWith("# BEGIN nasgitops", ours, StringComparison.Ordinal);
            Assert.EndsWith("# END nasgitops", ours, StringComparison.Ordinal);
        }
    }
}

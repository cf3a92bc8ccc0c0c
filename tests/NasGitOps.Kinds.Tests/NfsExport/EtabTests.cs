using NasGitOps.Kinds.NfsExport;

namespace NasGitOps.Kinds.Tests.NfsExport;

/// <summary>On what nfs-utils 2.8.3 (Debian 13) wrote.</summary>
public class EtabTests
{
    private static readonly IReadOnlyList<ExportEntry> Recorded = Etab.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "NfsExport/Recorded/etab-2.8.3.txt")));

    [Fact]
    public void Every_line_is_one_path_and_one_client()
    {
        Assert.Equal(17, Recorded.Count);
        Assert.Equal(17, Recorded.DistinctBy(e => (e.Path, e.Client)).Count());
    }

    [Theory]
    [InlineData("/tank/my data")]
    [InlineData("/tank/media/hash#quote\"back\\end")]
    [InlineData("/tank/media/ünï")]
    [InlineData("/tank/media/com,ma(par)")]
    public void Paths_are_decoded(string path) => Assert.Contains(Recorded, e => e.Path == path && e.Client == "10.0.0.0/24");

    [Theory]
    [InlineData("/tank/media", "10.0.0.0/24", "rw")]
    [InlineData("/tank/media", "127.0.0.1", "rw,no_root_squash")]
    [InlineData("/tank/media", "nas2.lan", "ro,sec=sys:krb5p")]
    [InlineData("/tank/my data", "10.0.0.0/24", "rw,all_squash,anongid=3000,anonuid=2001,insecure,no_wdelay,nocrossmnt")]
    [InlineData("/tank/plain", "@trusted", "rw,nocrossmnt")]
    [InlineData("/tank/media/ünï", "10.0.0.0/24", "rw,nocrossmnt,unguarded")]
    public void Only_what_deviates_from_the_usual_is_told(string path, string client, string canonical) =>
        Assert.Equal(canonical, ExportOptions.Canonical(Recorded.Single(e => e.Path == path && e.Client == client).Options, null));

    [Fact]
    public void The_mount_point_that_guards_a_directory_is_compared() =>
        Assert.Equal("rw", ExportOptions.Canonical(Recorded.Single(e => e.Path == "/tank/media/sub/deep").Options, "/tank/media"));

    [Theory]
    [InlineData("fsid=1234567890", 1234567890u)]
    [InlineData("fsid=-294967296", 4000000000u)]
    public void A_large_fsid_is_printed_as_a_negative_number(string option, uint fsid) => Assert.Equal(fsid, ExportOptions.Fsid([option]));
}

using NasGitOps.Core.Observation;
using NasGitOps.Storage.Zfs;

namespace NasGitOps.Storage.Tests.Zfs;

public class ZfsBackendTests
{
    private static readonly ZfsBackend Backend = new();
    private static readonly Dictionary<string, string> Nothing = [];

    [Theory]
    [InlineData("quota")]
    [InlineData("refquota")]
    public void A_limit_of_none_is_written_as_none_since_0_is_refused(string property) =>
        Assert.Equal($"zfs set {property}=none tank/a", Change(new() { [property] = "0" }));

    [Theory]
    [InlineData("quota", "zfs set quota=none tank/a")]
    [InlineData("canmount", "zfs set canmount=on tank/a")]
    [InlineData("filesystem_limit", "zfs set filesystem_limit=none tank/a")]
    [InlineData("compression", "zfs inherit compression tank/a")]
    [InlineData("com.example:owner", "zfs inherit com.example:owner tank/a")]
    public void What_a_manifest_no_longer_names_is_given_back(string property, string command) => Assert.Equal(command, Change(Nothing, property));

    [Fact]
    public void Data_vdevs_stand_before_others_because_log_holds_for_what_follows()
    {
        VdevLayout[] vdevs = [new("mirror", "log", ["/dev/c", "/dev/d"]), new("mirror", "data", ["/dev/a", "/dev/b"])];
        var create = Backend.CreatePool(new NewPool("tank", vdevs, Nothing, Nothing, null, "Pool/tank", Force: false))[0].Describe();
        Assert.EndsWith("tank mirror /dev/a /dev/b log mirror /dev/c /dev/d", create);
    }

    [Fact]
    public void A_new_dataset_carries_all_of_its_mark_but_the_guid_from_the_first_command_on()
    {
        var steps = Backend.CreateDataset(new NewDataset("tank/a", null, Sparse: false, new Dictionary<string, string> { ["atime"] = "off" }, null, "Dataset/tank/a", "retain"));
        Assert.Equal(
            [
                "zfs create -u -o atime=off -o nasgitops:properties=atime -o nasgitops:deletion-policy=retain -o nasgitops:resource=Dataset/tank/a tank/a",
                "zfs get -Hp -o value guid tank/a",
                "zfs set 'nasgitops:guid=${guid}' tank/a",
            ],
            steps.Select(s => s.Describe()));
    }

    [Fact]
    public void A_mark_names_a_property_before_it_is_set_and_until_it_is_given_back()
    {
        var state = Tank with { Mark = new Mark("Dataset/tank/a", "7", ["sync"], "retain") };
        var change = new DatasetChange(state, new Dictionary<string, string> { ["atime"] = "off" }, ["sync"], new Mark("Dataset/tank/a", "7", ["atime"], "retain"));
        Assert.Equal(
            [
                "zfs set nasgitops:properties=atime,sync nasgitops:deletion-policy=retain nasgitops:resource=Dataset/tank/a nasgitops:guid=7 tank/a",
                "zfs set atime=off tank/a",
                "zfs inherit sync tank/a",
                "zfs set nasgitops:properties=atime nasgitops:deletion-policy=retain nasgitops:resource=Dataset/tank/a nasgitops:guid=7 tank/a",
            ],
            Backend.ChangeDataset(change).Select(s => s.Describe()));
    }

    private static string Change(Dictionary<string, string> set, params string[] clear) =>
        Assert.Single(Backend.ChangeDataset(new DatasetChange(Tank, set, clear, null))).Describe();

    private static readonly DatasetState Tank = new(
        "tank/a", "7", "zfs", "filesystem", new Dictionary<string, PropertyValue>(), null, Mounted: false, "/tank/a", "none", null, new Usage(0, 0, 0), new Dictionary<string, FileFacts>());
}

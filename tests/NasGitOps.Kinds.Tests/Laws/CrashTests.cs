using NasGitOps.Testing.Laws;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.Tests.Laws;

/// <summary>Histories in which a kill once left something wrong for ever. The law kills them at every instant.</summary>
public class CrashTests
{
    private const string Mirror = """{"vdevs": [{"type": "mirror", "disks": ["/dev/disk/by-id/d0", "/dev/disk/by-id/d1"]}]}""";
    private const string Moved = """{"mountpoint": "/srv/tank", "vdevs": [{"type": "mirror", "disks": ["/dev/disk/by-id/d0", "/dev/disk/by-id/d1"]}]}""";
    private const string Btrfs = """{"backend": "btrfs", "devices": ["/dev/disk/by-id/d2", "/dev/disk/by-id/d3"], "properties": {"atime": "off"}}""";

    [Fact]
    public void A_mark_written_by_half_does_not_count_and_is_written_anew() => Holds([("Pool", "vault", Btrfs)], []);

    [Fact]
    public void A_user_whose_account_was_written_and_whose_group_was_not() => Holds([("User", "carol", """{"uid": 1103}""")], []);

    [Fact]
    public void A_user_whose_access_was_taken_away_and_whose_record_was_not() =>
        Holds([("User", "carol", """{"uid": 1103, "smb": {"password": {"secretRef": "password-carol"}}}""")], []);

    [Fact]
    public void A_property_that_was_given_back_and_is_still_in_the_mark() => Holds(
        [("Pool", "tank", Mirror), ("Dataset", "tank/a", """{"properties": {"xattr": "on"}, "mountpoint": "none"}""")],
        [("Pool", "tank", Mirror), ("Dataset", "tank/a", "{}")]);

    [Fact]
    public void A_property_that_was_set_and_is_not_in_the_mark_yet() => Holds(
        [("Pool", "tank", Mirror), ("Dataset", "tank/a", "{}")],
        [("Pool", "tank", Mirror), ("Dataset", "tank/a", """{"properties": {"compression": "zstd"}, "quota": "1GiB"}""")]);

    [Fact]
    public void A_mount_whose_snapshots_are_unmounted_already() =>
        Holds([("Pool", "vault", Btrfs)], [("Pool", "vault", """{"backend": "btrfs", "mountpoint": "none"}""")]);

    [Fact]
    public void Below_an_orphan_whose_key_a_start_of_the_host_took_away() => Holds(
        [("Pool", "tank", Mirror), ("Dataset", "tank/c", """{"encryption": {"key": {"secretRef": "key-1"}}}""")],
        [("Pool", "tank", Moved), ("Dataset", "tank/c/d", """{"type": "volume", "volumeSize": "32MiB"}""")]);

    [Fact]
    public void A_limit_that_holds_and_is_not_kept_yet() => Holds([("Pool", "vault", Btrfs), ("Dataset", "vault/x", "{}")], [("Pool", "vault", Btrfs), ("Dataset", "vault/x", """{"refquota": "2GiB"}""")]);

    [Fact]
    public void A_pool_whose_disk_was_replaced_and_whose_log_was_not_removed() => Holds(
        [("Pool", "tank", """{"vdevs": [{"class": "log", "disks": ["/dev/disk/by-id/d4"]}, {"type": "mirror", "disks": ["/dev/disk/by-id/d5", "/dev/disk/by-id/d1"]}], "properties": {"canmount": "noauto"}}""")],
        [("Pool", "tank", """{"vdevs": [{"type": "mirror", "disks": ["/dev/disk/by-id/d0", "/dev/disk/by-id/d5"]}], "properties": {"copies": "1"}}""")]);

    [Fact]
    public void A_property_to_give_back_behind_an_account_that_is_missing_once_it_is_mounted() => Holds(
        [("Pool", "tank", Mirror), ("Dataset", "tank/c", """{"properties": {"canmount": "off", "copies": "2"}}""")],
        [("Pool", "tank", Mirror), ("Dataset", "tank/c", """{"properties": {"recordsize": "1M", "readonly": "off", "snapdir": "hidden", "logbias": "latency"}, "reservation": "1MiB", "directories": [{"path": "in/deep"}, {"path": "out", "group": "media"}]}""")]);

    [Fact]
    public void A_dataset_half_made_while_a_device_leaves_its_pool() => Holds(
        [("Pool", "tank", """{"backend": "btrfs", "devices": ["/dev/disk/by-id/d0", "/dev/disk/by-id/d1", "/dev/disk/by-id/d4"]}""")],
        [("Pool", "tank", """{"backend": "btrfs", "devices": ["/dev/disk/by-id/d0", "/dev/disk/by-id/d1"]}"""), ("Dataset", "tank/a-b", "{}")]);

    [Fact]
    public void A_limit_that_does_not_hold_any_more_and_is_still_kept() => Holds(
        [("Pool", "vault", Btrfs), ("Dataset", "vault/x", """{"quota": "1GiB"}""")],
        [("Pool", "vault", """{"backend": "btrfs"}"""), ("Dataset", "vault/x", "{}")]);

    [Fact]
    public void A_limit_lifted_with_another_property_and_killed_twice() => Holds(
        [("Pool", "vault", Btrfs), ("Dataset", "vault/x", """{"quota": "1GiB", "properties": {"nocow": "on", "exec": "off"}}""")],
        [("Pool", "vault", Btrfs), ("Dataset", "vault/x", """{"properties": {"atime": "on"}}""")]);

    [Fact]
    public void One_limit_in_the_place_of_the_other() => Holds(
        [("Pool", "vault", Btrfs), ("Dataset", "vault/x", """{"refquota": "1GiB"}""")],
        [("Pool", "vault", Btrfs), ("Dataset", "vault/x", """{"quota": "2GiB"}""")]);

    [Fact]
    public void A_pool_that_is_to_be_mounted_at_starts_again_and_whose_log_stands_elsewhere_in_the_manifest() => Holds(
        [("Pool", "tank", """{"vdevs": [{"class": "log", "disks": ["/dev/disk/by-id/d4"]}, {"type": "mirror", "disks": ["/dev/disk/by-id/d0", "/dev/disk/by-id/d1"]}], "properties": {"canmount": "noauto"}}""")],
        [("Pool", "tank", """{"vdevs": [{"type": "mirror", "disks": ["/dev/disk/by-id/d0", "/dev/disk/by-id/d1"]}, {"class": "log", "disks": ["/dev/disk/by-id/d4"]}]}"""), ("Dataset", "tank/c", "{}")]);

    [Fact]
    public void A_pool_that_is_to_be_mounted_again_and_at_a_place_of_its_own() => Holds(
        [("Pool", "tank", """{"vdevs": [{"type": "mirror", "disks": ["/dev/disk/by-id/d0", "/dev/disk/by-id/d1"]}, {"class": "log", "disks": ["/dev/disk/by-id/d4"]}], "properties": {"canmount": "off"}}""")],
        [("Pool", "tank", Mirror[..^1] + """, "mountpoint": "/tank"}"""), ("Dataset", "tank/a-b", "{}")]);

    [Fact]
    public void A_device_to_be_replaced_in_a_pool_that_a_start_of_the_host_closed() => Holds(
        [("Pool", "vault", """{"backend": "btrfs", "devices": ["/dev/disk/by-id/d2", "/dev/disk/by-id/d3"]}""")],
        [("Pool", "vault", """{"backend": "btrfs", "devices": ["/dev/disk/by-id/d2", "/dev/disk/by-id/d5"]}"""), ("Pool", "tank", Mirror.Replace("}]", "}, {\"class\": \"log\", \"disks\": [\"/dev/disk/by-id/d4\"]}]", StringComparison.Ordinal))]);

    [Fact]
    public void An_orphan_below_a_root_that_is_mounted_no_more() => Holds(
        [("Pool", "tank", Mirror), ("Dataset", "tank/x", "{}")],
        [("Pool", "tank", Mirror[..^1] + """, "properties": {"canmount": "off"}}""")]);

    [Fact]
    public void An_orphan_below_a_dataset_that_gets_another_name() => Holds(
        [("Pool", "tank", Mirror), ("Dataset", "tank/a", "{}"), ("Dataset", "tank/c", "{}"), ("Dataset", "tank/c/d", "{}")],
        [("Pool", "tank", Mirror), ("Dataset", "tank/a/b", """{"movedFrom": "tank/c"}""")]);

    [Fact]
    public void A_dataset_that_is_mounted_no_more_below_one_that_is_mounted_elsewhere() => Holds(
        [("Pool", "vault", Btrfs), ("Dataset", "vault/c", """{"mountpoint": "/srv/c"}"""), ("Dataset", "vault/c/d", "{}"), ("Dataset", "vault/c/d/e", "{}")],
        [("Pool", "vault", Btrfs), ("Dataset", "vault/c", "{}"), ("Dataset", "vault/c/d", """{"properties": {"canmount": "off"}}"""), ("Dataset", "vault/c/d/e", "{}")]);

    [Fact]
    public void A_dataset_that_was_to_be_mounted_with_its_parent_and_of_which_another_change_is_blocked() => Holds(
        [("Pool", "tank", Mirror), ("Dataset", "tank/a", """{"mountpoint": "legacy"}"""), ("Dataset", "tank/a/b", "{}")],
        [("Pool", "tank", Mirror), ("Dataset", "tank/a", "{}"), ("Dataset", "tank/a/b", """{"properties": {"casesensitivity": "insensitive"}}""")]);

    [Fact]
    public void A_dataset_whose_missing_account_shows_only_while_its_pool_is_mounted() => Holds(
        [("Pool", "tank", Mirror), ("Dataset", "tank/c", "{}")],
        [("Pool", "tank", Mirror[..^1] + """, "properties": {"canmount": "off"}}"""), ("Dataset", "tank/c", """{"mountpoint": "legacy", "directories": [{"path": "in/deep", "owner": "alice"}]}""")]);

    [Fact]
    public void A_pool_whose_mount_point_is_given_back_above_a_new_dataset() => Holds(
        [("Pool", "vault", Btrfs[..^1] + """, "mountpoint": "none"}""")],
        [("Pool", "vault", Btrfs), ("Dataset", "vault/x", "{}")]);

    [Fact]
    public void An_announcement_for_Time_Machine_whose_server_is_taken_out_with_all_shares() => Holds(
        [("Pool", "tank", Mirror), ("Dataset", "tank/a", """{"refquota": "1GiB"}"""), ("SmbShare", "docs", """{"dataset": "tank/a", "access": {"readWrite": ["bob", "carol"]}, "timeMachine": {"maxSize": "1GiB"}}""")],
        []);

    [Fact]
    public void A_dataset_mounted_along_with_its_parent_that_waits_for_an_account() => Holds(
        [("Pool", "tank", Mirror), ("Dataset", "tank/a", """{"mountpoint": "/srv/a"}"""), ("Dataset", "tank/a/b", "{}")],
        [("Pool", "tank", Mirror), ("Dataset", "tank/a", "{}"), ("User", "bob", """{"uid": 1102, "primaryGroup": "media"}"""), ("Dataset", "tank/a/b", """{"userQuotas": {"bob": "none"}}""")]);

    [Fact]
    public void A_dataset_to_be_mounted_by_others_whose_encryption_is_refused_below_a_pool_that_is_mounted_elsewhere() => Holds(
        [("Pool", "tank", Mirror[..^1] + """, "mountpoint": "/srv/tank"}"""), ("Dataset", "tank/a", "{}")],
        [("Pool", "tank", Mirror), ("Dataset", "tank/a", """{"mountpoint": "legacy", "encryption": {"key": {"secretRef": "key-2"}}}""")]);

    [Fact]
    public void A_key_that_does_not_fit_and_is_missed_only_after_a_start() => Holds(
        [("Pool", "tank", Mirror), ("Dataset", "tank/c", """{"encryption": {"key": {"secretRef": "key-1"}}}""")],
        [("Pool", "tank", Mirror), ("Dataset", "tank/c", """{"userQuotas": {"bob": "1GiB"}, "encryption": {"key": {"secretRef": "key-2"}}}""")]);

    private static void Holds((string Kind, string Name, string Spec)[] first, (string Kind, string Name, string Spec)[] second)
    {
        var wrong = CrashLaw.Check(new Recipe([], Drafts(first), [], Drafts(second), 0), everyPair: true);
        Assert.True(wrong is null, wrong);
    }

    private static IReadOnlyList<Draft> Drafts((string Kind, string Name, string Spec)[] drafts) => [.. drafts.Select(d => new Draft(d.Kind, d.Name, JObject.Parse(d.Spec)))];
}

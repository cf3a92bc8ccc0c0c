using NasGitOps.LabTests.Faults;
using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Office;

public sealed partial class TroubleScenario
{
    private const string Killed = "hosts/nas1/killed.yaml";

    /// <summary>
    /// Reads kinds of steps from its input; kills the agent and all that it runs as soon as the journal says that a step of one of them is begun, starts it again, and goes on with those that are left.
    /// Prints what was hit. Ends when all were, or when the commit is applied.
    /// </summary>
    private const string KillInEachKind = """
        journal=/var/lib/nasgitops/journal.jsonl
        at=$1; tip=$2; instants=$3
        kill_now() { echo 1 >/sys/fs/cgroup/system.slice/nasgitops.service/cgroup.kill; }
        start_again() { while systemctl is-active -q nasgitops; do sleep 0.05; done; systemctl start --no-block nasgitops; }
        mapfile -t left
        is_hit() { # a line of the journal
          local i
          case $1 in *'"phase":"intent"'*) ;; *) return 1 ;; esac
          for i in "${!left[@]}"; do
            case $1 in *"\"step\":\"${left[$i]}"*) echo "${left[$i]}"; unset "left[$i]"; return 0 ;; esac
          done
          return 1
        }
        for instant in $instants; do sleep "$instant"; kill_now; start_again; done
        exec 3< <(exec tail -n +$((at + 1)) -F $journal 2>/dev/null)
        tail=$!
        end=$((SECONDS + 420))
        while [ ${#left[@]} -gt 0 ] && [ $SECONDS -lt $end ]; do
          if read -r -t 5 -u 3 line; then
            is_hit "$line" || continue
            kill_now
            while read -r -t 0.3 -u 3 line; do is_hit "$line"; done
            start_again
          elif grep -q "^lastAppliedCommit: \"\?$tip" /var/lib/nasgitops/status.yaml; then
            break
          fi
        done
        kill $tail
        """;

    [LabFact(72)]
    public async Task Killed_in_a_step_of_every_kind_and_at_random_instants_it_converges_loses_nothing_and_touches_nothing_foreign()
    {
        await nas.EnsureOfficeApplied();
        var sample = SampledKills.OfToday();
        await nas.Must("dd if=/dev/urandom of=/tank/projects/precious.bin bs=64k count=8 status=none && sync");
        var precious = await nas.Text("sha256sum </tank/projects/precious.bin");
        await nas.WriteFile("/root/kills.sh", KillInEachKind, "0755");

        // A whole run tells which kinds of steps there are, first of making and then of changing and taking away. Of each half are hit: all of them in two days.
        var making = await Whole(Made(0));
        await nas.Must("echo kept >/tank/k0y/kept.txt && echo kept >/tank/k0x/kept.txt");
        var changing = await Whole(Changed(0));
        Assert.Equal("kept\nkept", await nas.Text("cat /srv/k0y/kept.txt /tank/k0z/kept.txt"));
        await Whole("");

        await KillIn(Made(1), making);
        await nas.Must("echo kept >/tank/k1y/kept.txt && echo kept >/tank/k1x/kept.txt");
        await KillIn(Changed(1), changing, $"{sample.Between(0, 900) / 1000.0:0.000} {sample.Between(0, 3000) / 1000.0:0.000}");
        Assert.Equal("kept\nkept", await nas.Text("cat /srv/k1y/kept.txt /tank/k1z/kept.txt"));
        await Whole("");

        Assert.Equal(precious, await nas.Text("sha256sum </tank/projects/precious.bin"));
        await nas.Foreign.MustBeUntouched(nas);
        var chain = await nas.Run("nasgitops journal verify");
        Assert.True(chain.Ok, chain.ToString());
        await RestoreOffice([.. from round in new[] { 0, 1 } from name in new[] { "y", "z", "v" } select $"Dataset/tank/k{round}{name}"]);

        async Task<IReadOnlyList<string>> Whole(string manifests)
        {
            var before = (await nas.Journal()).Length;
            await nas.Push("All of it", (Killed, manifests));
            await nas.WaitForApplied(await nas.Tip());
            return [.. SampledKills.Begun((await nas.Journal()).Skip(before)).Select(SampledKills.KindOf).Distinct()];
        }

        async Task KillIn(string manifests, IReadOnlyList<string> kinds, string instants = "")
        {
            var before = (await nas.Journal()).Length;
            await nas.Push("All of it, with kills", (Killed, manifests));
            var tip = await nas.Tip();
            var sampled = sample.Half(kinds);
            var hit = (await nas.Must($"bash /root/kills.sh {before} {tip} '{instants}'", string.Join('\n', sampled) + "\n", TimeSpan.FromMinutes(9))).Lines;
            output.WriteLine($"{sample.Told}; kinds of steps: {string.Join(", ", kinds)}; killed in: {string.Join(", ", hit)}");
            await nas.WaitForApplied(tip);
            Assert.Equal(sampled, hit.Order(StringComparer.Ordinal));
            var journal = await nas.Journal();
            await nas.AgentPass();
            Assert.Equal(journal, await nas.Journal());
        }
    }

    /// <summary>Two of each, so that a kind of step that was begun in the first is still to come in the second. A # stands for the round.</summary>
    private static string Made(int round) => Of(round, """
        apiVersion: nasgitops.io/v1
        kind: Group
        metadata: {name: k#g}
        spec: {gid: 391#}
        ---
        apiVersion: nasgitops.io/v1
        kind: User
        metadata: {name: k#u}
        spec: {uid: 210#, primaryGroup: k#g, smb: {password: {secretRef: smb-alice}}}
        ---
        apiVersion: nasgitops.io/v1
        kind: Dataset
        metadata: {name: tank/k#x}
        spec: {quota: 1GiB, permissions: {owner: root, group: office, mode: "2770"}, directories: [{path: box, owner: alice}]}
        ---
        apiVersion: nasgitops.io/v1
        kind: Dataset
        metadata: {name: tank/k#y}
        spec: {quota: 1GiB, permissions: {owner: root, group: office, mode: "2770"}, directories: [{path: box, owner: alice}]}
        ---
        apiVersion: nasgitops.io/v1
        kind: Dataset
        metadata: {name: tank/k#v}
        spec: {encryption: {key: {secretRef: accounting-key}}}
        ---
        apiVersion: nasgitops.io/v1
        kind: SmbShare
        metadata: {name: k#x}
        spec: {dataset: tank/k#x, access: {readWrite: [alice]}}
        ---
        apiVersion: nasgitops.io/v1
        kind: SmbShare
        metadata: {name: k#y}
        spec: {dataset: tank/k#y, access: {readWrite: [alice]}}

        """) + Exported($"k{round}x", $"tank/k{round}x") + Exported($"k{round}y", $"tank/k{round}y");

    /// <summary>A dataset gets another name, another a new mount point under its export; the shares and the user go.</summary>
    private static string Changed(int round) => Of(round, """
        apiVersion: nasgitops.io/v1
        kind: Group
        metadata: {name: k#g}
        spec: {gid: 391#}
        ---
        apiVersion: nasgitops.io/v1
        kind: Dataset
        metadata: {name: tank/k#z}
        spec: {movedFrom: tank/k#x, quota: 2GiB, permissions: {owner: root, group: office, mode: "2750"}}
        ---
        apiVersion: nasgitops.io/v1
        kind: Dataset
        metadata: {name: tank/k#y}
        spec: {quota: 2GiB, mountpoint: /srv/k#y, permissions: {owner: root, group: office, mode: "2750"}}
        ---
        apiVersion: nasgitops.io/v1
        kind: Dataset
        metadata: {name: tank/k#v}
        spec: {encryption: {key: {secretRef: accounting-key}}, properties: {compression: lz4}}

        """) + Exported($"k{round}x", $"tank/k{round}z") + Exported($"k{round}y", $"tank/k{round}y");

    private static string Of(int round, string manifests) => manifests.Replace("#", round.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);

    /// <summary>To stand behind others.</summary>
    private static string Exported(string name, string dataset) => $$"""
        ---
        apiVersion: nasgitops.io/v1
        kind: NfsExport
        metadata: {name: "{{name}}"}
        spec: {dataset: "{{dataset}}", clients: [{host: 10.0.0.0/16, access: rw, squash: root}]}

        """;
}

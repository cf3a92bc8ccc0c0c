using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Btrfs;

/// <summary>The README's first command, on this machine.</summary>
[Trait("Category", "Integration")]
public sealed class Demo
{
    [BtrfsFact]
    public async Task The_demo_shows_what_it_promises_within_a_minute_and_leaves_nothing_behind()
    {
        var before = await Traces();

        var demo = await Run("demo.sh");

        Assert.True(demo.Ok, demo.ToString());
        Assert.Contains("| the lake at dawn", demo.Output, StringComparison.Ordinal);
        Assert.Contains("NT_STATUS_ACCESS_DENIED", demo.Output, StringComparison.Ordinal);
        Assert.Contains("did you mean 'refquota'?", demo.Output, StringComparison.Ordinal);
        Assert.Contains("refused: hosts/shelf/datasets.yaml:", demo.Output, StringComparison.Ordinal);
        Assert.Contains("nasgitops_passes_total{result=\"ok\"} 2", demo.Output, StringComparison.Ordinal);
        var seconds = int.Parse(System.Text.RegularExpressions.Regex.Match(demo.Output, @"That took (\d+) seconds").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(seconds, 1, 59);
        Assert.Equal(before, await Traces());
    }

    [BtrfsFact]
    public async Task Interrupted_in_the_middle_it_leaves_nothing_behind_either()
    {
        var before = await Traces();

        var demo = await Interrupted();

        Assert.Contains("code 130", demo.Output, StringComparison.Ordinal);
        Assert.Equal(before, await Traces());
    }

    [BtrfsFact]
    public async Task A_file_system_of_its_name_that_is_gone_is_not_in_its_way()
    {
        var before = await Traces();

        var demo = await Interrupted(first: """
            image=$(mktemp) && trap 'rm -f "$image"' EXIT
            truncate -s 200M "$image" && mkfs.btrfs -q -L shelf "$image" && loop=$(losetup -f --show "$image")
            echo "seen: $(blkid -L shelf)"
            losetup -d "$loop"
            """);

        Assert.Contains("seen: /dev/loop", demo.Output, StringComparison.Ordinal);
        Assert.Contains("code 130", demo.Output, StringComparison.Ordinal);
        Assert.Equal(before, await Traces());
    }

    [BtrfsFact]
    public async Task Kept_it_goes_on_running_until_it_is_ended()
    {
        var before = await Traces();
        try
        {
            var kept = await Run("demo.sh --keep");
            Assert.True(kept.Ok, kept.ToString());
            var page = System.Text.RegularExpressions.Regex.Match(kept.Output, @"Its page: (\S+)").Groups[1].Value;
            Assert.True((await Shell.Run("curl", ["-sf", page])).Ok, "its page does not answer");
        }
        finally
        {
            await Run("demo.sh --end");
        }

        Assert.Equal(before, await Traces());
    }

    [Fact]
    public async Task Without_root_it_says_what_it_needs_and_plans_on_the_example()
    {
        // The checkout may lie where nobody else may look.
        var binary = Path.GetDirectoryName(Checkout.Binary())!;
        var demo = await Shell.Run("/bin/bash", ["-c", $"""
            copy=$(mktemp -d) && trap 'rm -rf "$copy"' EXIT
            mkdir "$copy/examples-repo" && cp -r scripts "$copy/" && cp -r examples-repo/shelf "$copy/examples-repo/" && cp -r '{binary}' "$copy/bin" && chmod -R a+rX "$copy"
            if [ "$(id -u)" = 0 ]; then lower="setpriv --reuid=65534 --regid=65534 --clear-groups"; fi
            cd / && NASGITOPS_BINARY=$copy/bin/nasgitops HOME=/nonexistent $lower bash "$copy/scripts/demo.sh"
            """]);

        Assert.True(demo.Ok, demo.ToString());
        Assert.Contains("sudo scripts/demo.sh", demo.Output, StringComparison.Ordinal);
        Assert.Contains("refquota  500 GiB → 750 GiB", demo.Output, StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Environment_ => new() { ["NASGITOPS_BINARY"] = Checkout.Binary() };

    private static Task<ShellResult> Run(string command) => Shell.Run("/bin/bash", ["-c", $"exec bash scripts/{command}"], environment: Environment_);

    /// <summary>The signal comes as soon as the pool is mounted.</summary>
    /// <param name="first">Commands to run before it.</param>
    private static Task<ShellResult> Interrupted(string first = "") => Shell.Run("/bin/bash", ["-c", $"""
        {first}
        env --default-signal=INT setsid bash scripts/demo.sh & pid=$!
        until findmnt /mnt/nasgitops-demo >/dev/null || ! kill -0 $pid; do sleep 0.1; done
        kill -INT -- -$pid; wait $pid; echo "code $?"
        """], environment: Environment_);

    /// <summary>What a demo could leave: mounts, loop devices, accounts, processes, folders.</summary>
    private static async Task<string> Traces() => (await Shell.Run("/bin/bash", ["-c", """
        findmnt -rn -o TARGET | grep -E 'shelf|nasgitops-demo'
        losetup -n -O BACK-FILE | grep demo
        getent passwd ada ben
        getent group household
        pgrep -f nasgitops-demo | grep -vx $$
        ls -d /mnt/nasgitops-demo* /var/tmp/nasgitops-demo* /run/nasgitops-demo /run/nasgitops-btrfs/shelf 2>/dev/null
        true
        """])).Output;
}

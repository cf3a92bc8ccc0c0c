using System.Text;

namespace NasGitOps.LabTests.Lab;

/// <summary>A running NAS in a virtual machine of its own, with nasgitops installed and nothing applied.</summary>
public class Nas : IAsyncLifetime
{
    private readonly string run = Path.Combine(
        Environment.GetEnvironmentVariable("NASGITOPS_LAB_RUNS") ?? Path.GetTempPath(), $"nasgitops-lab-{Guid.NewGuid().ToString("N")[..8]}");

    private Dictionary<string, string> LabEnvironment => new() { ["NASGITOPS_LAB_RUN"] = run };

    public virtual async Task InitializeAsync()
    {
        // Every test skips itself then, and says why.
        if (LabFactAttribute.Missing is not null)
            return;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => End();
        try
        {
            await Lab(TimeSpan.FromMinutes(25), "up");
            var published = Environment.GetEnvironmentVariable("NASGITOPS_PUBLISH_DIR");
            await (string.IsNullOrEmpty(published) ? Lab(TimeSpan.FromMinutes(15), "install") : Lab(TimeSpan.FromMinutes(5), "install-from", published));
        }
        catch
        {
            End();
            throw;
        }
    }

    public virtual Task DisposeAsync()
    {
        End();
        return Task.CompletedTask;
    }

    /// <summary>Runs a shell command in the machine, as root.</summary>
    public Task<ShellResult> Run(string command, string? input = null, TimeSpan? limit = null)
        => Run(command, input is null ? null : Encoding.UTF8.GetBytes(input), limit);

    public Task<ShellResult> Run(string command, byte[]? input, TimeSpan? limit = null)
        => Shell.Run(Checkout.At("scripts", "lab.sh"), ["ssh", command], input, LabEnvironment, limit: limit, shownAs: command);

    /// <summary>Runs a shell command in the machine and expects exit code 0.</summary>
    public async Task<ShellResult> Must(string command, string? input = null, TimeSpan? limit = null)
    {
        var result = await Run(command, input, limit);
        return result.Ok ? result : throw new LabFailure($"a command in the machine failed\n{result}");
    }

    /// <summary>What a command that must succeed printed, without the white space around it.</summary>
    public async Task<string> Text(string command) => (await Must(command)).Text;

    public async Task<bool> Succeeds(string command) => (await Run(command)).Ok;

    public Task WriteFile(string path, string content, string mode = "0644")
        => Must($"mkdir -p \"$(dirname '{path}')\" && umask 077 && cat >'{path}' && chmod {mode} '{path}'", content);

    /// <summary>Takes a disk away, as when its cable falls out.</summary>
    /// <returns>Its slot, for <see cref="PlugIn"/>.</returns>
    public async Task<string> Unplug(string disk)
    {
        var slot = await Text($"basename $(readlink -f /sys/block/$(basename $(readlink -f {disk}))/device)");
        await Must($"echo {slot} >/sys/bus/virtio/drivers/virtio_blk/unbind && udevadm settle");
        return slot;
    }

    public Task PlugIn(string slot) => Must($"echo {slot} >/sys/bus/virtio/drivers/virtio_blk/bind && udevadm settle");

    /// <summary>Copies a file or folder of this machine into it.</summary>
    public Task Copy(string source, string target) => Lab(TimeSpan.FromMinutes(2), "copy", source, target);

    /// <summary>Powers the machine off in order and boots it again from the same disks.</summary>
    public async Task Reboot()
    {
        await Lab(TimeSpan.FromMinutes(3), "stop");
        await Lab(TimeSpan.FromMinutes(6), "start");
    }

    /// <summary>Powers the machine off, and boots it again when a time has passed by the clock that both share.</summary>
    public async Task RebootAfter(DateTimeOffset time)
    {
        await Lab(TimeSpan.FromMinutes(3), "stop");
        while (DateTimeOffset.UtcNow < time)
            await Task.Delay(TimeSpan.FromMilliseconds(500));
        await Lab(TimeSpan.FromMinutes(6), "start");
    }

    /// <summary>Waits until a condition holds.</summary>
    /// <param name="missing">Null when it holds, otherwise the evidence that it does not.</param>
    public async Task WaitUntil(string description, Func<Task<string?>> missing, TimeSpan? limit = null)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var patience = limit ?? TimeSpan.FromSeconds(150);
        string? evidence;
        while ((evidence = await missing()) is not null)
        {
            if (watch.Elapsed > patience)
                throw new LabFailure($"still not so after {patience.TotalSeconds:0} s: {description}\n--- what there is\n{evidence}\n{await Evidence()}");
            await Task.Delay(TimeSpan.FromMilliseconds(700));
        }
    }

    /// <summary>Waits until a command prints a text that matches.</summary>
    public Task WaitUntil(string description, string command, Func<string, bool> holds, TimeSpan? limit = null)
        => WaitUntil(
            description,
            async () =>
            {
                var result = await Run(command);
                return result.Ok && holds(result.Text) ? null : result.ToString();
            },
            limit);

    /// <summary>What a person would look at first when something is wrong.</summary>
    protected virtual async Task<string> Evidence()
    {
        var result = await Run("systemctl --no-pager status nasgitops | head -n 15; journalctl --no-pager -u nasgitops -n 60 -o cat; echo; cat /var/lib/nasgitops/status.yaml; tail -n 20 /var/lib/nasgitops/journal.jsonl");
        return $"--- the agent\n{result.Output}{result.Error}";
    }

    private async Task Lab(TimeSpan limit, params string[] arguments)
    {
        var result = await Shell.Run(Checkout.At("scripts", "lab.sh"), arguments, environment: LabEnvironment, limit: limit);
        if (!result.Ok)
            throw new LabFailure($"scripts/lab.sh failed\n{result}");
    }

    private void End()
    {
        if (Directory.Exists(run))
            Shell.Run(Checkout.At("scripts", "lab.sh"), ["down"], environment: LabEnvironment).GetAwaiter().GetResult();
    }
}

/// <summary>Something in the machine is not as a test needs it; the message carries the evidence.</summary>
public sealed class LabFailure(string message) : Exception(message);

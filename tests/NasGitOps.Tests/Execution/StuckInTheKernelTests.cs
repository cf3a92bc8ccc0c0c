using NasGitOps.Core.Steps;
using NasGitOps.Execution;

namespace NasGitOps.Tests.Execution;

/// <summary>A command that no signal ends, as those are that wait for a suspended pool: it writes to a file system that is really frozen.</summary>
[Trait("Category", "Integration")]
public sealed class StuckInTheKernelTests : IAsyncLifetime
{
    private readonly TempFolder folder = new();
    private readonly CommandRunner runner = new();

    public async Task InitializeAsync()
    {
        if (RootFactAttribute.Missing is null) await Must("truncate -s 32M disk && mkfs.ext4 -q disk && mkdir m && mount -o loop disk m && fsfreeze -f m");
    }

    public async Task DisposeAsync()
    {
        if (RootFactAttribute.Missing is null) await Must("(fsfreeze -u m || true) && umount m");
        folder.Dispose();
    }

    [RootFact]
    public async Task A_command_that_hangs_in_the_kernel_holds_us_for_its_limit_only_and_is_not_started_a_second_time_until_it_is_gone()
    {
        var stuck = new Command("touch", [folder["m/file"]], TimeSpan.FromMilliseconds(300));

        var first = await Run(stuck).WaitAsync(TimeSpan.FromSeconds(30));
        var second = await Run(stuck);
        var other = await Run(Command.Of("true"));

        Assert.Contains("timed out after 0.3 s; it does not end even when killed: it hangs in the kernel", first.Failure, StringComparison.Ordinal);
        Assert.Matches("was not started: an earlier run still hangs in the kernel \\(process [0-9]+;", second.Failure);
        Assert.True(other.Succeeded);

        await Must("fsfreeze -u m");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!(await Run(stuck with { Timeout = Command.DefaultTimeout })).Succeeded) await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token);
        Assert.True(File.Exists(folder["m/file"]));
    }

    private Task<CommandResult> Run(Command command) => runner.RunAsync(command, CommandOptions.None, CancellationToken.None);

    private async Task Must(string script)
    {
        var result = await runner.RunAsync(Command.Of("sh", "-c", script), new CommandOptions { WorkingDirectory = folder.Root }, CancellationToken.None);
        Assert.True(result.Succeeded, result.Evidence());
    }
}

/// <summary>A test that mounts a file system of its own. Where it cannot, it says why.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute() => Skip = Missing;

    public static string? Missing => Environment.UserName == "root" && File.Exists("/dev/loop-control") ? null : "mounting a file system: needs root and loop devices";
}

using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using NasGitOps.Core.Steps;
using NasGitOps.Execution;

namespace NasGitOps.Tests.Execution;

public sealed class CommandRunnerTests
{
    private readonly CommandRunner runner = new();

    [Fact]
    public async Task A_command_that_succeeds_gives_its_output_and_duration()
    {
        var result = await Run(Command.Of("echo", "a b", "*", "$HOME"));

        Assert.True(result.Succeeded);
        Assert.Equal("a b * $HOME\n", result.Output);
        Assert.True(result.Duration > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_non_zero_exit_is_information_with_its_evidence()
    {
        var result = await Run(Shell("echo broken >&2; exit 3"));

        Assert.Equal(3, result.ExitCode);
        Assert.Null(result.Failure);
        Assert.Equal("'sh -c 'echo broken >&2; exit 3'': exit code 3: broken", result.Evidence());
    }

    [Theory]
    [InlineData("nasgitops-no-such-tool", "nasgitops-no-such-tool is not installed")]
    [InlineData("/nowhere/tool", "/nowhere/tool does not exist or is not executable")]
    [InlineData("/etc/passwd", "/etc/passwd does not exist or is not executable")]
    [InlineData("relative/tool", "relative/tool does not exist")]
    public async Task A_tool_that_cannot_be_started_is_told_in_words(string tool, string expected)
    {
        var result = await Run(Command.Of(tool));

        Assert.Equal(-1, result.ExitCode);
        Assert.Contains(expected, result.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_whose_interpreter_is_missing_is_told_as_not_started()
    {
        using var folder = new TempFolder();
        var file = folder.Write("tool", "#!/nowhere/interpreter\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var result = await Run(Command.Of(file));

        Assert.Contains("could not be started", result.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_see_the_C_locale_the_system_folders_and_nothing_of_the_agent()
    {
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", "/run/x");

        var result = await Run(Command.Of("env"), new CommandOptions { Environment = new Dictionary<string, string> { ["EXTRA"] = "1" } });

        Assert.Contains("LC_ALL=C\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("/usr/sbin", result.Output, StringComparison.Ordinal);
        Assert.Contains("EXTRA=1\n", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("NOTIFY_SOCKET", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_megabyte_on_standard_input_comes_back_whole()
    {
        var bytes = Encoding.ASCII.GetBytes(new string('x', 1024 * 1024));

        var result = await Run(Command.Of("cat"), new CommandOptions { Stdin = bytes });

        Assert.Equal(bytes.Length, result.Output.Length);
    }

    [Fact]
    public async Task A_command_that_does_not_read_its_input_is_no_failure()
    {
        var result = await Run(Command.Of("true"), new CommandOptions { Stdin = new byte[1024 * 1024] });

        Assert.True(result.Succeeded, result.Evidence());
    }

    [Fact]
    public async Task Without_input_a_command_reads_the_end_of_file() => Assert.Equal("", (await Run(Command.Of("cat"))).Output);

    [Fact]
    public async Task A_gigabyte_of_output_is_cut_at_the_bound_and_the_command_killed()
    {
        var before = GC.GetTotalAllocatedBytes();

        var result = await Run(Command.Of("head", "-c", "1G", "/dev/zero"), new CommandOptions { MaxOutputBytes = 1024 * 1024 });

        Assert.Contains("printed more than 1048576 bytes", result.Failure, StringComparison.Ordinal);
        Assert.Equal(1024 * 1024, result.Output.Length);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 64 * 1024 * 1024);
    }

    [Fact]
    public async Task Both_pipes_are_drained_together()
    {
        var result = await Run(Shell("head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2"));

        Assert.Equal(300_000, result.Output.Length);
        Assert.Equal(600_000, result.Errors.Length);
    }

    [Fact]
    public async Task A_time_out_keeps_what_was_printed_before()
    {
        var result = await Run(Shell("echo first; exec sleep 60", TimeSpan.FromMilliseconds(300)));

        Assert.StartsWith("timed out after 0.3 s", result.Failure, StringComparison.Ordinal);
        Assert.Equal("first\n", result.Output);
        Assert.Equal(137, result.ExitCode);
    }

    [Fact]
    public async Task A_time_out_kills_grandchildren_that_made_a_session_of_their_own()
    {
        // The grandchild ignores hang-ups, leaves the session and is orphaned: a kill of the child, or of its group, leaves it alive.
        var result = await Run(Shell("setsid sh -c 'trap \"\" HUP TERM; echo $$; sleep 600 & wait' & sleep 0.2; sleep 600", TimeSpan.FromSeconds(1)));

        var grandchild = int.Parse(result.Output.Trim(), System.Globalization.CultureInfo.InvariantCulture);
        Assert.NotNull(result.Failure);
        Assert.True(await Gone(grandchild), $"process {grandchild} is still there");
    }

    [Fact]
    public async Task The_same_grandchild_survives_a_kill_of_the_group_alone()
    {
        using var process = Process.Start(new ProcessStartInfo("setsid")
        {
            ArgumentList = { "sh", "-c", "setsid sh -c 'echo $$; exec sleep 600' & sleep 600" },
            RedirectStandardOutput = true,
        })!;
        var grandchild = int.Parse((await process.StandardOutput.ReadLineAsync())!, System.Globalization.CultureInfo.InvariantCulture);

        Posix.Kill(-process.Id, Posix.SigKill);
        await process.WaitForExitAsync();

        Assert.True(Directory.Exists($"/proc/{grandchild}"));
        Posix.Kill(grandchild, Posix.SigKill);
    }

    [Fact]
    public async Task A_cancellation_ends_the_command_and_its_children()
    {
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(Shell("sleep 600 & echo $!; wait"), CommandOptions.None, stop.Token);
        await stop.CancelAsync();

        var result = await running;

        Assert.Contains("cancelled", result.Failure, StringComparison.Ordinal);
        if (int.TryParse(result.Output.Trim(), out var child)) Assert.True(await Gone(child));
    }

    [Fact]
    public async Task A_process_that_no_kill_ends_does_not_hold_us()
    {
        using var process = Process.Start(new ProcessStartInfo("sleep", "600") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var conversation = new Conversation(process, CommandOptions.None, TimeSpan.FromMilliseconds(100));

        var ended = await Task.Run(() => conversation.Run(kill: () => { }, CancellationToken.None)).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal((Ending.TimedOut, Fate.Stuck, -1), (ended.End, ended.Fate, ended.ExitCode));
        process.Kill();
    }

    [Fact]
    public async Task A_background_process_that_holds_the_output_open_does_not_hold_us()
    {
        var result = await Run(Shell("sleep 600 & echo $!"));

        Assert.True(result.Succeeded, result.Evidence());
        Assert.InRange(result.Duration.TotalSeconds, 0, 10);
        Posix.Kill(int.Parse(result.Output, System.Globalization.CultureInfo.InvariantCulture), Posix.SigKill);
    }

    [Fact]
    public async Task A_command_that_closes_its_output_and_goes_on_is_still_waited_for()
    {
        var result = await Run(Shell("exec >&- 2>&-; sleep 0.3; exit 7"));

        Assert.Equal(7, result.ExitCode);
    }

    [Fact]
    public async Task Runs_are_counted_by_tool_and_result()
    {
        var counted = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument is { Meter.Name: "NasGitOps", Name: "nasgitops_commands_total" }) l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            lock (counted) counted.Add($"{tags[0].Value}:{tags[1].Value}");
        });
        listener.Start();

        await Run(Command.Of("false"));

        lock (counted) Assert.Contains("false:nonzero", counted);
    }

    private static Command Shell(string script, TimeSpan? timeout = null) => new("sh", ["-c", script], timeout ?? TimeSpan.FromSeconds(30));

    private static async Task<bool> Gone(int pid)
    {
        for (var i = 0; i < 200; i++)
        {
            if (!File.Exists($"/proc/{pid}/stat") || (await File.ReadAllTextAsync($"/proc/{pid}/stat")).Contains(") Z ", StringComparison.Ordinal)) return true;
            await Task.Delay(20);
        }

        return false;
    }

    private Task<CommandResult> Run(Command command, CommandOptions? options = null) => runner.RunAsync(command, options ?? CommandOptions.None, CancellationToken.None);
}

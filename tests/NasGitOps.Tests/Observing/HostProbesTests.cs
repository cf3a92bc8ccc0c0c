using NasGitOps.Core.Observation;
using NasGitOps.Core.Steps;
using NasGitOps.Execution;
using NasGitOps.Observing;

namespace NasGitOps.Tests.Observing;

public sealed class HostProbesTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_file_system_that_does_not_answer_holds_up_no_pass_and_is_not_asked_again_meanwhile()
    {
        // Opening a pipe that nobody writes to hangs in the kernel, as a file of a suspended pool does.
        var pipe = folder["pipe"];
        await new CommandRunner().RunAsync(Command.Of("mkfifo", pipe), CommandOptions.None, CancellationToken.None);
        var probes = new HostProbes(new CommandRunner(), TimeSpan.FromMilliseconds(200));
        var probe = new FileProbe("nfs:exports", pipe);

        var first = await probes.AnswerAsync(probe, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        var second = await probes.AnswerAsync(probe, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Contains("'nfs:exports' was not answered: the file system hangs", first.Failure, StringComparison.Ordinal);
        Assert.Contains("was asked before and is not answered yet", second.Failure, StringComparison.Ordinal);
        File.OpenHandle(pipe, FileMode.Open, FileAccess.Write).Dispose();
        Answer last;
        do
        {
            last = await probes.AnswerAsync(new FileProbe("nfs:exports", folder.Write("file", "again")), CancellationToken.None);
        }
        while (last.Failure is not null);
        Assert.Equal("again", Assert.Single(((FilesAnswer)last).Files).Value);
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using NasGitOps.LabTests.Lab;

namespace NasGitOps.LabTests.Faults;

/// <summary>A process of the built program that goes on while a test does things to it.</summary>
internal sealed class RunningAgent : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Process process;
    private readonly ConcurrentQueue<string> lines = new();

    private RunningAgent(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, e) => Keep(e.Data);
        process.ErrorDataReceived += (_, e) => Keep(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public bool IsAlive => !process.HasExited;

    public string Log => string.Join('\n', lines);

    public int Id => process.Id;

    public static RunningAgent Start(string config, string command = "agent")
    {
        var start = new ProcessStartInfo(Checkout.Binary()) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { command, "--config", config })
            start.ArgumentList.Add(argument);
        return new RunningAgent(Process.Start(start) ?? throw new InvalidOperationException("nasgitops did not start"));
    }

    /// <summary>Waits for a condition while the process lives.</summary>
    public async Task Until(string description, Func<Task<bool>> holds)
    {
        var watch = Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(IsAlive, $"the process ended before this was so: {description}\n{Log}");
            Assert.True(watch.Elapsed < Patience, $"still not so after {Patience.TotalSeconds:0} s: {description}\n{Log}");
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
    }

    public Task UntilItSays(string text) => Until($"it says '{text}'", () => Task.FromResult(Log.Contains(text, StringComparison.Ordinal)));

    /// <summary>The process alone, as the kernel does when memory runs out; the commands that it started go on.</summary>
    public async Task Kill()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <returns>The exit code.</returns>
    public async Task<int> Ended()
    {
        using var limit = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (IsAlive)
            await Kill();
        process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null)
            lines.Enqueue(line);
    }
}

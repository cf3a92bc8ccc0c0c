using System.Diagnostics;

namespace NasGitOps.LabTests.Lab;

/// <summary>What a command did.</summary>
public sealed record ShellResult(string Command, int ExitCode, string Output, string Error, TimeSpan Took)
{
    public bool Ok => ExitCode == 0;

    public string Text => Output.Trim();

    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public override string ToString() => $"""
        $ {Command}
        exit code {ExitCode} after {Took.TotalSeconds:0.0} s
        --- standard output
        {Clip(Output)}
        --- standard error
        {Clip(Error)}
        """;

    private static string Clip(string text) => text.Length <= 6000 ? text : $"{text[..3000]}\n… {text.Length - 6000} characters …\n{text[^3000..]}";
}

/// <summary>Runs a program of this machine; ends it and its children at the limit.</summary>
public static class Shell
{
    public static async Task<ShellResult> Run(
        string program,
        IEnumerable<string> arguments,
        byte[]? input = null,
        IReadOnlyDictionary<string, string>? environment = null,
        string? directory = null,
        TimeSpan? limit = null,
        string? shownAs = null)
    {
        var shown = shownAs ?? $"{program} {string.Join(' ', arguments)}";
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? Checkout.Root,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;

        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await Feed(process, input);

        using var timer = new CancellationTokenSource(limit ?? TimeSpan.FromMinutes(3));
        try
        {
            await process.WaitForExitAsync(timer.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"no end after {watch.Elapsed.TotalSeconds:0} s: {shown}");
        }

        // A connection that SSH keeps open may hold our pipes longer than the command lives.
        await Task.WhenAny(Task.WhenAll(output, error), Task.Delay(TimeSpan.FromSeconds(10), CancellationToken.None));
        return new ShellResult(
            shown, process.ExitCode, output.IsCompleted ? await output : "(output still open)", error.IsCompleted ? await error : "(error still open)", watch.Elapsed);
    }

    private static async Task Feed(Process process, byte[]? input)
    {
        try
        {
            if (input is not null)
                await process.StandardInput.BaseStream.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading its input; its exit code tells the rest.
        }
    }
}

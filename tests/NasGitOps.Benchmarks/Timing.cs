using System.Diagnostics;
using System.Globalization;

namespace NasGitOps.Benchmarks;

/// <summary>Whole processes, from start to end, as a person waits for them.</summary>
internal static class Timing
{
    public static int Median(int runs, string program, string[] arguments)
    {
        var milliseconds = new List<double>();
        for (var run = 0; run <= runs; run++)
        {
            var watch = Stopwatch.StartNew();
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            process.WaitForExit();
            watch.Stop();
            if (process.ExitCode != 0)
            {
                Console.Error.WriteLine($"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}\n{output.Result}\n{error.Result}");
                return 1;
            }

            // The first run only warms the disk cache.
            if (run > 0)
                milliseconds.Add(watch.Elapsed.TotalMilliseconds);
        }

        milliseconds.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{milliseconds[milliseconds.Count / 2]:0} ms (median of {runs}; {milliseconds[0]:0} to {milliseconds[^1]:0})"));
        return 0;
    }
}

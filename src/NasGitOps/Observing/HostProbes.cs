using System.Collections.Concurrent;
using System.Text;
using NasGitOps.Core.Observation;
using NasGitOps.Execution;

namespace NasGitOps.Observing;

/// <summary>Answers questions to the host; nothing here changes anything.</summary>
/// <param name="patience">How long the file system may take for one answer.</param>
internal sealed class HostProbes(ICommandRunner runner, TimeSpan? patience = null)
{
    private const int MaxFileBytes = 16 * 1024 * 1024;

    private const string Hangs = "the file system hangs (a suspended pool or a dead disk? 'zpool status -x', 'dmesg | tail')";

    /// <summary>A file system that waits for its disks answers nobody, and no call to it can be taken back.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, Task<Answer>> unanswered = new(StringComparer.Ordinal);

    public async Task<Answer> AnswerAsync(Probe probe, CancellationToken ct)
    {
        if (probe is RunProbe run)
        {
            var result = await runner.RunAsync(run.Command, CommandOptions.None, ct);
            return new RunAnswer(result.ExitCode, result.Output, result.Errors) { Failure = result.Failure };
        }

        if (unanswered.TryGetValue(probe.Key, out var before) && !before.IsCompleted) return Failed($"'{probe.Key}' was asked before and is not answered yet: {Hangs}");
        var answer = Task.Run(() => Read(probe), ct);
        try
        {
            return await answer.WaitAsync(patience ?? Patience, ct);
        }
        catch (TimeoutException)
        {
            unanswered[probe.Key] = answer;
            return Failed($"'{probe.Key}' was not answered: {Hangs}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return Failed(e.Message);
        }
    }

    private static FilesAnswer Failed(string why) => new(new Dictionary<string, string>()) { Failure = why };

    private static Answer Read(Probe probe) => probe switch
    {
        FileProbe file => new FilesAnswer(File.Exists(file.Path) ? new Dictionary<string, string> { [file.Path] = Text(file.Path) } : []),
        FolderProbe folder => new FilesAnswer(
            Directory.Exists(folder.Folder)
                ? Directory.EnumerateFiles(folder.Folder)
                    .Where(f => f.EndsWith(folder.Suffix, StringComparison.Ordinal) && !Path.GetFileName(f).StartsWith('.'))
                    .ToDictionary(f => f, Text)
                : []),
        LinksProbe links => new LinksAnswer(
            Directory.Exists(links.Folder)
                ? Directory.EnumerateFileSystemEntries(links.Folder)
                    .Select(l => (Link: l, Target: File.ResolveLinkTarget(l, returnFinalTarget: true)?.FullName))
                    .Where(l => l.Target is not null)
                    .ToDictionary(l => l.Link, l => l.Target!)
                : []),
        FactsProbe facts => new FactsAnswer(
            facts.RelativePaths.Select(p => (Path: p, Facts: Beneath.Facts(facts.Root, p))).Where(f => f.Facts is not null).ToDictionary(f => f.Path, f => f.Facts!)),
        SizeProbe size => new SizeAnswer(DiskReader.SizeOf(size.Path)),
        AttributesProbe attributes => new AttributesAnswer(
            attributes.Paths.Select(p => (Path: p, Found: ExtendedAttributes.Read(p, attributes.Prefixes))).Where(p => p.Found is not null).ToDictionary(p => p.Path, p => p.Found!)),
        DiskProbe disk => new DiskAnswer(DiskReader.Read(disk.Path)),
        _ => throw new InvalidOperationException($"no way to answer {probe}"),
    };

    private static string Text(string path)
    {
        using var stream = File.OpenRead(path);
        if (stream.Length > MaxFileBytes) throw new IOException($"{path} has {stream.Length} bytes, more than the {MaxFileBytes} that are read");
        using var reader = new StreamReader(stream, new UTF8Encoding(false));
        return reader.ReadToEnd();
    }
}

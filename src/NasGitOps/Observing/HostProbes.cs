using System.Text;
using NasGitOps.Core.Observation;
using NasGitOps.Execution;

namespace NasGitOps.Observing;

/// <summary>Answers questions to the host; nothing here changes anything.</summary>
internal sealed class HostProbes(ICommandRunner runner)
{
    private const int MaxFileBytes = 16 * 1024 * 1024;

    public async Task<Answer> AnswerAsync(Probe probe, CancellationToken ct)
    {
        if (probe is RunProbe run)
        {
            var result = await runner.RunAsync(run.Command, CommandOptions.None, ct);
            return new RunAnswer(result.ExitCode, result.Output, result.Errors) { Failure = result.Failure };
        }

        try
        {
            return await Task.Run(() => Read(probe), ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new FilesAnswer(new Dictionary<string, string>()) { Failure = e.Message };
        }
    }

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

using System.Text;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Execution;
using NasGitOps.Kinds;

namespace NasGitOps.Observing;

/// <summary>Asks the host what the pure side wants to know, round by round, and hands the answers back.</summary>
internal sealed class HostObserver(HostObservation observation, ICommandRunner runner, string host, TimeProvider time)
{
    private const int MaxRounds = 6;
    private const int MaxFileBytes = 16 * 1024 * 1024;

    public async Task<Observed> ObserveAsync(ManifestSet manifests, IReadOnlyList<ResourceId> owned, HostPaths paths, CancellationToken ct)
    {
        var at = time.GetUtcNow();
        var answers = new Dictionary<string, Answer>();
        for (var round = 0; round < MaxRounds; round++)
        {
            var open = observation.Open(new ObservationContext(manifests, owned, paths, new Answers(answers)) { Now = at });
            if (open.Count == 0) break;
            var replies = await Task.WhenAll(open.Select(p => AnswerAsync(p, ct)));
            for (var i = 0; i < open.Count; i++) answers[open[i].Key] = replies[i];
        }

        ct.ThrowIfCancellationRequested();
        return observation.Read(new ObservationContext(manifests, owned, paths, new Answers(answers)) { Now = at }, host, at);
    }

    private async Task<Answer> AnswerAsync(Probe probe, CancellationToken ct)
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

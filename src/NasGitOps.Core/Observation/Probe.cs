using NasGitOps.Core.Steps;

namespace NasGitOps.Core.Observation;

/// <summary>One question to the host, as a value; nothing here changes anything.</summary>
/// <param name="Key">Names the answer; equal keys are asked once a pass.</param>
public abstract record Probe(string Key);

/// <summary>Runs a command that only reads.</summary>
public sealed record RunProbe(string Key, Command Command) : Probe(Key);

/// <summary>Reads one text file (at most 16 MiB).</summary>
public sealed record FileProbe(string Key, string Path) : Probe(Key);

/// <summary>Reads the text files of a folder whose names end in <paramref name="Suffix"/>.</summary>
public sealed record FolderProbe(string Key, string Folder, string Suffix) : Probe(Key);

/// <summary>Resolves the symbolic links of a folder, or of the given paths, to what they finally name.</summary>
public sealed record LinksProbe(string Key, string Folder) : Probe(Key);

/// <summary>Owner, group, mode and kind of directories below a mount root, resolved beneath it and never through a link.</summary>
public sealed record FactsProbe(string Key, string Root, IReadOnlyList<string> RelativePaths) : Probe(Key);

/// <summary>What a disk carries: size, and whether its first or last MiB holds anything.</summary>
public sealed record DiskProbe(string Key, string Path) : Probe(Key);

/// <summary>How large a disk or file is, and nothing else: a sleeping disk goes on sleeping.</summary>
public sealed record SizeProbe(string Key, string Path) : Probe(Key);

/// <summary>Extended attributes of directories that only root reaches: those whose names begin with one of <paramref name="Prefixes"/>; and whether their files are written in place.</summary>
public sealed record AttributesProbe(string Key, IReadOnlyList<string> Paths, IReadOnlyList<string> Prefixes) : Probe(Key);

/// <summary>What came back for one probe.</summary>
public abstract record Answer
{
    /// <summary>Why there is no answer, for people; null when there is one.</summary>
    public string? Failure { get; init; }
}

public sealed record RunAnswer(int ExitCode, string Output, string Errors) : Answer;

/// <summary>File contents by name; a single file has its path as the name, and an absent one is missing from the map.</summary>
public sealed record FilesAnswer(IReadOnlyDictionary<string, string> Files) : Answer;

/// <summary>Link path to its final target.</summary>
public sealed record LinksAnswer(IReadOnlyDictionary<string, string> Targets) : Answer;

/// <summary>Facts by relative path (empty for the root itself); absent paths are missing.</summary>
public sealed record FactsAnswer(IReadOnlyDictionary<string, FileFacts> Facts) : Answer;

/// <summary>Null where the disk does not exist.</summary>
public sealed record DiskAnswer(DiskFacts? Disk) : Answer;

/// <param name="Bytes">Null where there is none.</param>
public sealed record SizeAnswer(ulong? Bytes) : Answer;

/// <summary>By path; one that does not exist is missing.</summary>
public sealed record AttributesAnswer(IReadOnlyDictionary<string, PathAttributes> Paths) : Answer;

/// <param name="Values">Attribute name to text.</param>
/// <param name="NoCow">Whether new files in it are overwritten in place (<c>chattr +C</c>).</param>
public sealed record PathAttributes(IReadOnlyDictionary<string, string> Values, bool NoCow);

/// <summary>One directory entry.</summary>
/// <param name="Mode">Permission bits, octal without leading zeros beyond four digits, as <c>2775</c>.</param>
/// <param name="IsEmpty">For a directory: whether it has no entries.</param>
public sealed record FileFacts(uint Uid, uint Gid, string Mode, bool IsLink, bool IsDirectory, bool IsEmpty);

/// <summary>A disk or disk image.</summary>
/// <param name="Bytes">Size.</param>
/// <param name="Carries">What stands on it, in words (signature, partition table, holder, data); empty when it is blank.</param>
public sealed record DiskFacts(ulong Bytes, bool IsFile, IReadOnlyList<string> Carries)
{
    public bool Equals(DiskFacts? other) => other is not null && Bytes == other.Bytes && IsFile == other.IsFile && Carries.SequenceEqual(other.Carries);

    public override int GetHashCode() => Bytes.GetHashCode();
}

/// <summary>All answers of one observation so far.</summary>
public sealed class Answers(IReadOnlyDictionary<string, Answer> byKey)
{
    public static Answers None { get; } = new(new Dictionary<string, Answer>());

    public bool Has(string key) => byKey.ContainsKey(key);

    public T? Find<T>(string key)
        where T : Answer
        => byKey.GetValueOrDefault(key) as T;

    /// <summary>The output of a command that succeeded; Unknown with its evidence when it did not.</summary>
    public Reading<string> Output(RunProbe probe)
    {
        var answer = Find<RunAnswer>(probe.Key);
        if (answer is null) return Reading<string>.Unknown($"'{probe.Command}' was not run");
        if (answer.Failure is not null) return Reading<string>.Unknown($"'{probe.Command}': {answer.Failure}");
        return answer.ExitCode == 0
            ? Reading<string>.Known(answer.Output)
            : Reading<string>.Unknown($"'{probe.Command}' ended with exit code {answer.ExitCode}: {answer.Errors.Trim()}");
    }
}

using System.Globalization;
using System.Text;

namespace NasGitOps.Execution;

/// <summary>The journal as files: <c>journal.jsonl</c>, and <c>journal-N.jsonl</c> for those put aside, N being the number of their first entry.</summary>
internal static class JournalFiles
{
    /// <summary>More than any line: the end of the chain is found in it without reading years of history.</summary>
    public const int TailBytes = 1024 * 1024;

    /// <param name="path">The one that is written to.</param>
    public static string PutAsideName(string path, long first) => $"{Stem(path)}-{first.ToString("D12", CultureInfo.InvariantCulture)}.jsonl";

    /// <summary>Those put aside, oldest first.</summary>
    public static IReadOnlyList<string> PutAside(string path) =>
    [
        .. Directory.EnumerateFiles(Path.GetDirectoryName(path)!, $"{Path.GetFileName(Stem(path))}-*.jsonl")
            .Where(f => FirstOf(path, f) is not null)
            .OrderBy(f => FirstOf(path, f)),
    ];

    /// <summary>The number in the name of a file that was put aside; null for any other file.</summary>
    public static long? FirstOf(string path, string file)
    {
        var prefix = Stem(path) + "-";
        if (!file.StartsWith(prefix, StringComparison.Ordinal)) return null;
        return long.TryParse(file[prefix.Length..^".jsonl".Length], NumberStyles.None, CultureInfo.InvariantCulture, out var first) && PutAsideName(path, first) == file ? first : null;
    }

    /// <summary>All files, oldest first, opened as they were at one moment: the agent may be putting one aside meanwhile.</summary>
    public static IReadOnlyList<(string File, Stream Content)> OpenAll(string path)
    {
        while (true)
        {
            var files = List(path);
            var opened = files.Select(f => (File: f, Content: TryOpen(f))).TakeWhile(f => f.Content is not null).Select(f => (f.File, f.Content!)).ToList();
            if (opened.Count == files.Count && List(path).SequenceEqual(files)) return opened;
            foreach (var (_, content) in opened) content.Dispose();
        }
    }

    /// <summary>Null where it was put aside, or removed, just now.</summary>
    private static Stream? TryOpen(string file)
    {
        try
        {
            return new FileStream(Posix.OpenRead(file), FileAccess.Read);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    public static IEnumerable<string> Lines(Stream content)
    {
        using var reader = new StreamReader(content, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), detectEncodingFromByteOrderMarks: false);
        var line = new StringBuilder();
        for (var c = reader.Read(); c >= 0; c = reader.Read())
        {
            if (c != '\n')
            {
                line.Append((char)c);
                continue;
            }

            yield return line.ToString();
            line.Clear();
        }

        if (line.Length > 0) yield return line.ToString();
    }

    /// <summary>The first entry of a file; null when its first line is none.</summary>
    public static JournalEntry? First(string file)
    {
        using var content = new FileStream(Posix.OpenRead(file), FileAccess.Read);
        return Lines(content).Take(1).Select(JournalEntry.Open).FirstOrDefault()?.Entry;
    }

    /// <summary>The lines at a stream's end, the last one even if it was cut off.</summary>
    /// <param name="ended">Whether the last line has its end.</param>
    public static string[] Tail(FileStream stream, out bool ended)
    {
        var start = Math.Max(0, stream.Length - TailBytes);
        var tail = new byte[stream.Length - start];
        stream.Position = start;
        stream.ReadExactly(tail);
        ended = tail is [] or [.., (byte)'\n'];
        return Encoding.UTF8.GetString(tail).Split('\n')[..(ended ? ^1 : ^0)];
    }

    /// <summary>The newest entry of the files put aside; null when there is none.</summary>
    public static (JournalEntry Entry, string Hash)? LastPutAside(string path)
    {
        if (PutAside(path) is not [.., var newest]) return null;
        using var stream = new FileStream(Posix.OpenRead(newest), FileAccess.Read);
        return Tail(stream, out _).Reverse().Select(JournalEntry.Open).FirstOrDefault(e => e is not null);
    }

    private static List<string> List(string path) => File.Exists(path) ? [.. PutAside(path), path] : [.. PutAside(path)];

    private static string Stem(string path) => path[..^".jsonl".Length];
}

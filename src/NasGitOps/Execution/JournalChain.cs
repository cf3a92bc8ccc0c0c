using System.Security.Cryptography;
using System.Text;

namespace NasGitOps.Execution;

/// <summary>Where a journal stops being whole.</summary>
/// <param name="Line">From 1.</param>
internal sealed record JournalBreak(string File, int Line, string Reason);

/// <summary>What a check of all files found.</summary>
/// <param name="First">The number of the oldest entry; above 1 when older files were removed as <c>journal.keep</c> says; 0 for an empty journal.</param>
/// <param name="Break">The first place where the chain does not hold; null when it is whole.</param>
internal sealed record JournalVerdict(int Files, long First, long Last, JournalBreak? Break);

/// <summary>Follows the chain from the oldest file to the newest. A line that a crash cut off is no break when the note after it names that very line; missing old files are none when a note says that they were removed.</summary>
internal sealed class JournalChain
{
    private string? prev;
    private long first;
    private long last;
    private string? torn;
    private string? owed;

    private JournalChain()
    {
    }

    public static JournalVerdict Check(string path)
    {
        var chain = new JournalChain();
        var files = JournalFiles.OpenAll(path);
        JournalBreak? broken = null;
        foreach (var (file, content) in files)
        {
            using (content) broken ??= chain.Follow(path, file, content);
        }

        if (broken is null && chain.owed is not null)
        {
            broken = new JournalBreak(files[0].File, 1, $"what came before entry {chain.first} is missing, and no entry says that it was removed when the journal grew");
        }

        return new JournalVerdict(files.Count, chain.first, chain.last, broken);
    }

    /// <summary>What the note says of a line that a crash cut off.</summary>
    public static string Torn(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line);
        return $"the line before was cut off by a crash ({bytes.Length} bytes, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(bytes))})";
    }

    /// <summary>What the note says when old files are removed.</summary>
    /// <param name="next">The oldest entry that stays.</param>
    public static string Removed(JournalEntry next, int keep) => $"files put aside earlier are removed, {keep} are kept: {Before(next)}";

    private static string Before(JournalEntry next) => $"what came before entry {next.Seq}, last hash {next.Prev}";

    private JournalBreak? Follow(string path, string file, Stream content)
    {
        var number = 0;
        foreach (var line in JournalFiles.Lines(content))
        {
            number++;
            if (JournalEntry.Open(line) is not var (entry, hash))
            {
                if (torn is not null) return new JournalBreak(file, number - 1, "the line is no entry, or was changed");
                torn = line;
                continue;
            }

            if (torn is not null && (entry.Phase != JournalEntry.Note || entry.Step != Torn(torn))) return new JournalBreak(file, Math.Max(1, number - 1), "the line is no entry, or was changed");
            if (prev is null) Begin(entry);
            if (entry.Prev != prev) return new JournalBreak(file, number, "the entry does not follow the one before: something between them was taken out, put in or changed");
            if (entry.Seq != last + 1) return new JournalBreak(file, number, $"the entry has the number {entry.Seq} where {last + 1} is due");
            if (number == 1 && JournalFiles.FirstOf(path, file) is { } named && named != entry.Seq) return new JournalBreak(file, 1, $"the file begins with entry {entry.Seq}, and its name says {named}");
            if (owed is not null && entry.Phase == JournalEntry.Note && entry.Step.EndsWith(owed, StringComparison.Ordinal)) owed = null;
            (prev, last, torn) = (hash, entry.Seq, null);
        }

        return torn is null ? null : new JournalBreak(file, number, "the last line was cut off; the next pass will note that");
    }

    private void Begin(JournalEntry entry)
    {
        if (entry.Seq > 1) (prev, owed) = (entry.Prev, Before(entry));
        else prev = JournalEntry.NoHash;
        (first, last) = (entry.Seq, entry.Seq - 1);
    }
}

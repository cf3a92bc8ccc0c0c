using System.Text.Json;
using NasGitOps.Execution;

namespace NasGitOps.Tests.Execution;

public sealed class JournalTests : IDisposable
{
    private readonly TempFolder folder = new();

    private string FilePath => folder["journal.jsonl"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Intent_and_end_are_entries_with_their_evidence()
    {
        Write("Dataset/tank/a", "zfs create tank/a", exit: 1, error: "no space");

        var entries = Journal.Read(FilePath).ToList();
        Assert.Equal(["intent", "done"], entries.Select(e => e.Phase));
        Assert.Equal((1L, 1, 1500L, "no space"), (entries[1].Of!.Value, entries[1].Exit!.Value, entries[1].Ms!.Value, entries[1].Error!));
        Assert.Equal("zfs create tank/a", entries[1].Step);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
    }

    [Fact]
    public void Each_line_is_json_with_the_promised_fields()
    {
        Write("Dataset/tank/a", "zfs create 'tank/ä b'");

        using var line = JsonDocument.Parse(File.ReadLines(FilePath).Last());
        Assert.Equal(["seq", "time", "phase", "commit", "resource", "step", "of", "exit", "ms", "prev", "hash"], line.RootElement.EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public void A_journal_that_is_opened_again_goes_on_with_its_chain()
    {
        for (var i = 0; i < 3; i++) Write($"Dataset/tank/{i}", "zfs create");

        Assert.Equal([1L, 2, 3, 4, 5, 6], Journal.Read(FilePath).Select(e => e.Seq));
        Assert.Null(Journal.Verify(FilePath));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(150)]
    public void A_line_that_a_kill_tore_stays_and_the_chain_goes_on_after_a_note(int torn)
    {
        Write("Dataset/tank/a", "zfs create tank/a");
        Write("Dataset/tank/b", "zfs create tank/b");
        using (var file = File.OpenWrite(FilePath)) file.SetLength(file.Length - torn);

        Write("Dataset/tank/c", "zfs create tank/c");

        Assert.Null(Journal.Verify(FilePath));
        Assert.Equal(torn == 1 ? 6 : 7, File.ReadLines(FilePath).Count());
        Assert.Equal(torn == 1 ? 0 : 1, Journal.Read(FilePath).Count(e => e.Phase == "note"));
    }

    [Fact]
    public async Task A_pass_and_jobs_that_write_at_the_same_time_make_one_whole_chain()
    {
        await Task.WhenAll(Enumerable.Range(0, 6).Select(writer => Task.Run(() =>
        {
            for (var i = 0; i < 10; i++)
            {
                using var journal = Journal.Open(FilePath, TimeProvider.System);
                for (var step = 0; step < 3; step++) journal.Done(journal.Intent("c1", $"Writer/{writer}", $"step {i}.{step}"), 0, TimeSpan.Zero, null);
            }
        })));

        Assert.Null(Journal.Verify(FilePath));
        Assert.Equal(6 * 10 * 3 * 2, Journal.Read(FilePath).Count());
    }

    [Fact]
    public void A_first_line_that_was_torn_is_survived_too()
    {
        File.WriteAllText(FilePath, "{\"seq\":1,\"ti");

        Write("Dataset/tank/a", "zfs create tank/a");

        Assert.Null(Journal.Verify(FilePath));
    }

    [Fact]
    public void A_torn_line_is_told_until_the_next_pass_notes_it()
    {
        Write("Dataset/tank/a", "zfs create tank/a");
        File.AppendAllText(FilePath, "{\"seq\":3");

        Assert.Equal(3, Journal.Verify(FilePath)!.Line);
    }

    [Theory]
    [InlineData("changed", 2)]
    [InlineData("removed", 2)]
    [InlineData("swapped", 2)]
    [InlineData("inserted", 3)]
    [InlineData("first removed", 1)]
    public void A_changed_journal_is_found_at_its_first_break(string change, int line)
    {
        for (var i = 0; i < 3; i++) Write($"Dataset/tank/{i}", "zfs create");
        var lines = File.ReadAllLines(FilePath).ToList();
        switch (change)
        {
            case "changed":
                lines[1] = lines[1].Replace("zfs create", "zfs rename", StringComparison.Ordinal);
                break;
            case "removed":
                lines.RemoveAt(1);
                break;
            case "swapped":
                (lines[1], lines[2]) = (lines[2], lines[1]);
                break;
            case "inserted":
                lines.Insert(2, lines[1]);
                break;
            default:
                lines.RemoveAt(0);
                break;
        }

        File.WriteAllText(FilePath, string.Join('\n', lines) + "\n");

        Assert.Equal(line, Journal.Verify(FilePath)!.Line);
    }

    [Fact]
    public void What_was_lost_before_a_torn_line_cannot_hide_behind_its_note()
    {
        for (var i = 0; i < 3; i++) Write($"Dataset/tank/{i}", "zfs create");
        File.AppendAllText(FilePath, "{\"torn");
        Write("Dataset/tank/x", "zfs create");
        var lines = File.ReadAllLines(FilePath).ToList();
        lines.RemoveAt(5);
        File.WriteAllText(FilePath, string.Join('\n', lines) + "\n");

        Assert.NotNull(Journal.Verify(FilePath));
    }

    private void Write(string resource, string step, int exit = 0, string? error = null)
    {
        using var journal = Journal.Open(FilePath, TimeProvider.System);
        var intent = journal.Intent("c0ffee", resource, step);
        journal.Done(intent, exit, TimeSpan.FromSeconds(1.5), error);
    }
}

using NasGitOps.Cli;
using NasGitOps.Execution;

namespace NasGitOps.Tests.Execution;

public sealed class JournalRotationTests : IDisposable
{
    /// <summary>Some entries a file.</summary>
    private static readonly JournalLimits Small = new(2000, 3);

    private readonly TempFolder folder = new();

    private string FilePath => folder["journal.jsonl"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_journal_that_grew_is_put_aside_and_its_successor_goes_on_with_the_chain()
    {
        Write(12, Small with { Keep = 100 });

        var files = JournalFiles.PutAside(FilePath);
        Assert.True(files.Count > 1);
        Assert.EndsWith("journal-000000000001.jsonl", files[0], StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(1, 24).Select(n => (long)n), Journal.Read(FilePath).Select(e => e.Seq));
        Assert.Equal(new JournalVerdict(files.Count + 1, 1, 24, null), JournalChain.Check(FilePath));
        Assert.All(files, f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(f)));
    }

    [Fact]
    public void The_oldest_go_and_that_they_are_missing_is_told_and_no_break()
    {
        Write(60, Small);

        var verdict = JournalChain.Check(FilePath);
        Assert.Null(verdict.Break);
        Assert.Equal(3, JournalFiles.PutAside(FilePath).Count);
        Assert.True(verdict.First > 1);
        Assert.Equal(verdict.Last - verdict.First + 1, Journal.Read(FilePath).Count());
    }

    [Theory]
    [InlineData("oldest removed")]
    [InlineData("middle removed")]
    [InlineData("newest put aside removed")]
    [InlineData("first entry removed")]
    [InlineData("last entry of a file removed")]
    [InlineData("renamed")]
    public void What_somebody_took_out_is_a_break(string change)
    {
        Write(20, Small with { Keep = 100 });
        var files = JournalFiles.PutAside(FilePath);
        switch (change)
        {
            case "oldest removed":
                File.Delete(files[0]);
                break;
            case "middle removed":
                File.Delete(files[1]);
                break;
            case "newest put aside removed":
                File.Delete(files[^1]);
                break;
            case "first entry removed":
                File.WriteAllLines(files[0], File.ReadAllLines(files[0])[1..]);
                break;
            case "last entry of a file removed":
                File.WriteAllLines(files[1], File.ReadAllLines(files[1])[..^1]);
                break;
            default:
                File.Delete(files[0]);
                File.Move(files[1], files[0]);
                break;
        }

        Assert.NotNull(Journal.Verify(FilePath));
    }

    [Theory]
    [InlineData("after the rename")]
    [InlineData("after the new file was made")]
    [InlineData("in the first line of the new file")]
    public void A_kill_at_any_instant_of_it_leaves_a_whole_chain(string instant)
    {
        Write(3, Small with { MaxBytes = 1_000_000 });
        File.Move(FilePath, folder["journal-000000000001.jsonl"]);
        if (instant == "after the new file was made") File.WriteAllText(FilePath, "");
        if (instant == "in the first line of the new file") File.WriteAllText(FilePath, "{\"seq\":7,\"ti");

        Assert.Equal(instant == "in the first line of the new file", Journal.Verify(FilePath) is not null);
        Write(1, Small);

        Assert.Null(Journal.Verify(FilePath));
        Assert.Equal(7, Journal.Read(FilePath).First(e => e.Seq > 6).Seq);
    }

    [Fact]
    public void A_writer_that_still_has_the_old_file_goes_on_in_the_new_one()
    {
        using var slow = Journal.Open(FilePath, TimeProvider.System, Small);
        var intent = slow.Intent("c1", "Dataset/tank/a", "zfs create tank/a");
        Write(12, Small with { Keep = 100 });

        slow.Done(intent, 0, TimeSpan.Zero, null);

        Assert.Null(Journal.Verify(FilePath));
        Assert.Equal("done", Journal.Read(FilePath).Last().Phase);
        Assert.Equal(intent.Seq, Journal.Read(FilePath).Last().Of);
        Assert.Equal(26, Journal.Read(FilePath).Count());
    }

    [Fact]
    public async Task Writers_that_rotate_at_the_same_time_and_readers_meanwhile_find_one_whole_chain()
    {
        var limits = Small with { Keep = 1000 };
        Write(1, limits);
        var writing = Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(() => Write(20, limits))));
        while (!writing.IsCompleted)
        {
            // The newest line may be half written; everything before it must hold.
            var verdict = JournalChain.Check(FilePath);
            Assert.True(verdict.Break is null || verdict.Break.Reason.StartsWith("the last line was cut off", StringComparison.Ordinal), verdict.ToString());
        }

        await writing;

        Assert.Null(Journal.Verify(FilePath));
        Assert.Equal(2 * ((5 * 20) + 1), Journal.Read(FilePath).Count());
    }

    [Theory]
    [InlineData("Dataset/tank/a", null, 4)]
    [InlineData("Dataset/tank", null, 6)]
    [InlineData("Dataset", null, 6)]
    [InlineData("Dataset/tan", null, 0)]
    [InlineData(null, "C1", 6)]
    [InlineData(null, "c2", 2)]
    [InlineData(null, "", 0)]
    public void Entries_are_found_by_resource_with_all_below_it_and_by_commit(string? resource, string? commit, int expected)
    {
        using (var journal = Journal.Open(FilePath, TimeProvider.System))
        {
            foreach (var (id, of) in new[] { ("Dataset/tank/a", "c1ab"), ("Dataset/tank/a/b", "c1ab"), ("Dataset/tank/ab", "c1ab"), ("User/alice", "c2") })
                journal.Done(journal.Intent(of, id, "step"), 0, TimeSpan.Zero, null);
        }

        Assert.Equal(expected, Journal.Read(FilePath).Count(new JournalFilter(null, resource, commit).Matches));
    }

    [Fact]
    public void Entries_are_found_by_their_time()
    {
        Write(2, Small);
        var third = Journal.Read(FilePath).ElementAt(2).Time;

        Assert.Equal(2, Journal.Read(FilePath).Count(new JournalFilter(third, null, null).Matches));
    }

    private void Write(int changes, JournalLimits limits)
    {
        using var journal = Journal.Open(FilePath, TimeProvider.System, limits);
        for (var i = 0; i < changes; i++) journal.Done(journal.Intent("c0ffee", $"Dataset/tank/{i}", "zfs create"), 0, TimeSpan.Zero, null);
    }
}

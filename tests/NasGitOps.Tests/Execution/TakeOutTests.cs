using NasGitOps.Core.Steps;
using NasGitOps.Execution;

namespace NasGitOps.Tests.Execution;

public sealed class TakeOutTests : IDisposable
{
    private const string A = "/tank/a 10.0.0.1(rw)\n";
    private const string B = "/tank/b 10.0.0.1(rw)\n";
    private const string C = "/tank/c 10.0.0.1(rw)\n";

    private readonly TempFolder folder = new();

    private string Exports => folder["exports"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Exactly_the_text_goes_and_the_file_as_it_was_is_kept_with_its_mode()
    {
        // A byte that is no UTF-8 stays what it is.
        byte[] before = [.. "# by hand "u8, 0xE4, .. "\n/tank/a 10.0.0.1(rw)\n# end"u8];
        File.WriteAllBytes(Exports, before);
        File.SetUnixFileMode(Exports, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        Assert.Null(new FileTransaction().TakeOut(Step(A)));

        Assert.Equal([.. "# by hand "u8, 0xE4, .. "\n# end"u8], File.ReadAllBytes(Exports));
        Assert.Equal(before, File.ReadAllBytes(Exports + TakeOut.Suffix));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(Exports));
    }

    [Theory]
    [InlineData("/tank/b 10.0.0.1(rw)\n", "is not there any more")]
    [InlineData("/tank/a 10.0.0.1(rw)\n/tank/a 10.0.0.1(rw)\n", "stands there twice")]
    public void What_does_not_stand_there_exactly_once_is_refused_and_nothing_is_written(string text, string reason)
    {
        File.WriteAllText(Exports, text);

        Assert.Contains(reason, new FileTransaction().TakeOut(Step(A)), StringComparison.Ordinal);

        Assert.Equal(text, File.ReadAllText(Exports));
        Assert.False(File.Exists(Exports + TakeOut.Suffix));
    }

    [Fact]
    public void A_kept_copy_is_never_written_over_and_one_that_holds_the_text_is_enough()
    {
        File.WriteAllText(Exports, A + B);
        new FileTransaction().TakeOut(Step(A));
        new FileTransaction().TakeOut(Step(B));
        File.WriteAllText(Exports, C);
        new FileTransaction().TakeOut(Step(C));

        Assert.Equal(A + B, File.ReadAllText(Exports + TakeOut.Suffix));
        Assert.Equal(C, File.ReadAllText(Exports + TakeOut.Suffix + "-2"));
        Assert.False(File.Exists(Exports + TakeOut.Suffix + "-3"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Changes_of_one_file_are_put_back_in_any_order(bool firstFirst)
    {
        File.WriteAllText(Exports, A + B + C);
        var (first, second) = (new FileTransaction(), new FileTransaction());
        first.TakeOut(Step(A));
        second.TakeOut(Step(B));

        (firstFirst ? first : second).RollBack();
        (firstFirst ? second : first).RollBack();

        Assert.Equal(A + B + C, File.ReadAllText(Exports));
    }

    [Fact]
    public void One_that_failed_is_put_back_and_the_other_stays_out()
    {
        File.WriteAllText(Exports, A + B + C);
        var (first, second) = (new FileTransaction(), new FileTransaction());
        first.TakeOut(Step(A));
        second.TakeOut(Step(C));

        first.RollBack();

        Assert.Equal(A + B, File.ReadAllText(Exports));
    }

    private TakeOut Step(string text) => new(Exports, text, Exports + TakeOut.Suffix);
}

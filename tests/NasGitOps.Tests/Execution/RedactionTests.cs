using System.Text;
using NasGitOps.Core.Steps;
using NasGitOps.Execution;

namespace NasGitOps.Tests.Execution;

public sealed class RedactionTests
{
    private const string Secret = "correct-Horse\nzweite \"Zeile\" ☃";

    [Theory]
    [InlineData("password correct-Horse is bad")]
    [InlineData("password 'CORRECT-HORSE' is bad")]
    [InlineData("password corr\\u0065ct-Horse is bad")]
    [InlineData("password \"correct-H… is bad")]
    [InlineData("got zweite \\\"Zeile\\\"")]
    [InlineData("{\"in\":\"correct-Horse\\nzweite\"}")]
    [InlineData("Y29ycmVjdC1Ib3JzZQp6d2VpdGUg")]
    [InlineData("636f72726563742d486f727365")]
    public void A_line_that_holds_a_part_of_the_secret_is_withheld_and_the_others_stay(string line)
    {
        var clean = Clean($"before\n{line}\nafter\n", Secret);

        Assert.Equal($"before\n{Redaction.Withheld}\nafter\n", clean.Errors);
    }

    [Fact]
    public void Both_outputs_are_cleaned()
    {
        var clean = Redaction.Clean(Result("out correct-Horse", "error correct-Horse"), Encoding.UTF8.GetBytes(Secret));

        Assert.Equal((Redaction.Withheld, Redaction.Withheld), (clean.Output, clean.Errors));
    }

    [Theory]
    [InlineData("abc", "it is ABC")]
    [InlineData("-n", "unknown option -n")]
    [InlineData("long enough\nx7", "second line: x7")]
    public void A_short_secret_is_found_as_well(string secret, string line) => Assert.Equal(Redaction.Withheld, Clean(line, secret).Errors);

    [Theory]
    [InlineData("Failed to add entry for user alice.")]
    [InlineData("correc")]
    [InlineData("")]
    public void What_has_nothing_of_the_secret_is_left_as_it_is(string line) => Assert.Equal(line, Clean(line, "xcorrexct-horse").Errors);

    [Fact]
    public void A_large_output_and_a_large_secret_take_moments()
    {
        var secret = string.Concat(Enumerable.Range(0, 6000).Select(i => $"{i}-line\n"));

        var clean = Clean(string.Concat(Enumerable.Repeat("nothing of it is here\n", 40_000)), secret);

        Assert.DoesNotContain(Redaction.Withheld, clean.Errors, StringComparison.Ordinal);
    }

    private static CommandResult Clean(string errors, string secret) => Redaction.Clean(Result("", errors), Encoding.UTF8.GetBytes(secret + "\n"));

    private static CommandResult Result(string output, string errors) => new(Command.Of("tool"), 1, output, errors, TimeSpan.Zero, null);
}

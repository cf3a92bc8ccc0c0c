using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace NasGitOps.Testing.Fuzz;

/// <summary>An input was found that breaks a rule. The message holds the smallest one, as a literal for a test.</summary>
public sealed class FuzzException(string message, Exception? inner) : Exception(message, inner);

/// <summary>Feeds a reader with damaged, random and hostile inputs.</summary>
/// <remarks>The same inputs every time, so that a build does not fail by luck; <c>NASGITOPS_FUZZ_RUNS=1000000</c> asks for as many random ones for each target, <c>NASGITOPS_FUZZ_SEED</c> for those of one seed again.</remarks>
public static class Fuzzing
{
    private const int UsualRuns = 300;
    private const int UsualSeed = 4711;

    /// <summary>Far beyond what any of these inputs takes on a busy machine: what is reached is no mere slowness.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public static int Runs(int usual) => Number("NASGITOPS_FUZZ_RUNS") ?? usual;

    public static int Seed { get; } = Number("NASGITOPS_FUZZ_SEED") ?? (Number("NASGITOPS_FUZZ_RUNS") is null ? UsualSeed : Environment.TickCount);

    /// <param name="seeds">Good inputs, to be damaged.</param>
    /// <param name="wrong">What is wrong with what a reader makes of an input; null for nothing. An exception is wrong too.</param>
    public static void Text(IReadOnlyList<string> seeds, Func<string, string?> wrong, int usual = UsualRuns)
    {
        var mutator = new Mutator(new Random(Seed), seeds);
        var runs = Runs(usual);
        foreach (var seed in seeds) Try(seed, wrong, 0);
        for (var run = 1; run <= runs; run++) Try(mutator.Next(), wrong, run);
    }

    /// <summary>For readers that give what they read, and refuse the rest with a <see cref="FormatException"/>.</summary>
    public static void Parser<T>(IReadOnlyList<string> seeds, Func<string, T> parse, int usual = UsualRuns) => Text(
        seeds,
        text =>
        {
            try
            {
                return parse(text) is System.Collections.IEnumerable items ? items.Cast<object?>().Count() < 0 ? "" : null : null;
            }
            catch (FormatException e)
            {
                return e.Message.Length > 0 ? null : "it is refused without a word";
            }
        },
        usual);

    private static void Try(string input, Func<string, string?> wrong, int run)
    {
        if (Judge(input, wrong) is not { } found) return;
        var smallest = Smaller(input, text => Judge(text, wrong) is not null);
        var (why, inner) = Judge(smallest, wrong) ?? found;
        throw new FuzzException($"{why}\nseed {Seed}, run {run}, input: {Literal(smallest)}", inner);
    }

    private static (string Why, Exception? Inner)? Judge(string input, Func<string, string?> wrong)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            if (wrong(input) is { } why) return (why, null);
        }
        catch (Exception e)
        {
            return ($"{e.GetType().Name}: {e.Message}", e);
        }

        return Stopwatch.GetElapsedTime(began) is var took && took > Limit ? ($"it took {took.TotalSeconds:0} s", null) : null;
    }

    /// <summary>Takes away ever smaller pieces, as long as it stays wrong.</summary>
    private static string Smaller(string input, Func<string, bool> isWrong)
    {
        var tries = 0;
        for (var size = input.Length / 2; size > 0; size /= 2)
        {
            for (var at = 0; at + size <= input.Length && tries < 3000; tries++)
            {
                var less = input.Remove(at, size);
                if (isWrong(less)) input = less;
                else at += size;
            }
        }

        return input;
    }

    /// <summary>As C# writes it.</summary>
    public static string Literal(string text)
    {
        var literal = new StringBuilder("\"");
        foreach (var c in text)
        {
            if (c is '"' or '\\') literal.Append('\\').Append(c);
            else if (c is >= ' ' and <= '~') literal.Append(c);
            else literal.Append(c switch { '\n' => "\\n", '\r' => "\\r", '\t' => "\\t", _ => $"\\u{(int)c:x4}" });
        }

        return literal.Append('"').ToString();
    }

    private static int? Number(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

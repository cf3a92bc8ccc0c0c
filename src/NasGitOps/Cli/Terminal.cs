namespace NasGitOps.Cli;

/// <summary>Text for people: colours and progress only where a person looks. Data goes to standard output alone, everything else to standard error.</summary>
internal static class Terminal
{
    private static readonly bool Colours = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null && Environment.GetEnvironmentVariable("TERM") != "dumb";

    public static string Red(string text) => Paint(text, "31");

    public static string Green(string text) => Paint(text, "32");

    public static string Yellow(string text) => Paint(text, "33");

    public static string Dim(string text) => Paint(text, "2");

    public static string Bold(string text) => Paint(text, "1");

    /// <summary>A line that the next one replaces, on a terminal; nothing elsewhere.</summary>
    public static void Progress(string text)
    {
        if (!Console.IsErrorRedirected) Console.Error.Write($"\r\u001b[K{text}");
    }

    public static void EndProgress() => Progress("");

    public static int Fail(string message)
    {
        Console.Error.WriteLine($"nasgitops: {message}");
        return ExitCodes.Failed;
    }

    /// <summary>The command was called in a way that it does not understand.</summary>
    public static int Usage(string message)
    {
        Fail(message);
        return ExitCodes.Usage;
    }

    /// <summary>Text of others (names, messages) without what would steer a terminal.</summary>
    public static string Safe(string text) => string.Concat(text.Select(c => char.IsControl(c) && c != '\n' ? '\ufffd' : c));

    private static string Paint(string text, string code) => Colours ? $"\u001b[{code}m{text}\u001b[0m" : text;
}

internal static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Different = 2;
    public const int Usage = 64;
}

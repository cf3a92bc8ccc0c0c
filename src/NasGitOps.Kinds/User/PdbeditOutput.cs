namespace NasGitOps.Kinds.User;

/// <summary>Reads <c>pdbedit -L -v</c> (never <c>-w</c>, which prints password hashes).</summary>
internal static class PdbeditOutput
{
    /// <returns>Whether the account is enabled, by user name: the flags of a disabled one hold a <c>D</c>, as <c>[DU         ]</c>.</returns>
    public static IReadOnlyDictionary<string, bool> Parse(string output)
    {
        var accounts = new Dictionary<string, bool>();
        string? user = null;
        foreach (var line in output.Split('\n'))
        {
            if (Value(line, "Unix username:") is { } name) user = name;
            else if (user is not null && Value(line, "Account Flags:") is { } flags) accounts[user] = !flags.Contains('D', StringComparison.Ordinal);
        }

        return accounts;
    }

    private static string? Value(string line, string key) => line.StartsWith(key, StringComparison.Ordinal) ? line[key.Length..].Trim() : null;
}

using NasGitOps.Execution;

namespace NasGitOps.Reporting;

internal enum PushOutcome
{
    Accepted,

    /// <summary>The branch was not where we expected it: fetch and try again.</summary>
    SomeoneElsePushed,

    /// <summary>The server was reached and does not want the push at all.</summary>
    Refused,

    /// <summary>The server was not reached, or git failed before it had an answer.</summary>
    Failed,
}

/// <summary>What <c>git push --porcelain</c> says of the one ref that was pushed.</summary>
/// <param name="Reason">The server's, in its words.</param>
internal sealed record PushVerdict(PushOutcome Outcome, string Reason)
{
    /// <summary>Said when two pushes of one branch meet, by us or by the server, which is not a refusal.</summary>
    private static readonly string[] Races = ["cannot lock ref", "failed to update ref", "incorrect old value", "reference already exists", "fetch first", "stale info", "non-fast-forward"];

    public static PushVerdict Read(CommandResult push)
    {
        if (push.Succeeded) return new PushVerdict(PushOutcome.Accepted, "");
        var line = push.Output.Split('\n').FirstOrDefault(l => l.StartsWith("!\t", StringComparison.Ordinal))?.Split('\t')[^1].Trim() ?? "";
        var open = line.IndexOf('(', StringComparison.Ordinal);
        var reason = open < 0 ? line : line[(open + 1)..].TrimEnd(')');
        if (Races.Any(r => reason.Contains(r, StringComparison.Ordinal))) return new PushVerdict(PushOutcome.SomeoneElsePushed, reason);
        return new PushVerdict(line.StartsWith("[remote rejected]", StringComparison.Ordinal) ? PushOutcome.Refused : PushOutcome.Failed, reason);
    }
}

using System.Globalization;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Steps;

namespace NasGitOps.Kinds;

/// <summary>The host's accounts, those that manifests name: two processes however many there are.</summary>
/// <remarks>
/// <c>getent</c> takes names and numbers together, answers for those that exist, and exits 2 when one does not: that is an answer, not a failure.
/// Asking by number too tells who already has the id that a manifest wants.
/// </remarks>
public static class AccountsObserver
{
    private const int SomeKeysMissing = 2;

    public static IEnumerable<Probe> Probes(ObservationContext context)
    {
        if (Users(context) is { } users) yield return users;
        if (Groups(context) is { } groups) yield return groups;
    }

    public static Accounts Read(ObservationContext context) => new(
        Lines(context, Users(context)).Select(ParseUser).OfType<UserAccount>().DistinctBy(u => u.Name).ToDictionary(u => u.Name),
        Lines(context, Groups(context)).Select(ParseGroup).OfType<GroupAccount>().DistinctBy(g => g.Name).ToDictionary(g => g.Name));

    /// <summary>Why the accounts could not be read; null when they were. An unreadable host must not look like one without accounts.</summary>
    public static string? Failure(ObservationContext context) => Failure(context, Users(context)) ?? Failure(context, Groups(context));

    private static RunProbe? Users(ObservationContext context) => Getent("passwd", context, s => s.UserNames);

    private static RunProbe? Groups(ObservationContext context) => Getent("group", context, s => s.GroupNames);

    private static RunProbe? Getent(string database, ObservationContext context, Func<IAccountUser, IEnumerable<string>> names)
    {
        var keys = context.Manifests.All
            .Select(m => m.Spec)
            .OfType<IAccountUser>()
            .SelectMany(names)
            .Where(AccountNames.IsNameOrNumber)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        return keys.Count == 0 ? null : new RunProbe($"accounts:{database}", Command.Of("getent", [database, .. keys]));
    }

    private static string? Failure(ObservationContext context, RunProbe? probe)
    {
        if (probe is null) return null;
        return context.Answers.Find<RunAnswer>(probe.Key) switch
        {
            null => $"'{probe.Command}' was not run",
            { Failure: { } failure } => $"'{probe.Command}': {failure}",
            { ExitCode: 0 or SomeKeysMissing } => null,
            var answer => $"'{probe.Command}' ended with exit code {answer.ExitCode}: {answer.Errors.Trim()}",
        };
    }

    private static string[] Lines(ObservationContext context, RunProbe? probe) =>
        probe is null || Failure(context, probe) is not null ? [] : context.Answers.Find<RunAnswer>(probe.Key)!.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    internal static UserAccount? ParseUser(string line) =>
        line.Split(':') is [var name, _, var uid, var gid, _, var home, var shell] && Number(uid) is { } u && Number(gid) is { } g
            ? new UserAccount(name, u, g, shell, home)
            : null;

    internal static GroupAccount? ParseGroup(string line) =>
        line.Split(':') is [var name, _, var gid, var members] && Number(gid) is { } g
            ? new GroupAccount(name, g, members.Split(',', StringSplitOptions.RemoveEmptyEntries))
            : null;

    private static uint? Number(string text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

using System.Globalization;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using Row = System.Collections.Generic.IReadOnlyDictionary<string, string>;

namespace NasGitOps.Kinds.User;

/// <summary>What to ask about users, how to read it, and the commands that change them.</summary>
internal static class UserDriver
{
    private const string GroupFile = "/etc/group";
    private const string GroupFileKey = "user:group-file";
    private const string SmbKey = "user:pdbedit";
    private const string DefaultSambaDirectory = "/etc/samba";

    public static IEnumerable<Probe> Probes(ObservationContext context)
    {
        var declared = context.Manifests.OfSpec<UserSpec>().Select(u => u.Spec).ToList();
        if (declared.Count > 0) yield return new FileProbe(GroupFileKey, GroupFile);
        if (NeedsSmb(context)) yield return SmbProbe(context.Paths);
    }

    public static Reading<KindFacts> Observe(ObservationContext context)
    {
        if (AccountsObserver.Failure(context) is { } failure) return Reading<KindFacts>.Unknown(failure);
        var tables = new Dictionary<string, IReadOnlyDictionary<string, Row>>();
        if (context.Manifests.OfSpec<UserSpec>().Any())
        {
            if (context.Answers.Find<FilesAnswer>(GroupFileKey) is not { Failure: null } answer) return Reading<KindFacts>.Unknown($"{GroupFile} could not be read");
            tables[UserFacts.Members] = ParseGroupFile(answer.Files.GetValueOrDefault(GroupFile, ""));
        }

        if (NeedsSmb(context))
        {
            var accounts = context.Answers.Output(SmbProbe(context.Paths)).Select(PdbeditOutput.Parse);
            if (accounts.IsKnown(out var known)) tables[UserFacts.Smb] = known.ToDictionary(a => a.Key, a => OneColumn(UserFacts.Enabled, a.Value ? UserFacts.Yes : UserFacts.No));
            else tables[UserFacts.Unreadable] = new Dictionary<string, Row> { [UserFacts.Smb] = OneColumn(UserFacts.Reason, accounts.Reason ?? "") };
        }

        return Reading<KindFacts>.Known(new KindFacts(tables));
    }

    public static IEnumerable<Step> Steps(UserSpec spec, ChangeAction action, IReadOnlyList<FieldChange> fields, PlanInput input)
    {
        var names = fields.Select(f => f.Name).ToHashSet();
        if (action == ChangeAction.Create)
        {
            foreach (var step in Create(spec, input)) yield return step;
        }
        else
        {
            if (names.Contains(UserPlanner.PrimaryGroup)) yield return Do("usermod", "-g", spec.PrimaryGroup ?? spec.Name, spec.Name);
            foreach (var field in fields)
            {
                if (UserPlanner.GroupOf(field.Name) is not { } group) continue;
                yield return field.After is null ? Do("gpasswd", "-d", spec.Name, group) : Do("usermod", "-aG", group, spec.Name);
            }
        }

        if (spec.SmbPasswordSecret is { } secret && names.Contains(UserPlanner.SmbPassword))
        {
            yield return new Run(Smbpasswd(input.Paths, "-s", "-a", spec.Name), new SecretInput(secret, Copies: 2));
        }
        else if (fields.FirstOrDefault(f => f.Name == UserPlanner.SmbEnabled) is { } enabled)
        {
            yield return new Run(Smbpasswd(input.Paths, enabled.After == UserFacts.Yes ? "-e" : "-d", spec.Name));
        }
    }

    /// <summary>Takes SMB access away; the password stays, so that it can come back.</summary>
    public static Step Disable(string user, HostPaths paths) => new Run(Smbpasswd(paths, "-d", user));

    /// <summary>The group by a command of its own: <c>useradd -U</c> writes the account before the group, and a kill in between would leave an account without.</summary>
    private static IEnumerable<Run> Create(UserSpec spec, PlanInput input)
    {
        var uid = spec.Uid.ToString(CultureInfo.InvariantCulture);
        if (UserPlanner.NeedsOwnGroup(spec, input)) yield return UserPlanner.IsFreeGid(spec.Uid, input) ? Do("groupadd", "-g", uid, spec.Name) : Do("groupadd", spec.Name);
        var arguments = new List<string> { "-u", uid, "-g", spec.PrimaryGroup ?? spec.Name };
        if (spec.Groups.Count > 0) arguments.AddRange(["-G", string.Join(',', spec.Groups)]);
        arguments.AddRange(["-M", "-d", "/nonexistent", "-s", "/usr/sbin/nologin", spec.Name]);
        yield return new Run(Command.Of("useradd", arguments));
    }

    private static Run Do(string tool, params string[] arguments) => new(Command.Of(tool, arguments));

    private static Command Smbpasswd(HostPaths paths, params string[] arguments) => Command.Of("smbpasswd", [.. Configuration(paths, "-c"), .. arguments]);

    private static RunProbe SmbProbe(HostPaths paths) => new(SmbKey, Command.Of("pdbedit", [.. Configuration(paths, "-s"), "-L", "-v"]));

    /// <summary>A moved Samba folder (tests, demo) has a password database of its own.</summary>
    private static string[] Configuration(HostPaths paths, string option)
    {
        var directory = paths.SambaDirectory.TrimEnd('/');
        return directory == DefaultSambaDirectory ? [] : [option, $"{directory}/smb.conf"];
    }

    /// <summary>A user that was ours may have an SMB account to disable, whether the manifest still says so or not.</summary>
    private static bool NeedsSmb(ObservationContext context) =>
        context.Manifests.OfSpec<UserSpec>().Any(u => u.Spec.SmbPasswordSecret is not null) || context.Owned.Any(id => id.Kind == "User");

    private static Dictionary<string, Row> ParseGroupFile(string text)
    {
        var groups = new Dictionary<string, Row>();
        foreach (var line in text.Split('\n'))
        {
            if (line.Split(':') is [var name, _, _, var members] && members.Length > 0) groups[name] = OneColumn(UserFacts.MembersColumn, members);
        }

        return groups;
    }

    private static Row OneColumn(string column, string value) => new Dictionary<string, string> { [column] = value };
}

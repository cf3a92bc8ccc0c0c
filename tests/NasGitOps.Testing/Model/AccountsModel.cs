using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using NasGitOps.Core.Observation;

namespace NasGitOps.Testing.Model;

/// <summary>What the account tools do to a host, and what they print.</summary>
internal static class AccountsModel
{
    public static ModelResult GroupAdd(ModelState state, IReadOnlyList<string> arguments)
    {
        var name = arguments[^1];
        var gid = After(arguments, "-g") is { } given ? uint.Parse(given, CultureInfo.InvariantCulture) : Enumerable.Range(1000, 60000).Select(i => (uint)i).First(i => state.Groups.Values.All(g => g.Gid != i));
        if (state.Groups.ContainsKey(name) || state.Groups.Values.Any(g => g.Gid == gid)) return ModelResult.Refused($"groupadd: group '{name}' or GID '{gid}' already exists");
        return ModelResult.Done(state with { Groups = state.Groups.Add(name, new ModelGroup(gid, [])) });
    }

    public static ModelResult UserAdd(ModelState state, IReadOnlyList<string> arguments)
    {
        var name = arguments[^1];
        var uid = uint.Parse(After(arguments, "-u")!, CultureInfo.InvariantCulture);
        if (state.Users.ContainsKey(name) || state.Users.Values.Any(u => u.Uid == uid)) return ModelResult.Refused($"useradd: user '{name}' or UID {uid} already exists");
        if (arguments.Contains("-U"))
        {
            if (state.Groups.ContainsKey(name)) return ModelResult.Refused($"useradd: group {name} exists - if you want to add this user to that group, use -g.");
            var gid = state.Groups.Values.All(g => g.Gid != uid) ? uid : Enumerable.Range(1000, 60000).Select(i => (uint)i).First(i => state.Groups.Values.All(g => g.Gid != i));
            state = state with { Groups = state.Groups.Add(name, new ModelGroup(gid, [])) };
        }

        var primary = After(arguments, "-g") ?? name;
        if (GroupNamed(state, primary) is not { } group) return ModelResult.Refused($"useradd: group '{primary}' does not exist");
        state = state with { Users = state.Users.Add(name, new ModelUser(uid, group.Gid)) };
        return (After(arguments, "-G")?.Split(',') ?? []).Aggregate(ModelResult.Done(state), (result, g) => result.State is null ? result : Join(result.State, name, g));
    }

    public static ModelResult UserMod(ModelState state, IReadOnlyList<string> arguments)
    {
        var name = arguments[^1];
        if (!state.Users.TryGetValue(name, out var user)) return ModelResult.Refused($"usermod: user '{name}' does not exist");
        if (arguments[0] == "-aG") return Join(state, name, arguments[1]);
        if (GroupNamed(state, arguments[1]) is not { } group) return ModelResult.Refused($"usermod: group '{arguments[1]}' does not exist");
        return ModelResult.Done(state with { Users = state.Users.SetItem(name, user with { Gid = group.Gid }) });
    }

    /// <summary><c>gpasswd -d USER GROUP</c>; it fails where the user is no member.</summary>
    public static ModelResult GPasswd(ModelState state, IReadOnlyList<string> arguments)
    {
        if (!state.Groups.TryGetValue(arguments[2], out var group) || !group.Members.Contains(arguments[1])) return ModelResult.Refused($"gpasswd: user '{arguments[1]}' is not a member of '{arguments[2]}'");
        return ModelResult.Done(state with { Groups = state.Groups.SetItem(arguments[2], group with { Members = group.Members.Remove(arguments[1]) }) });
    }

    public static ModelResult SmbPasswd(ModelState state, IReadOnlyList<string> arguments, string? stdin)
    {
        var name = arguments[^1];
        if (!state.Users.ContainsKey(name)) return ModelResult.Refused($"Failed to find user {name}");
        if (arguments.Contains("-a"))
        {
            // Whether a new password opens a disabled account differs between versions of Samba; the model takes the one that leaves more to do.
            var enabled = !state.SmbAccounts.TryGetValue(name, out var old) || old.Enabled;
            return ModelResult.Done(state with { SmbAccounts = state.SmbAccounts.SetItem(name, new ModelSmbAccount(enabled, stdin!)) });
        }

        if (!state.SmbAccounts.TryGetValue(name, out var account)) return ModelResult.Refused($"Failed to find entry for user {name}.");
        return ModelResult.Done(state with { SmbAccounts = state.SmbAccounts.SetItem(name, account with { Enabled = arguments.Contains("-e") }) });
    }

    /// <summary>Names and numbers together; exit code 2 when one is not there. Source: getent(1).</summary>
    public static RunAnswer GetEnt(ModelState state, IReadOnlyList<string> arguments)
    {
        if (arguments[0] == "ahosts") return arguments[1] == NfsModel.Unresolvable ? new RunAnswer(2, "", "") : new RunAnswer(0, $"10.0.0.7 STREAM {arguments[1]}\n", "");
        var text = new StringBuilder();
        var missing = false;
        foreach (var key in arguments.Skip(1))
        {
            var line = arguments[0] == "passwd"
                ? state.Users.Where(u => u.Key == key || u.Value.Uid.ToString(CultureInfo.InvariantCulture) == key).Select(u => $"{u.Key}:x:{u.Value.Uid}:{u.Value.Gid}::/nonexistent:/usr/sbin/nologin").FirstOrDefault()
                : state.Groups.Where(g => g.Key == key || g.Value.Gid.ToString(CultureInfo.InvariantCulture) == key).Select(g => GroupLine(g.Key, g.Value)).FirstOrDefault();
            missing |= line is null;
            if (line is not null) text.Append(line).Append('\n');
        }

        return new RunAnswer(missing ? 2 : 0, text.ToString(), "");
    }

    public static string GroupFile(ModelState state) => string.Concat(state.Groups.Select(g => GroupLine(g.Key, g.Value) + "\n"));

    public static string PdbEdit(ModelState state) => string.Concat(
        state.SmbAccounts.Select(a => $"---------------\nUnix username:        {a.Key}\nAccount Flags:        [{(a.Value.Enabled ? "U " : "DU")}         ]\n"));

    public static string UserFile(ModelState state) => string.Concat(state.Users.Select(u => $"{u.Key}:x:{u.Value.Uid}:{u.Value.Gid}::/:/bin/sh\n"));

    private static string GroupLine(string name, ModelGroup group) => $"{name}:x:{group.Gid}:{string.Join(',', group.Members)}";

    private static ModelResult Join(ModelState state, string user, string group) => GroupNamed(state, group) is not { } found
        ? ModelResult.Refused($"group '{group}' does not exist")
        : ModelResult.Done(state with { Groups = state.Groups.SetItem(group, found with { Members = found.Members.Add(user) }) });

    private static ModelGroup? GroupNamed(ModelState state, string name) => state.Groups.GetValueOrDefault(name);

    private static string? After(IReadOnlyList<string> arguments, string flag)
    {
        var index = arguments.ToList().IndexOf(flag);
        return index < 0 ? null : arguments[index + 1];
    }
}

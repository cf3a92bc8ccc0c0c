using System.Text.Json.Nodes;
using NasGitOps.Core.Importing;
using NasGitOps.Core.Manifests;

namespace NasGitOps.Kinds;

/// <summary>Local users and groups that shares name, and the members of those groups, with the numbers that they have.</summary>
internal static class AccountImport
{
    private const string System = "root";

    public static ImportOffer Users(ImportContext context)
    {
        var groups = context.GroupNames.Select(context.Accounts.Groups.GetValueOrDefault).Where(g => g is not null).Select(g => g!).ToList();
        var names = context.UserNames.Concat(groups.SelectMany(g => g.Members)).Distinct().Where(n => n != System).Order(StringComparer.Ordinal).ToList();
        var manifests = new List<Imported>();
        foreach (var user in names.Select(context.Accounts.Users.GetValueOrDefault).Where(u => u is not null).Select(u => u!))
        {
            var spec = new JsonObject { ["uid"] = user.Uid };
            var memberships = groups.Where(g => g.Members.Contains(user.Name)).Select(g => (JsonNode?)g.Name).ToList();
            if (memberships.Count > 0) spec["groups"] = new JsonArray([.. memberships]);
            manifests.Add(new Imported(new ResourceId("User", user.Name), spec, []));
        }

        if (manifests.Count > 0) manifests[0] = manifests[0].With("Passwords stay as they are; to set one from here, add smb: {password: {secretRef: NAME}}.");
        return new ImportOffer(manifests, [.. Missing("user", context.UserNames, context.Accounts.Users.ContainsKey)]);
    }

    public static ImportOffer Groups(ImportContext context)
    {
        var groups = context.GroupNames.Distinct().Order(StringComparer.Ordinal).Select(context.Accounts.Groups.GetValueOrDefault).Where(g => g is not null && g.Name != System);
        return new ImportOffer([.. groups.Select(g => new Imported(new ResourceId("Group", g!.Name), new JsonObject { ["gid"] = g.Gid }, []))], [.. Missing("group", context.GroupNames, context.Accounts.Groups.ContainsKey)]);
    }

    private static IEnumerable<LeftOut> Missing(string what, IEnumerable<string> names, Func<string, bool> isThere) => names
        .Distinct()
        .Where(n => n != System && !isThere(n))
        .Select(n => new LeftOut($"{what} {n}", $"a share names it, and it is in neither /etc/passwd nor /etc/group; what a name service gives is left to that"));
}

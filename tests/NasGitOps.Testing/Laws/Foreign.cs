using NasGitOps.Core.Manifests;
using NasGitOps.Kinds.Dataset;
using NasGitOps.Kinds.Group;
using NasGitOps.Kinds.Pool;
using NasGitOps.Kinds.Samba;
using NasGitOps.Kinds.User;
using NasGitOps.Storage;
using NasGitOps.Testing.Model;

namespace NasGitOps.Testing.Laws;

/// <summary>What stood on a host before and is named by no manifest: it must be the same afterwards.</summary>
internal static class Foreign
{
    private const string SmbConf = "/etc/samba/smb.conf";

    public static string? Difference(ModelState before, ModelState after, params ModelCommit[] commits)
    {
        var specs = commits.SelectMany(c => c.Manifests.All).Select(m => m.Spec).ToList();
        return Datasets(before, after, specs) ?? Files(before, after) ?? Accounts(before, after, specs);
    }

    /// <summary>Undeclared datasets wholly; of declared ones what no manifest names.</summary>
    private static string? Datasets(ModelState before, ModelState after, List<ResourceSpec> specs)
    {
        var declared = specs.OfType<IMountable>().Select(m => m.DatasetName).Concat(specs.OfType<DatasetSpec>().Select(s => s.MovedFrom)).OfType<string>().ToHashSet();
        foreach (var old in before.Datasets.Values)
        {
            var now = after.Datasets.Values.FirstOrDefault(d => d.Guid == old.Guid);
            if (now is null) return $"dataset {old.Name} is gone";
            var touched = declared.Contains(old.Name) ? Named(specs, old.Name) : [];
            foreach (var property in old.Local.Keys.Union(now.Local.Keys).Where(p => !touched.Contains(p) && !(declared.Contains(old.Name) && p.StartsWith("nasgitops:", StringComparison.Ordinal))))
            {
                var (was, isNow) = (old.Local.GetValueOrDefault(property), now.Local.GetValueOrDefault(property));
                if (was != isNow) return $"{old.Name}: {property} was {was ?? "not set"} and is {isNow ?? "not set"}";
            }

            if (!declared.Contains(old.Name) && !old.Directories.SequenceEqual(now.Directories)) return $"directories of {old.Name}";
            if (!declared.Contains(old.Name) && old.MountedAt is null && now.MountedAt is not null && !specs.OfType<IMountable>().Any(s => old.IsBelow(s.DatasetName))) return $"{old.Name} was mounted";
        }

        foreach (var (name, pool) in before.Pools.Where(p => specs.OfType<PoolSpec>().All(s => s.Name != p.Key)))
        {
            if (after.Pools[name] != pool) return $"pool {name}";
        }

        return null;
    }

    private static HashSet<string> Named(List<ResourceSpec> specs, string dataset) =>
    [
        "mountpoint", "volsize",
        .. specs.OfType<DatasetSpec>().Where(s => s.Name == dataset || s.MovedFrom == dataset).SelectMany(s => s.Properties.Keys.Concat(s.Own.Keys)),
        .. specs.OfType<PoolSpec>().Where(s => s.Name == dataset).SelectMany(s => s.Properties.Keys),
    ];

    private static string? Files(ModelState before, ModelState after)
    {
        foreach (var (path, text) in before.Files)
        {
            var now = after.Files.GetValueOrDefault(path);
            if (path == SmbConf ? SmbConfText.WithoutBlock(now ?? "") != text : now != text) return $"file {path}: {text} | {now}";
        }

        if (after.Files.Keys.FirstOrDefault(f => !before.Files.ContainsKey(f) && !f.Contains("nasgitops", StringComparison.Ordinal)) is { } odd) return $"new file {odd}";
        // What was released for a moved mount stays away until the files are read again.
        after = NfsModel.Reload(after, ModelHost.Paths.ExportsDirectory);
        return before.Exported.Where(e => after.Exported.GetValueOrDefault(e.Key) != e.Value).Select(e => $"export {e.Key} {e.Value} | {after.Exported.GetValueOrDefault(e.Key)}").FirstOrDefault();
    }

    private static string? Accounts(ModelState before, ModelState after, List<ResourceSpec> specs)
    {
        var users = specs.OfType<UserSpec>().ToList();
        foreach (var (name, user) in before.Users)
        {
            if (!after.Users.TryGetValue(name, out var now) || now.Uid != user.Uid) return $"user {name}";
            if (users.All(u => u.Name != name) && (now != user || after.SmbAccounts.GetValueOrDefault(name) != before.SmbAccounts.GetValueOrDefault(name))) return $"undeclared user {name}";
        }

        foreach (var (name, group) in before.Groups)
        {
            if (!after.Groups.TryGetValue(name, out var now) || now.Gid != group.Gid) return $"group {name}";
            var changed = group.Members.SymmetricExcept(now.Members).Where(m => users.All(u => u.Name != m || (!u.Groups.Contains(name) && !u.GroupsExclusive))).ToList();
            if (changed.Count > 0) return $"members of {name}: {string.Join(", ", changed)}";
        }

        return null;
    }
}

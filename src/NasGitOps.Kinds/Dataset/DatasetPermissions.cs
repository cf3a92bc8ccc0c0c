using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;

namespace NasGitOps.Kinds.Dataset;

/// <summary>Owner, group and mode of the mount root and of directories below it; compared and set only while the dataset is mounted.</summary>
internal static class DatasetPermissions
{
    /// <param name="willMount">Whether a dataset that is not mounted is to be.</param>
    public static IEnumerable<Field> Fields(DatasetSpec spec, DatasetState? state, bool willMount, PlanInput input)
    {
        foreach (var (path, permissions) in All(spec))
        {
            var name = FieldName(path);
            var wanted = Wanted(permissions, input, out var problem);
            if (state is not { Mounted: true })
            {
                // Known only once it is mounted; a new dataset gets them right after its mount. What was applied is not forgotten meanwhile,
                // and where nothing is mounted nothing is left to do.
                if (state is null) yield return new Field(name, wanted, null, Equal: false, Blocker: problem);
                else if (!willMount || input.Record(new ResourceId("Dataset", spec.Name))?.Fields.GetValueOrDefault(name) == wanted) yield return new Field(name, wanted, wanted, Equal: true);
                continue;
            }

            var facts = state.Directories.GetValueOrDefault(path);
            if (facts is { IsLink: true } or { IsDirectory: false })
            {
                problem ??= new Blocker("PathIsLink", $"{state.Mountpoint}/{path} is {(facts.IsLink ? "a symbolic link" : "no directory")}", "look who made it; remove it by hand");
            }

            yield return new Field(name, wanted, facts is null ? null : Actual(permissions, facts), facts is not null && problem is null && wanted == Actual(permissions, facts), Blocker: problem);
        }
    }

    public static IEnumerable<Step> Steps(DatasetSpec spec, IEnumerable<string> fields, string root, PlanInput input)
    {
        var wanted = fields.ToHashSet();
        foreach (var (path, permissions) in All(spec).Where(a => wanted.Contains(FieldName(a.Path))))
        {
            var uid = permissions.Owner is null ? null : AccountIds.Uid(permissions.Owner, input);
            var gid = permissions.Group is null ? null : AccountIds.Gid(permissions.Group, input);
            yield return new EnsureDirectory(spec.Name, root, path, uid, gid, permissions.Mode is null ? null : Octal(permissions.Mode));
        }
    }

    private static IEnumerable<(string Path, Permissions Permissions)> All(DatasetSpec spec) =>
        (spec.Permissions is null ? Enumerable.Empty<(string, Permissions)>() : [("", spec.Permissions)])
        .Concat(spec.Directories.OrderBy(d => d.Path, StringComparer.Ordinal).Select(d => (d.Path, d.Permissions)));

    private static string FieldName(string path) => path.Length == 0 ? DatasetPlanner.RootPermissions : $"directories[{path}]";

    /// <summary><c>uid:gid mode</c>, a dash where the manifest says nothing.</summary>
    private static string Wanted(Permissions permissions, PlanInput input, out Blocker? problem)
    {
        problem = null;
        var uid = permissions.Owner is null ? "-" : AccountIds.Uid(permissions.Owner, input)?.ToString();
        var gid = permissions.Group is null ? "-" : AccountIds.Gid(permissions.Group, input)?.ToString();
        if (uid is null) problem = new Blocker("UnknownAccount", $"there is no user '{permissions.Owner}'", "declare it with a User manifest, or write its uid");
        if (gid is null) problem = new Blocker("UnknownAccount", $"there is no group '{permissions.Group}'", "declare it with a Group manifest, or write its gid");
        return $"{uid ?? permissions.Owner}:{gid ?? permissions.Group} {(permissions.Mode is null ? "-" : Octal(permissions.Mode))}";
    }

    private static string Actual(Permissions wanted, FileFacts facts) =>
        $"{(wanted.Owner is null ? "-" : facts.Uid)}:{(wanted.Group is null ? "-" : facts.Gid)} {(wanted.Mode is null ? "-" : Octal(facts.Mode))}";

    private static string Octal(string mode) => mode.TrimStart('0').PadLeft(4, '0');
}

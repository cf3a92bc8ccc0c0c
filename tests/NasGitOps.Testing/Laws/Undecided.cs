using System.Collections.Immutable;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Planning;
using NasGitOps.Kinds;
using NasGitOps.Testing.Model;

namespace NasGitOps.Testing.Laws;

/// <summary>Resources that wait for a person after a kill or not, depending on when it came, and all that stands on them.</summary>
internal sealed class Undecided
{
    private readonly HashSet<string> names;
    private readonly HashSet<string> kinds;

    /// <param name="waiting">Names of the resources that wait.</param>
    public Undecided(IEnumerable<string> waiting, ModelCommit commit)
    {
        names = [.. waiting];
        var all = commit.Manifests.All.Concat(BuiltInKinds.All.SelectMany(k => k.Implied(commit.Manifests))).ToList();
        var affected = new HashSet<Manifest>();
        if (names.Count > 0)
        {
            while (all.FirstOrDefault(m => !affected.Contains(m) && IsAffected(m)) is { } next)
            {
                affected.Add(next);
                names.Add(next.Id.Name);
            }
        }

        kinds = [.. affected.Select(m => m.Id.Kind)];
    }

    /// <summary>The world without them: datasets, pools and their disks, records, what is left to do; where shares or exports are among them, without all of the files that hold those.</summary>
    public ModelWorld Without(ModelWorld world) => names.Count == 0 ? world : world with
    {
        Left = world.Left! with { Changes = [.. world.Left.Changes.Where(c => !Covers(c.Id.Name) && !IsServer(c.Id.Kind))] },
        Records = world.Records with { Records = world.Records.Records.Where(r => !Covers(r.Key.Name) && !IsServer(r.Key.Kind)).ToDictionary() },
        Host = world.Host with
        {
            Datasets = Without(world.Host.Datasets, Covers),
            Pools = Without(world.Host.Pools, Covers),
            Snapshots = Without(world.Host.Snapshots, s => Covers(s.Split('@')[0])),
            Disks = kinds.Contains("Pool") ? Maps.Empty<string>() : world.Host.Disks,
            Files = Without(world.Host.Files, f => (kinds.Contains("SmbShare") && f.StartsWith(ModelHost.Paths.SambaDirectory, StringComparison.Ordinal)) || (kinds.Contains("NfsExport") && f.StartsWith(ModelHost.Paths.ExportsDirectory, StringComparison.Ordinal))),
            Exported = kinds.Contains("NfsExport") ? Maps.Empty<string>() : world.Host.Exported,
        },
    };

    private bool IsServer(string kind) => kind == "SambaServer" && kinds.Contains("SmbShare");

    private bool Covers(string name) => DatasetPaths.SelfAndParents(name).Any(names.Contains);

    private bool IsAffected(Manifest manifest) =>
        Covers(manifest.Id.Name) || BuiltInKinds.All.Single(k => k.Name == manifest.Id.Kind).References(manifest).Any(r => r.Target.Kind is not ("User" or "Group") && Covers(r.Target.Name));

    private static ImmutableSortedDictionary<string, T> Without<T>(IEnumerable<KeyValuePair<string, T>> all, Func<string, bool> isLeftOut) => Maps.Of(all.Where(p => !isLeftOut(p.Key)));
}

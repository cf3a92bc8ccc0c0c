using System.Text;
using System.Text.Json.Nodes;
using NasGitOps.Core.Importing;
using NasGitOps.Core.Loading;
using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Storage;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.Importing;

/// <summary>What an import gives.</summary>
/// <param name="Files">Relative to the repository.</param>
/// <param name="Plan">What a pass would do on exactly these manifests.</param>
public sealed record ImportResult(IReadOnlyList<SourceFile> Files, IReadOnlyList<Imported> Manifests, IReadOnlyList<LeftOut> LeftOut, ManifestSet Set, Plan Plan);

/// <summary>
/// Writes the manifests of a host that was set up by hand. What the kinds offer is loaded as a commit would be, and planned: what is refused, or would change anything, is left out
/// with the reason, until the plan adopts and does nothing else. So the promise is kept by the very code that will be asked to keep it.
/// </summary>
public sealed class HostImport(IReadOnlyList<IKind> kinds, KindSchemas schemas, StorageSystem storage)
{
    // Each kind names only what those before it offered.
    private static readonly string[] Order = ["Pool", "Dataset", "NfsExport", "SmbShare", "SnapshotSchedule", "Group", "User"];
    private static readonly string[] Shares = ["NfsExport", "SmbShare"];
    private static readonly FileProbe Users = new("import:passwd", "/etc/passwd");
    private static readonly FileProbe Groups = new("import:group", "/etc/group");
    private static readonly FileProbe Mounts = new("import:mounts", MountTable.Path);

    private readonly ManifestLoader loader = new(kinds, schemas);
    private readonly Planner planner = new(kinds);

    /// <summary>What to ask the host besides an observation.</summary>
    public static IReadOnlyList<Probe> Probes => [Users, Groups, Mounts];

    /// <summary>Pools that nobody looks for unless they are declared.</summary>
    public ManifestSet Seeds(Answers answers)
    {
        var seeds = storage.Backends.SelectMany(b => b.Discover(Table(answers)).Pools.Select(p => new Imported(new ResourceId("Pool", p), new JsonObject { ["backend"] = b.Name }, [])));
        return loader.Load([new SourceFile("seeds.yaml", Encoding.UTF8.GetBytes(string.Concat(seeds.Select(s => "---\n" + ImportFiles.Document(s)))))], null).Manifests;
    }

    /// <param name="seen">The host, observed with <see cref="Seeds"/>.</param>
    /// <param name="takeOver">Whether shares of foreign files are to be managed too; else they are only listed.</param>
    /// <param name="input">What a plan on some manifests would be a function of; nothing applied yet.</param>
    public async Task<ImportResult> RunAsync(string host, Answers answers, Observed seen, HostPaths paths, bool takeOver, Func<ManifestSet, Task<PlanInput>> input)
    {
        var leftOut = new List<LeftOut>(Strangers(answers));
        var offered = Offers(answers, seen, paths, leftOut);
        var shares = offered.Where(o => Shares.Contains(o.Id.Kind)).ToList();
        if (!takeOver)
        {
            offered.RemoveAll(shares.Contains);
            leftOut.AddRange(shares.Select(s => new LeftOut($"{s.Id}", "it is served by a file that is not ours; 'nasgitops import --take-over' writes a manifest that takes it over")));
        }

        while (true)
        {
            var set = Loaded(host, offered, leftOut);
            var plan = planner.Plan(await input(set));
            if (!ImportRepair.Mend(offered, plan, leftOut)) return new ImportResult(ImportFiles.Render(host, offered, leftOut), offered, leftOut, set, plan);
        }
    }

    private List<Imported> Offers(Answers answers, Observed seen, HostPaths paths, List<LeftOut> leftOut)
    {
        var accounts = new Accounts(
            Lines(answers, Users).Select(AccountsObserver.ParseUser).OfType<UserAccount>().DistinctBy(u => u.Name).ToDictionary(u => u.Name),
            Lines(answers, Groups).Select(AccountsObserver.ParseGroup).OfType<GroupAccount>().DistinctBy(g => g.Name).ToDictionary(g => g.Name));
        var offered = new List<Imported>();
        foreach (var kind in Order.Select(name => kinds.First(k => k.Name == name)))
        {
            var names = offered.Select(o => kinds.First(k => k.Name == o.Id.Kind).Parse(o.Id.Name, JObject.Parse(o.Spec.ToJsonString()))).OfType<IAccountUser>().ToList();
            var offer = kind.Import(new ImportContext(seen, paths, accounts, offered) { UserNames = [.. names.SelectMany(n => n.UserNames).Where(IsName)], GroupNames = [.. names.SelectMany(n => n.GroupNames).Where(IsName)] });
            offered.AddRange(offer.Manifests);
            leftOut.AddRange(offer.LeftOut);
        }

        return offered;
    }

    private static bool IsName(string nameOrNumber) => !nameOrNumber.All(char.IsAsciiDigit);

    /// <summary>The manifests as a commit would have them; what would be refused is mended or taken out.</summary>
    private ManifestSet Loaded(string host, List<Imported> offered, List<LeftOut> leftOut)
    {
        while (true)
        {
            var files = offered.Select((o, i) => new SourceFile($"{i}.yaml", Encoding.UTF8.GetBytes(ImportFiles.Document(o)))).ToList();
            var loaded = loader.Load(files, host);
            var errors = loaded.Problems.Where(p => p.Severity == Severity.Error).ToList();
            if (errors.Count == 0) return loaded.Manifests;
            ImportRepair.Mend(offered, errors, leftOut);
        }
    }

    /// <summary>File systems of a storage that we know, which are not laid out as pools here.</summary>
    private IEnumerable<LeftOut> Strangers(Answers answers) => storage.Backends.SelectMany(b => b.Discover(Table(answers)).Strangers
        .Select(s => new LeftOut($"{b.Name} file system at {s}", "it was not made here and is laid out in another way (docs/backends.md); to manage its data, copy it to a pool of ours")));

    private static MountTable Table(Answers answers) => MountTable.Parse(Lines(answers, Mounts));

    private static string[] Lines(Answers answers, FileProbe probe) => (answers.Find<FilesAnswer>(probe.Key)?.Files.GetValueOrDefault(probe.Path) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

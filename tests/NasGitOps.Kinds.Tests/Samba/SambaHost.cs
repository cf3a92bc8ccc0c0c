using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Kinds.Samba;
using NasGitOps.Kinds.SambaServer;
using NasGitOps.Kinds.SmbShare;
using NasGitOps.Testing.Model;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.Tests.Samba;

/// <summary>A host that is a few files: answers probes, takes steps, and reads its files as smbd would.</summary>
internal sealed class SambaHost
{
    public const string StockGlobals = "[global]\n   workgroup = WORKGROUP\n";

    public static readonly SmbShareKind Shares = new(BuiltInKinds.Storage);
    public static readonly SambaServerKind Servers = new();

    private static readonly HostPaths Host = new();
    private static readonly SambaPaths Paths = SambaPaths.Of(Host);

    public Dictionary<string, string> Files { get; } = new() { ["/etc/samba/smb.conf"] = StockGlobals };

    public string ServiceState { get; set; } = "active";

    public RunAnswer? TestparmFails { get; set; }

    public Dictionary<string, DatasetState> Datasets { get; } = [];

    public Accounts Accounts { get; set; } = Accounts.Empty;

    public List<Step> Taken { get; } = [];

    public string SmbConf
    {
        get => Files[Paths.SmbConf];
        set => Files[Paths.SmbConf] = value;
    }

    public static Manifest Share(string name, string spec) => Manifest(Shares, name, spec);

    public static Manifest Server(string spec) => Manifest(Servers, "default", spec);

    /// <summary>Manifests as the loader would hand them over, the implied server and the accounts' manifests among them.</summary>
    public static ManifestSet Set(params Manifest[] manifests)
    {
        var set = new ManifestSet(manifests);
        return new ManifestSet([.. manifests, .. Servers.Implied(set)]);
    }

    public PlanInput Input(ManifestSet manifests, params ResourceId[] owned)
    {
        var unmanaged = new List<UnmanagedThing>();
        var answers = Answers.None;
        var known = new Dictionary<string, Answer>();
        var context = new ObservationContext(manifests, owned, Host, answers);
        for (var asked = -1; asked != known.Count;)
        {
            asked = known.Count;
            foreach (var probe in Shares.Probes(context).Concat(Servers.Probes(context))) known[probe.Key] = Answer(probe);
            context = context with { Answers = new Answers(known) };
        }

        var kinds = new Dictionary<string, Reading<KindFacts>>
        {
            ["SmbShare"] = Shares.Observe(context, unmanaged),
            ["SambaServer"] = Servers.Observe(context, unmanaged),
        };
        var observed = new Observed(
            "nas",
            DateTimeOffset.UnixEpoch,
            new Dictionary<string, string>(),
            Reading<Named<PoolState>>.Known(new Named<PoolState>(new Dictionary<string, PoolState>())),
            new Dictionary<string, Reading<Named<DatasetState>>> { ["tank"] = Reading<Named<DatasetState>>.Known(new Named<DatasetState>(Datasets)) },
            Accounts,
            kinds,
            unmanaged);
        var desired = new Desired("c1", manifests, true, new Dictionary<string, Reading<string>>());
        return new PlanInput(desired, observed, OwnershipRecords.Empty, new Policy(), Host, DateTimeOffset.UnixEpoch);
    }

    /// <summary>What a pass does with everything declared and everything that went, in the order of stages.</summary>
    public void Apply(ManifestSet manifests)
    {
        var input = Input(manifests);
        foreach (var manifest in manifests.All.OrderBy(m => m.Id.Kind == "SmbShare"))
        {
            var kind = manifest.Id.Kind == "SmbShare" ? (IKind)Shares : Servers;
            var assessment = kind.Assess(manifest, input);
            if (assessment.Blocker is not null || assessment.Existence == Existence.Unknown) continue;
            var changes = Differences(assessment);
            if (changes.Count > 0) Take(kind.Build(manifest, ChangeAction.Update, changes, input).Steps);
        }

        foreach (var id in Shares.Owned(input).Where(id => !manifests.Contains(id))) Take(Shares.Absent(id, input).Steps);
        foreach (var id in Servers.Owned(input).Where(id => !manifests.Contains(id))) Take(Servers.Absent(id, input).Steps);
    }

    public static List<FieldChange> Differences(Assessment assessment) =>
        [.. assessment.Fields.Where(f => !f.Equal).Select(f => new FieldChange(f.Name, f.Actual, f.Desired, f.Source, Cause.Commit, f.Note))];

    public string Testparm() => SimulatedTestparm.Print(Files, Paths.SmbConf);

    private void Take(IEnumerable<Step> steps)
    {
        foreach (var step in steps)
        {
            Taken.Add(step);
            switch (step)
            {
                case InstallFile install:
                    Files[install.Path] = install.Content;
                    break;
                case DeleteFile delete:
                    Files.Remove(delete.Path);
                    break;
                case Run:
                    ServiceState = "active";
                    break;
            }
        }
    }

    private Answer Answer(Probe probe) => probe switch
    {
        FileProbe file => new FilesAnswer(Files.Where(f => f.Key == file.Path).ToDictionary()),
        FolderProbe folder => new FilesAnswer(Files.Where(f => f.Key.StartsWith(folder.Folder + "/", StringComparison.Ordinal)).ToDictionary()),
        RunProbe { Command.Tool: "testparm" } => TestparmFails ?? new RunAnswer(0, Testparm(), ""),
        RunProbe { Command.Tool: "systemctl" } => new RunAnswer(ServiceState == "active" ? 0 : 3, ServiceState + "\n", ""),
        _ => throw new InvalidOperationException($"nobody answers {probe}"),
    };

    private static Manifest Manifest(IKind kind, string name, string spec) => new(
        new ResourceId(kind.Name, name),
        new Provenance("nas.yaml", 1, 1),
        new Dictionary<string, string>(),
        new Dictionary<string, string>(),
        [],
        Suspend: false,
        DriftMode.Enforce,
        kind.Parse(name, JObject.Parse(spec)),
        _ => (1, 1));
}

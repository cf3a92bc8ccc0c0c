using NasGitOps.Core.Manifests;
using NasGitOps.Core.Observation;
using NasGitOps.Core.Ownership;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Kinds.Group;
using NasGitOps.Kinds.User;
using Newtonsoft.Json.Linq;

namespace NasGitOps.Kinds.Tests.AccountKinds;

/// <summary>A host of accounts: answers getent and pdbedit, and takes useradd, usermod, gpasswd, groupadd and smbpasswd.</summary>
internal sealed class AccountHost
{
    public static readonly UserKind Users = new();
    public static readonly GroupKind Groups = new();
    private static readonly Planner Planner = new([Groups, Users]);

    public Dictionary<string, (uint Uid, uint Gid)> Passwd { get; } = [];

    public Dictionary<string, (uint Gid, SortedSet<string> Members)> Group { get; } = [];

    /// <summary>SMB accounts, and whether they are enabled.</summary>
    public Dictionary<string, bool> Smb { get; } = [];

    public Dictionary<string, Reading<string>> Fingerprints { get; } = [];

    public Dictionary<ResourceId, Applied> Records { get; } = [];

    public Dictionary<string, Answer> Failing { get; } = [];

    public List<string> Commands { get; } = [];

    public static Manifest User(string name, string spec) => Manifest(new ResourceId("User", name), UserSpec.Parse(name, JObject.Parse(spec)));

    public static Manifest GroupOf(string name, uint gid) => Manifest(new ResourceId("Group", name), new GroupSpec(name, gid));

    public void AddGroup(string name, uint gid, params string[] members) => Group[name] = (gid, new SortedSet<string>(members));

    public PlanInput Input(params Manifest[] manifests)
    {
        var set = new ManifestSet(manifests);
        var context = new ObservationContext(set, [.. Records.Keys], new HostPaths(), Answers.None);
        var probes = AccountsObserver.Probes(context).Concat(Users.Probes(context)).Concat(Groups.Probes(context)).ToList();
        context = context with { Answers = new Answers(probes.ToDictionary(p => p.Key, p => Failing.GetValueOrDefault(p.Key) ?? Answer(p))) };
        var kinds = new Dictionary<string, Reading<KindFacts>> { ["User"] = Users.Observe(context, []), ["Group"] = Groups.Observe(context, []) };
        var observed = new Observed(
            "nas", DateTimeOffset.UnixEpoch, new Dictionary<string, string>(),
            Reading<Named<PoolState>>.Known(new Named<PoolState>(new Dictionary<string, PoolState>())),
            new Dictionary<string, Reading<Named<DatasetState>>>(), AccountsObserver.Read(context), kinds, []);
        return new PlanInput(
            new Desired("c1", set, true, Fingerprints), observed, new OwnershipRecords(null, Records, []), new Policy(), new HostPaths(), DateTimeOffset.UnixEpoch);
    }

    public Plan Plan(params Manifest[] manifests) => Planner.Plan(Input(manifests));

    /// <summary>Applies what may be applied, and keeps the records as an executor does.</summary>
    public Plan Apply(params Manifest[] manifests)
    {
        var input = Input(manifests);
        var plan = Planner.Plan(input);
        foreach (var change in plan.ToApply)
        {
            foreach (var step in change.Steps.Cast<Run>()) Take(step.Command);
            if (input.Desired.Manifests.Find(change.Id) is not { } manifest)
            {
                Records.Remove(change.Id);
                continue;
            }

            IKind kind = change.Id.Kind == "User" ? Users : Groups;
            var fields = kind.Assess(manifest, input).Fields.Where(f => f.Desired is not null).ToDictionary(f => f.Name, f => f.Desired!);
            var secrets = ((manifest.Spec as ISecretUser)?.SecretRefs ?? []).Where(s => Fingerprints.GetValueOrDefault(s)?.Value is not null).ToDictionary(s => s, s => Fingerprints[s].Value!);
            Records[change.Id] = new Applied(change.Id, "c1", fields, secrets);
        }

        return plan;
    }

    private void Take(Command command)
    {
        Commands.Add(command.ToString());
        var a = command.Arguments.ToList();
        string After(string option) => a[a.IndexOf(option) + 1];
        switch (command.Tool)
        {
            case "groupadd":
                AddGroup(a[^1], a.Contains("-g") ? uint.Parse(After("-g"), null) : 4000);
                break;
            case "useradd":
                var uid = uint.Parse(After("-u"), null);
                Passwd.Add(a[^1], (uid, Group[After("-g")].Gid));
                if (a.Contains("-G")) Array.ForEach(After("-G").Split(','), g => Group[g].Members.Add(a[^1]));
                break;
            case "usermod" when a[0] == "-aG":
                Group[a[1]].Members.Add(a[2]);
                break;
            case "usermod":
                Passwd[a[2]] = (Passwd[a[2]].Uid, Group[a[1]].Gid);
                break;
            case "gpasswd":
                Assert.True(Group[a[2]].Members.Remove(a[1]), "gpasswd ends with 3 for one that is no member");
                break;
            case "smbpasswd":
                Smb[a[^1]] = !a.Contains("-d");
                break;
            default: throw new InvalidOperationException(command.ToString());
        }
    }

    private Answer Answer(Probe probe) => probe switch
    {
        RunProbe { Command: { Tool: "getent" } c } when c.Arguments[0] == "passwd" => Getent(c, Passwd.Select(u => (u.Key, $"{u.Value.Uid}", $"{u.Key}:x:{u.Value.Uid}:{u.Value.Gid}::/home/x:/bin/bash"))),
        RunProbe { Command: { Tool: "getent" } c } => Getent(c, Group.Select(g => (g.Key, $"{g.Value.Gid}", $"{g.Key}:x:{g.Value.Gid}:{string.Join(',', g.Value.Members)}"))),
        RunProbe { Command.Tool: "pdbedit" } => new RunAnswer(0, string.Concat(Smb.Select(s => $"---------------\nUnix username:        {s.Key}\nAccount Flags:        [{(s.Value ? "U " : "DU")}         ]\n")), ""),
        FileProbe { Path: "/etc/group" } => new FilesAnswer(new Dictionary<string, string>
        {
            ["/etc/group"] = string.Concat(Group.Select(g => $"{g.Key}:x:{g.Value.Gid}:{string.Join(',', g.Value.Members)}\n")),
        }),
        _ => throw new InvalidOperationException($"{probe}"),
    };

    /// <summary>Exit code 2 where a key is missing, with the others' lines, as recorded on Debian 13.</summary>
    private static RunAnswer Getent(Command command, IEnumerable<(string Name, string Number, string Line)> all)
    {
        var keys = command.Arguments.Skip(1).ToList();
        var lines = keys.SelectMany(k => all.Where(a => a.Name == k || a.Number == k).Take(1)).Select(a => a.Line + "\n").ToList();
        return new RunAnswer(lines.Count < keys.Count ? 2 : 0, string.Concat(lines), "");
    }

    private static Manifest Manifest(ResourceId id, ResourceSpec spec) => new(
        id, new Provenance("a.yaml", 1, 1), new Dictionary<string, string>(), new Dictionary<string, string>(), [], false, DriftMode.Enforce, spec, _ => (1, 1));
}
